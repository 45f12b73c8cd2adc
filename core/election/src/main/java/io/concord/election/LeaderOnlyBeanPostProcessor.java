package io.concord.election;

import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.util.function.SingletonSupplier;

import io.concord.invocation.AnnotatedMethod;
import io.concord.invocation.AnnotatedMethodBeanPostProcessor;
import io.concord.invocation.OtherwiseAction;
import io.concord.invocation.ReturnKind;
import io.concord.lease.guard.CommitChecks;
import io.concord.lease.guard.FencingGuard;

/**
 * Lets methods with {@link LeaderOnly} run on the leader only, and sees to it that there
 * are the elections that they name. What can't work fails when the bean is created, with
 * an {@link io.concord.invocation.InvalidAnnotationException}.
 */
@SuppressWarnings("serial")
public final class LeaderOnlyBeanPostProcessor
		extends AnnotatedMethodBeanPostProcessor<LeaderOnly, LeaderOnlyOperation> {

	private final Supplier<LeaderElections> elections;

	private final Supplier<ElectionServices> services;

	private Supplier<? extends @Nullable CommitChecks> commitChecks = () -> null;

	private Supplier<? extends @Nullable FencingGuard> fencingGuard = () -> null;

	/** Methods whose elections are yet to be declared. */
	private final Set<AnnotatedMethod<LeaderOnly>> undeclared = ConcurrentHashMap.newKeySet();

	/** One of the methods that are fenced, to be named in messages. */
	private volatile @Nullable AnnotatedMethod<LeaderOnly> fencedMethod;

	private volatile boolean started;

	/**
	 * Creates the post-processor.
	 * @param elections the elections; asked for once, when all singletons exist, if there
	 * is an annotated method
	 */
	public LeaderOnlyBeanPostProcessor(Supplier<? extends LeaderElections> elections) {
		super(LeaderOnly.class);
		this.elections = SingletonSupplier.of(elections::get);
		this.services = SingletonSupplier.of(() -> new ElectionServices(this.elections.get(), this.commitChecks.get(),
				SingletonSupplier.of(this::requireFencingGuard)));
	}

	/**
	 * Sets what lets transactions fail whose leadership was lost. Without it methods end
	 * with a {@link LeadershipLostException} all the same, and their transactions stay
	 * committed.
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

	/**
	 * Declares the elections that methods name, and checks that there is what guards
	 * fenced methods: a guard, with transactions that it can see.
	 */
	@Override
	public void afterSingletonsInstantiated() {
		super.afterSingletonsInstantiated();
		this.started = true;
		this.undeclared.forEach(this::declare);
		this.undeclared.clear();
		if (this.fencedMethod != null) {
			requireFencingGuard();
		}
	}

	private void declare(AnnotatedMethod<LeaderOnly> method) {
		try {
			this.elections.get().declare(name(method));
		}
		catch (IllegalArgumentException ex) {
			throw method.invalid("names an election that can't be",
					ex.getMessage() + " For a configured election use its name as it is written there.");
		}
	}

	private String name(AnnotatedMethod<LeaderOnly> method) {
		return resolvePlaceholders(method, "value", method.annotation().value());
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
	protected LeaderOnlyOperation resolve(AnnotatedMethod<LeaderOnly> method) {
		ReturnKind returns = ReturnKind.of(method, "nobody could tell when the work is done");
		String name = name(method);
		if (name.isBlank()) {
			throw method.invalid("names no election", "Name it: @LeaderOnly(\"reports\").");
		}
		OtherwiseAction otherwise = otherwise(method);
		OnRevoked onRevoked = method.annotation().onRevoked();
		if (onRevoked == OnRevoked.INTERRUPT && returns != ReturnKind.VALUE) {
			throw method.invalid(
					"has onRevoked = INTERRUPT, but the work of the method goes on after its thread has returned",
					"Leave it out: the result then fails with the loss. Or return a plain value.");
		}
		boolean fenced = fenced(method, returns);
		int leadershipIndex = leadershipIndex(method);
		if (this.started) {
			declare(method);
		}
		else {
			this.undeclared.add(method);
		}
		return new LeaderOnlyOperation(name, otherwise, returns, leadershipIndex, onRevoked, fenced);
	}

	private boolean fenced(AnnotatedMethod<LeaderOnly> method, ReturnKind returns) {
		if (!method.annotation().fenced()) {
			return false;
		}
		if (returns != ReturnKind.VALUE) {
			throw method.invalid(
					"has fenced = true, but the method returns before its work is done, and the transactions of other threads can't be guarded",
					"Return a plain value, or guard the transactions where they are made, by FencingGuard.");
		}
		this.fencedMethod = method;
		if (this.started) {
			requireFencingGuard();
		}
		return true;
	}

	private static OtherwiseAction otherwise(AnnotatedMethod<LeaderOnly> method) {
		return OtherwiseAction.of(method, method.annotation().otherwise(), method.annotation().fallback(),
				NotLeaderException.class);
	}

	@Override
	protected void registerHints(AnnotatedMethod<LeaderOnly> method, RuntimeHints hints) {
		otherwise(method).registerHints(hints.reflection());
	}

	private static int leadershipIndex(AnnotatedMethod<?> method) {
		int index = -1;
		Class<?>[] types = method.method().getParameterTypes();
		for (int i = 0; i < types.length; i++) {
			if (types[i] == Leadership.class) {
				if (index >= 0) {
					throw method.invalid("can't work, as the method has more than one parameter of type Leadership",
							"Leave one: the method is given its one leadership.");
				}
				index = i;
			}
		}
		return index;
	}

	@Override
	protected @Nullable Object invoke(ProxyMethodInvocation invocation, LeaderOnlyOperation operation)
			throws Throwable {
		return operation.invoke(invocation, this.services.get());
	}

}
