package io.concord.lock;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ApplicationEventPublisherAware;
import org.springframework.util.function.SingletonSupplier;

import io.concord.invocation.AnnotatedMethod;
import io.concord.invocation.AnnotatedMethodBeanPostProcessor;
import io.concord.invocation.Durations;
import io.concord.invocation.KeyExpression;
import io.concord.invocation.OtherwiseAction;
import io.concord.invocation.ReturnKind;
import io.concord.lease.guard.CommitChecks;
import io.concord.lease.guard.FencingGuard;

/**
 * Makes {@link DistributedLock} work: puts its advice around the annotated methods of all
 * beans, and refuses those that can't work with an
 * {@link io.concord.invocation.InvalidAnnotationException}.
 *
 * <p>
 * To be declared by a static {@code @Bean} method, as any post-processor. It asks for the
 * locks at the first call of an annotated method, so it doesn't bring up a store while
 * other post-processors are yet to come.
 */
@SuppressWarnings("serial")
public final class DistributedLockBeanPostProcessor extends
		AnnotatedMethodBeanPostProcessor<DistributedLock, LockOperation> implements ApplicationEventPublisherAware {

	private final Supplier<LockServices> services;

	private final Supplier<LockSettings> settings;

	private final Supplier<Duration> minLeaseTime;

	private Supplier<? extends @Nullable CommitChecks> commitChecks = () -> null;

	private Supplier<? extends @Nullable FencingGuard> fencingGuard = () -> null;

	private @Nullable ApplicationEventPublisher events;

	/** One of the methods that are fenced, to be named in messages. */
	private volatile @Nullable AnnotatedMethod<DistributedLock> fencedMethod;

	private volatile boolean started;

	/**
	 * Creates the post-processor. Each supplier is asked once.
	 * @param locks the locks; asked for at the first call of an annotated method
	 * @param settings the defaults; asked for when the first annotated bean is created
	 * @param minLeaseTime the least lease time of the engine, twice the store's time-out;
	 * asked for when the first annotated bean with a lease time is created
	 */
	public DistributedLockBeanPostProcessor(Supplier<? extends DistributedLocks> locks, Supplier<LockSettings> settings,
			Supplier<Duration> minLeaseTime) {
		super(DistributedLock.class);
		this.services = SingletonSupplier.of(() -> new LockServices(locks.get(), this.commitChecks.get(),
				SingletonSupplier.of(this::requireFencingGuard), this.events));
		this.settings = SingletonSupplier.of(settings);
		this.minLeaseTime = SingletonSupplier.of(minLeaseTime);
	}

	/**
	 * Sets what lets transactions fail whose lock was lost. Without it methods end with a
	 * {@link LockLostException} all the same, and their transactions stay committed.
	 * @param commitChecks checks commits; asked for once, at the first call of an
	 * annotated method; gives null if there are no transactions
	 */
	public void setCommitChecks(Supplier<? extends @Nullable CommitChecks> commitChecks) {
		this.commitChecks = commitChecks;
	}

	/**
	 * Sets the guard of fenced methods. Without it they are refused.
	 * @param fencingGuard the guard; asked for when all singletons exist, if a method is
	 * fenced; gives null if there is none
	 */
	public void setFencingGuard(Supplier<? extends @Nullable FencingGuard> fencingGuard) {
		this.fencingGuard = fencingGuard;
	}

	@Override
	public void setApplicationEventPublisher(ApplicationEventPublisher events) {
		this.events = events;
	}

	/**
	 * Checks as well that there is what guards fenced methods: a guard, with transactions
	 * that it can see.
	 */
	@Override
	public void afterSingletonsInstantiated() {
		super.afterSingletonsInstantiated();
		this.started = true;
		if (this.fencedMethod != null) {
			requireFencingGuard();
		}
	}

	private FencingGuard requireFencingGuard() {
		AnnotatedMethod<?> method = Objects.requireNonNull(this.fencedMethod);
		FencingGuard guard = this.fencingGuard.get();
		if (guard == null) {
			throw method.invalid("has fenced = true, but there is no FencingGuard",
					"Let the application have a DataSource with a transaction manager: with Spring Boot, add the "
							+ "dependency 'org.springframework.boot:spring-boot-starter-jdbc' and set "
							+ "'spring.datasource.url'.");
		}
		if (!guard.coversTransactions()) {
			throw method.invalid("has fenced = true, but no transaction manager has the DataSource of the guard",
					"Define a JdbcTransactionManager or JpaTransactionManager for it, or choose the DataSource of the "
							+ "transactions for the guard: with Spring Boot, by 'concord.guard.data-source'.");
		}
		return guard;
	}

	@Override
	protected LockOperation resolve(AnnotatedMethod<DistributedLock> method) {
		ReturnKind returns = ReturnKind.of(method, "the lock would be released before the work is done");
		DistributedLock annotation = method.annotation();
		String name = resolvePlaceholders(method, "name", annotation.name());
		if (name.isEmpty()) {
			name = method.qualifiedMethodName();
		}
		if (name.length() > LockNames.MAX_LENGTH) {
			throw method.invalid("has a name of " + name.length() + " characters",
					"Shorten it to at most " + LockNames.MAX_LENGTH + " characters.");
		}
		KeyExpression key = annotation.key().isEmpty() ? null
				: KeyExpression.parse(method, annotation.key(), Set.of(HeldLock.class));
		Duration waitTime = duration(method, "waitTime", annotation.waitTime());
		Duration minHold = duration(method, "minHold", annotation.minHold());
		OtherwiseAction otherwise = otherwise(method);
		LockRequest terms = LockRequest.of(name)
			.waitTime((waitTime != null) ? waitTime : this.settings.get().waitTime())
			.leaseTime(leaseTime(method))
			.minHold((minHold != null) ? minHold : Duration.ZERO)
			.handOver(annotation.handOver());
		return new LockOperation(name, key, limited(method, terms), otherwise, returns, heldLockIndex(method),
				onLost(method, returns), fenced(method, returns));
	}

	private static LockRequest limited(AnnotatedMethod<DistributedLock> method, LockRequest terms) {
		int limit = method.annotation().limit();
		LockMode mode = method.annotation().mode();
		if (limit < 1) {
			throw method.invalid("has a limit of " + limit, "Use a limit of at least 1.");
		}
		if (limit > 1 && mode != LockMode.EXCLUSIVE) {
			throw method.invalid("has a limit of " + limit + " and mode = " + mode,
					"Leave out one of them: a limit for so many at a time, a mode for readers and writers.");
		}
		return (limit > 1) ? terms.limit(limit) : terms.mode(mode);
	}

	private static OnLost onLost(AnnotatedMethod<DistributedLock> method, ReturnKind returns) {
		OnLost onLost = method.annotation().onLost();
		if (onLost == OnLost.INTERRUPT && returns != ReturnKind.VALUE) {
			throw method.invalid(
					"has onLost = INTERRUPT, but the work of the method goes on after its thread has returned",
					"Leave it out: the result then fails with the loss. Or return a plain value.");
		}
		return onLost;
	}

	private boolean fenced(AnnotatedMethod<DistributedLock> method, ReturnKind returns) {
		if (!method.annotation().fenced()) {
			return false;
		}
		if (returns != ReturnKind.VALUE) {
			throw method.invalid(
					"has fenced = true, but the method returns before its work is done, and the transactions of other threads can't be guarded",
					"Return a plain value, or guard the transactions where they are made, by FencingGuard.");
		}
		if (method.annotation().limit() > 1) {
			throw method.invalid("has fenced = true and a limit of " + method.annotation().limit()
					+ ": no guard can tell which of several holders are stale", "Leave out one of them.");
		}
		this.fencedMethod = method;
		if (this.started) {
			requireFencingGuard();
		}
		return true;
	}

	private static OtherwiseAction otherwise(AnnotatedMethod<DistributedLock> method) {
		return OtherwiseAction.of(method, method.annotation().otherwise(), method.annotation().fallback(),
				LockUnavailableException.class);
	}

	@Override
	protected void registerHints(AnnotatedMethod<DistributedLock> method, RuntimeHints hints) {
		otherwise(method).registerHints(hints.reflection());
	}

	private @Nullable Duration leaseTime(AnnotatedMethod<DistributedLock> method) {
		Duration leaseTime = duration(method, "leaseTime", method.annotation().leaseTime());
		if (leaseTime != null && leaseTime.compareTo(this.minLeaseTime.get()) < 0) {
			throw method.invalid(
					"has a leaseTime of " + leaseTime.toMillis() + " ms, shorter than twice the store's time-out ("
							+ this.minLeaseTime.get().toMillis() + " ms)",
					"Use a leaseTime of at least " + this.minLeaseTime.get().toMillis()
							+ " ms, or none: the lock is then renewed while the method runs.");
		}
		return leaseTime;
	}

	private @Nullable Duration duration(AnnotatedMethod<?> method, String attribute, String value) {
		String resolved = resolvePlaceholders(method, attribute, value);
		return resolved.isBlank() ? null : Durations.parse(method, attribute, resolved);
	}

	private static int heldLockIndex(AnnotatedMethod<?> method) {
		int index = -1;
		Class<?>[] types = method.method().getParameterTypes();
		for (int i = 0; i < types.length; i++) {
			if (types[i] == HeldLock.class) {
				if (index >= 0) {
					throw method.invalid("can't work, as the method has more than one parameter of type HeldLock",
							"Leave one: the method is given its one lock.");
				}
				index = i;
			}
		}
		return index;
	}

	@Override
	protected @Nullable Object invoke(ProxyMethodInvocation invocation, LockOperation operation) throws Throwable {
		return operation.invoke(invocation, this.services.get());
	}

}
