package io.concord.autoconfigure.ratelimit;

import java.util.Comparator;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

import io.concord.autoconfigure.actuate.EndpointFeature;
import io.concord.autoconfigure.actuate.FeatureUnavailableException;
import io.concord.lease.LeaseStoreException;
import io.concord.ratelimit.DefaultRateLimits;
import io.concord.ratelimit.RateAlgorithm;
import io.concord.ratelimit.RateDecision;
import io.concord.ratelimit.RateLimitStatistics;
import io.concord.ratelimit.RateRule;
import io.concord.ratelimit.RefusedKey;
import io.concord.ratelimit.UnknownRateRuleException;

/**
 * Shows rate limits on the actuator endpoint. A name is that of a rule, or rule and key
 * with a slash between; to delete it resets the key, and to write changes the rule in
 * this process.
 */
final class RateLimitEndpointFeature implements EndpointFeature {

	private final DefaultRateLimits limits;

	private final @Nullable RateLimitRules rules;

	/**
	 * Creates the feature.
	 * @param rules changes rules; null if nobody can
	 */
	RateLimitEndpointFeature(DefaultRateLimits limits, @Nullable RateLimitRules rules) {
		this.limits = limits;
		this.rules = rules;
	}

	@Override
	public String selector() {
		return "ratelimits";
	}

	@Override
	public OperationResponseBody here(boolean showKeys) {
		return new Here(this.limits.rules()
			.stream()
			.sorted(Comparator.comparing(RateRule::name))
			.map((rule) -> describe(rule, showKeys))
			.toList());
	}

	private Rule describe(RateRule rule, boolean showKeys) {
		return new Rule(rule.name(), rule.algorithm(), rule.rates().stream().map(Object::toString).toList(),
				rule.burst(), rule.limit(), rule.onFailure(), rule.shadow(), this.limits.statistics(rule.name()),
				showKeys ? this.limits.topRefused(rule.name()) : List.of());
	}

	@Override
	public @Nullable OperationResponseBody change(String name, String values) {
		return (this.rules != null) ? new Changed(describe(this.rules.change(name, values), false)) : null;
	}

	@Override
	public @Nullable OperationResponseBody anywhere(String name) {
		return call(name, (rule, key) -> {
			RateDecision decision = this.limits.peek(rule, key);
			return new Anywhere(rule, key, decision.isAdmitted(), decision.remaining(),
					decision.retryAfter().toMillis());
		});
	}

	@Override
	public @Nullable OperationResponseBody release(String name) {
		return call(name, (rule, key) -> {
			this.limits.reset(rule, key);
			return new Reset(rule, key);
		});
	}

	private static OperationResponseBody call(String name, Call call) {
		int slash = name.indexOf('/');
		String rule = (slash < 0) ? name : name.substring(0, slash);
		try {
			return call.on(rule, (slash < 0) ? "" : name.substring(slash + 1));
		}
		catch (UnknownRateRuleException ex) {
			throw new IllegalArgumentException(ex.getMessage(), ex);
		}
		catch (LeaseStoreException ex) {
			throw new FeatureUnavailableException(String.valueOf(ex.getMessage()), ex);
		}
	}

	private interface Call {

		OperationResponseBody on(String rule, String key);

	}

	/**
	 * The rules of this process.
	 *
	 * @param rules by name
	 */
	record Here(List<Rule> rules) implements OperationResponseBody {
	}

	/**
	 * A rule.
	 *
	 * @param name its name
	 * @param algorithm how it counts
	 * @param rates its rates
	 * @param burst its burst, if it has one
	 * @param limit how many may run at the same time, if it limits that
	 * @param onFailure what happens if the store fails
	 * @param shadow whether it only counts
	 * @param calls what became of the calls in this process
	 * @param topRefused keys that were refused most often in this process, if they are
	 * counted and may be shown
	 */
	record Rule(String name, RateAlgorithm algorithm, List<String> rates, long burst, int limit,
			RateRule.OnFailure onFailure, boolean shadow, RateLimitStatistics calls, List<RefusedKey> topRefused) {
	}

	/**
	 * How a key does, in the store.
	 *
	 * @param rule name of the rule
	 * @param key the key
	 * @param admitted whether a call would be admitted
	 * @param remaining how many would, -1 if that is not known
	 * @param retryAfterMillis after how long one may be, if none is now
	 */
	record Anywhere(String rule, String key, boolean admitted, long remaining,
			long retryAfterMillis) implements OperationResponseBody {
	}

	/**
	 * What was changed.
	 *
	 * @param rule the rule from now on
	 */
	record Changed(Rule rule) implements OperationResponseBody {
	}

	/**
	 * What was reset.
	 *
	 * @param rule name of the rule
	 * @param key the key
	 */
	record Reset(String rule, String key) implements OperationResponseBody {
	}

}
