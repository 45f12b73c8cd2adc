package io.concord.autoconfigure.ratelimit;

import java.util.LinkedHashMap;
import java.util.Map;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;

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
				RateLimitProperties.rules(described).forEach(this::define);
			}
			catch (RuntimeException ex) {
				logger.error("The rules of rate limits stay as they are, as those of the environment are wrong", ex);
			}
		}
	}

	private void define(RateRule rule) {
		if (!this.limits.rule(rule.name()).filter(rule::equals).isPresent()) {
			logger.info("Rate limit {} is changed", rule);
			this.limits.define(rule);
		}
	}

}
