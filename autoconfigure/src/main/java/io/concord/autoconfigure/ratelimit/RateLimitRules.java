package io.concord.autoconfigure.ratelimit;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.ratelimit.DefaultRateLimits;
import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.RateRule;

/**
 * Sees at start to it that there are stores for the rules, and defines those of the
 * environment anew when that has changed: after Spring Cloud's event, which is known by
 * name, as it may not be there. Rules that have gone from the environment stay. If one of
 * the new ones is wrong, none of them is defined.
 */
final class RateLimitRules implements SmartInitializingSingleton, ApplicationListener<ApplicationEvent> {

	private static final Logger logger = LoggerFactory.getLogger(RateLimitRules.class);

	/** Where a change is bound: names of rules are none of properties. */
	private static final String CHANGED = "changed";

	private static final String ENVIRONMENT_CHANGED = "org.springframework.cloud.context.environment.EnvironmentChangeEvent";

	private final DefaultRateLimits limits;

	private final RateLimitStores stores;

	private final Environment environment;

	RateLimitRules(DefaultRateLimits limits, RateLimitStores stores, Environment environment) {
		this.limits = limits;
		this.stores = stores;
		this.environment = environment;
	}

	@Override
	public void afterSingletonsInstantiated() {
		boolean rates = false;
		boolean members = false;
		boolean concurrency = false;
		for (RateRule rule : this.limits.rules()) {
			boolean counted = !rule.rates().isEmpty();
			rates |= counted;
			concurrency |= !counted;
			members |= counted && (rule.onFailure() == RateRule.OnFailure.SHARE || rule.overAdmission() > 0);
		}
		this.stores.require(rates, members, concurrency);
		this.limits.rules().forEach(this::check);
		if (rates && logger.isInfoEnabled()) {
			RateLimitStore store = this.stores.rates();
			logger.info("Rate limits: {} rules, counted in {}", this.limits.rules().size(), store.describe());
		}
	}

	@Override
	public void onApplicationEvent(ApplicationEvent event) {
		if (event.getClass().getName().equals(ENVIRONMENT_CHANGED)) {
			try {
				Map<String, RateLimitProperties.Rule> described = Binder.get(this.environment)
					.bind(RateLimitProperties.PREFIX + ".rules",
							Bindable.mapOf(String.class, RateLimitProperties.Rule.class))
					.orElseGet(LinkedHashMap::new);
				List<RateRule> rules = RateLimitProperties.rules(described);
				rules.forEach(this::check);
				rules.forEach(this::define);
			}
			catch (RuntimeException ex) {
				logger.error("The rules of rate limits stay as they are, as those of the environment are wrong", ex);
			}
		}
	}

	/**
	 * Changes a rule of this process.
	 * @param values what to change, as {@code rate=20/m,100/h; burst=5}
	 * @return the rule from now on
	 * @throws IllegalArgumentException if there is no such rule, or it can't be so
	 */
	RateRule change(String name, String values) {
		RateRule before = this.limits.rule(name)
			.orElseThrow(() -> new IllegalArgumentException("There is no rate limit '" + name + "'"));
		try {
			RateRule rule = new Binder(new MapConfigurationPropertySource(parse(values)))
				.bind(CHANGED,
						Bindable.of(RateLimitProperties.Rule.class)
							.withExistingValue(RateLimitProperties.Rule.of(before)),
						new NoUnboundElementsBindHandler(BindHandler.DEFAULT))
				.orElseThrow(() -> noChange(values, null))
				.toRule(name);
			check(rule);
			define(rule);
			return rule;
		}
		catch (InvalidConcordConfigurationException ex) {
			throw new IllegalArgumentException(ex.getMessage() + " " + ex.getAction(), ex);
		}
		catch (BindException ex) {
			throw noChange(values, ex);
		}
	}

	private static IllegalArgumentException noChange(String values, @Nullable Throwable cause) {
		return new IllegalArgumentException("'" + values
				+ "' is no change of a rate limit. Name properties of rules and their values, such as 'rate=20/m; burst=5'",
				cause);
	}

	private static Map<String, String> parse(String values) {
		Map<String, String> parsed = new LinkedHashMap<>();
		for (String value : values.split(";")) {
			int equals = value.indexOf('=');
			if (equals < 1) {
				throw noChange(values, null);
			}
			parsed.put(CHANGED + "." + value.substring(0, equals).strip(), value.substring(equals + 1).strip());
		}
		return parsed;
	}

	/** That those who limit can keep it. */
	private void check(RateRule rule) {
		boolean counted = !rule.rates().isEmpty();
		if (counted && !this.stores.rates().supports(rule)) {
			throw new InvalidConcordConfigurationException(
					"Rate limit %s can't be kept in %s.".formatted(rule, this.stores.rates().describe()),
					"Use 'algorithm: fixed-window' and one rate, or 'concord.ratelimit.local-limiter=concord'.");
		}
		if (!counted && !rule.maxWait().isZero() && !this.stores.concurrency().canWait()) {
			throw new InvalidConcordConfigurationException(
					"The property '%s.rules.%s.max-wait' of rate limit '%s' is set, but bulkheads of resilience4j let nobody wait."
						.formatted(RateLimitProperties.PREFIX, rule.name(), rule.name()),
					"Remove it, or use 'concord.ratelimit.local-limiter=concord'.");
		}
	}

	private void define(RateRule rule) {
		if (!this.limits.rule(rule.name()).filter(rule::equals).isPresent()) {
			logger.info("Rate limit {} is changed", rule);
			this.limits.define(rule);
		}
	}

}
