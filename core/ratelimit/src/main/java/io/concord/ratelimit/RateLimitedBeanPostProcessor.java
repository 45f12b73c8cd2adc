package io.concord.ratelimit;

import java.lang.reflect.AnnotatedElement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.function.SingletonSupplier;

import io.concord.invocation.AnnotatedMethod;
import io.concord.invocation.AnnotatedMethodBeanPostProcessor;
import io.concord.invocation.Durations;
import io.concord.invocation.KeyExpression;
import io.concord.invocation.OtherwiseAction;
import io.concord.invocation.ReturnKind;

/**
 * Makes {@link RateLimited} work: puts its advice around the annotated methods of all
 * beans, and refuses those that can't work with an
 * {@link io.concord.invocation.InvalidAnnotationException}.
 *
 * <p>
 * To be declared by a static {@code @Bean} method, as any post-processor. It asks for the
 * limits when the first annotated bean is created; they must not open their store for
 * that.
 */
@SuppressWarnings("serial")
public final class RateLimitedBeanPostProcessor
		extends AnnotatedMethodBeanPostProcessor<RateLimited, List<RateLimitedOperation>> {

	private static final int LONGEST_NAME = 64;

	private final Supplier<RateLimits> limits;

	/**
	 * Creates the post-processor.
	 * @param limits the limits; asked for once
	 */
	public RateLimitedBeanPostProcessor(Supplier<? extends RateLimits> limits) {
		super(RateLimited.class);
		this.limits = SingletonSupplier.of(limits::get);
	}

	@Override
	protected List<RateLimitedOperation> resolve(AnnotatedMethod<RateLimited> method) {
		ReturnKind returns = ReturnKind.of(method, "the limit would be left before the work is done");
		List<RateLimitedOperation> operations = new ArrayList<>();
		for (AnnotatedMethod<RateLimited> one : all(method)) {
			operations.add(resolve(one, returns));
		}
		return operations;
	}

	/** All of the annotations that stand where the first one does. */
	private static List<AnnotatedMethod<RateLimited>> all(AnnotatedMethod<RateLimited> method) {
		AnnotatedElement bearer = (method.source() != null) ? method.method() : method.targetClass();
		List<MergedAnnotation<RateLimited>> found = MergedAnnotations.from(bearer, SearchStrategy.TYPE_HIERARCHY)
			.stream(RateLimited.class)
			.toList();
		return found.stream()
			.filter((annotation) -> Objects.equals(annotation.getSource(), found.get(0).getSource()))
			.map((annotation) -> new AnnotatedMethod<>(method.method(), method.targetClass(), annotation.synthesize(),
					method.source()))
			.toList();
	}

	private RateLimitedOperation resolve(AnnotatedMethod<RateLimited> method, ReturnKind returns) {
		RateLimited annotation = method.annotation();
		RateRule rule = rule(method);
		KeyExpression key = annotation.key().isEmpty() ? null : KeyExpression.parse(method, annotation.key(), Set.of());
		String maxWait = resolvePlaceholders(method, "maxWait", annotation.maxWait());
		Duration wait = maxWait.isBlank() ? null : Durations.parse(method, "maxWait", maxWait);
		if (wait != null && !wait.isZero() && !rule.canWait()) {
			throw method.invalid("has a maxWait, but rate limit " + rule + " can't tell how long to wait",
					"Remove it, or use one of the algorithms token-bucket without a warm-up, leaky-bucket and concurrency.");
		}
		return new RateLimitedOperation(rule.name(), key, permits(method, rule), wait, otherwise(method), returns);
	}

	private RateRule rule(AnnotatedMethod<RateLimited> method) {
		RateLimited annotation = method.annotation();
		String name = resolvePlaceholders(method, "rule", annotation.rule());
		if (annotation.rate().length == 0 && annotation.limit() == 0) {
			if (name.isEmpty()) {
				throw method.invalid("names no rule", "Name one of 'concord.ratelimit.rules', or set a rate.");
			}
			return this.limits.get()
				.rule(name)
				.orElseThrow(() -> method.invalid("names the rule '" + name + "', which does not exist",
						"Describe it by 'concord.ratelimit.rules." + name + "', or set a rate here. Known are: "
								+ this.limits.get().rules().stream().map(RateRule::name).sorted().toList() + "."));
		}
		RateRule described = described(method, name);
		RateRule present = this.limits.get().rule(described.name()).orElse(null);
		if (present == null) {
			this.limits.get().define(described);
		}
		else if (!present.equals(described)) {
			throw method.invalid(
					"describes the rule '" + described.name() + "' otherwise than it is described elsewhere",
					"Give it another name, or remove its rate to use that rule: " + present + ".");
		}
		return described;
	}

	private RateRule described(AnnotatedMethod<RateLimited> method, String name) {
		RateLimited annotation = method.annotation();
		String qualified = method.qualifiedMethodName().replaceAll("[^A-Za-z0-9._:-]", "_");
		String shortened = qualified.substring(Math.max(0, qualified.length() - LONGEST_NAME));
		try {
			RateRule.Builder builder = RateRule.builder(name.isEmpty() ? shortened : name)
				.algorithm(annotation.algorithm())
				.limit(annotation.limit());
			for (String rate : annotation.rate()) {
				builder.rate(resolvePlaceholders(method, "rate", rate));
			}
			return builder.build();
		}
		catch (InvalidRateRuleException ex) {
			throw method.invalid("describes a rule whose " + ex.getAttribute() + " " + ex.getProblem(), ex.getFix());
		}
	}

	private long permits(AnnotatedMethod<RateLimited> method, RateRule rule) {
		String text = resolvePlaceholders(method, "permits", method.annotation().permits());
		long permits;
		try {
			permits = Long.parseLong(text.strip());
		}
		catch (NumberFormatException ex) {
			throw method.invalid("has permits that are no number: '" + text + "'", "Use a whole number such as 1.");
		}
		if (permits < 1 || permits > rule.mostPermits()) {
			throw method.invalid(
					"asks rate limit " + rule + " for " + permits + " permits, which grants 1 to " + rule.mostPermits(),
					"Correct the permits, or raise the burst of the rule.");
		}
		return permits;
	}

	private static OtherwiseAction otherwise(AnnotatedMethod<RateLimited> method) {
		return OtherwiseAction.of(method, method.annotation().otherwise(), method.annotation().fallback(),
				RateLimitedException.class);
	}

	@Override
	protected void registerHints(AnnotatedMethod<RateLimited> method, RuntimeHints hints) {
		all(method).forEach((one) -> otherwise(one).registerHints(hints.reflection()));
	}

	@Override
	protected @Nullable Object invoke(ProxyMethodInvocation invocation, List<RateLimitedOperation> operations)
			throws Throwable {
		return RateLimitedOperation.invoke(invocation, operations, this.limits.get());
	}

}
