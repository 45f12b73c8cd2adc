package io.concord.sharding;

import java.util.Set;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.util.function.SingletonSupplier;

import io.concord.invocation.AnnotatedMethod;
import io.concord.invocation.AnnotatedMethodBeanPostProcessor;
import io.concord.invocation.KeyExpression;
import io.concord.invocation.ReturnKind;

/**
 * Makes {@link ShardBy} work: puts its advice around the annotated methods of all beans,
 * outside of their transactions, and refuses those that can't work with an
 * {@link io.concord.invocation.InvalidAnnotationException}.
 *
 * <p>
 * To be declared by a static {@code @Bean} method, as any post-processor. It asks for the
 * shardings when the first annotated bean is created; they must not open connections for
 * that.
 */
@SuppressWarnings("serial")
public final class ShardByBeanPostProcessor
		extends AnnotatedMethodBeanPostProcessor<ShardBy, ShardByBeanPostProcessor.Operation> {

	private final Supplier<Shardings> shardings;

	/**
	 * Creates the post-processor.
	 * @param shardings the shardings; asked for once
	 */
	public ShardByBeanPostProcessor(Supplier<Shardings> shardings) {
		super(ShardBy.class);
		this.shardings = SingletonSupplier.of(shardings);
	}

	@Override
	protected Operation resolve(AnnotatedMethod<ShardBy> method) {
		if (ReturnKind.of(method, "the shard would be left before the work is done") != ReturnKind.VALUE) {
			throw method.invalid(
					"is refused, as the method returns a " + method.returnType().getSimpleName()
							+ ": the shard belongs to the thread, and the work may go on on others",
					"Put the annotation on a method that does the work itself and returns when it is done.");
		}
		String key = method.annotation().key();
		if (key.isEmpty()) {
			throw method.invalid("has no key", "Say what to shard by, such as @ShardBy(\"#customerId\").");
		}
		return new Operation(sharding(method), KeyExpression.parse(method, key, Set.of()));
	}

	private Sharding sharding(AnnotatedMethod<ShardBy> method) {
		Shardings known = this.shardings.get();
		String name = resolvePlaceholders(method, "sharding", method.annotation().sharding());
		if (known.names().isEmpty()) {
			throw method.invalid("needs a sharding, and none is configured",
					"Describe one by 'concord.sharding.<name>.nodes'.");
		}
		if (name.isEmpty() && known.names().size() > 1) {
			throw method.invalid("does not say which sharding it means",
					"Name one by its 'sharding': " + sorted(known) + ".");
		}
		if (!name.isEmpty() && !known.names().contains(name)) {
			throw method.invalid("names the sharding '" + name + "', which does not exist",
					"Describe it by 'concord.sharding." + name + "', or use one of " + sorted(known) + ".");
		}
		return known.get(name.isEmpty() ? known.names().iterator().next() : name);
	}

	private static String sorted(Shardings shardings) {
		return shardings.names().stream().sorted().toList().toString();
	}

	/** NullAway does not see that the type argument may be null. */
	@Override
	@SuppressWarnings("NullAway")
	protected @Nullable Object invoke(ProxyMethodInvocation invocation, Operation operation) throws Throwable {
		ShardCall<@Nullable Object, Throwable> method = invocation::proceed;
		return operation.sharding().call(operation.key().evaluate(invocation.getArguments()), method);
	}

	/**
	 * What an annotation comes to.
	 *
	 * @param sharding the sharding
	 * @param key the key
	 */
	record Operation(Sharding sharding, KeyExpression key) {

	}

}
