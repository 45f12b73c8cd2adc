package io.concord.autoconfigure.ratelimit;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;

import io.concord.autoconfigure.actuate.EndpointFeature;
import io.concord.ratelimit.DefaultRateLimits;
import io.concord.ratelimit.RateLimits;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of what the actuator shows of rate
 * limits.
 */
@AutoConfiguration(after = RateLimitAutoConfiguration.class)
@ConditionalOnClass({ RateLimits.class, Endpoint.class })
@ConditionalOnBean(DefaultRateLimits.class)
@ImportRuntimeHints(RateLimitEndpointAutoConfiguration.Hints.class)
public final class RateLimitEndpointAutoConfiguration {

	@Bean
	EndpointFeature concordRateLimitEndpointFeature(DefaultRateLimits limits, ObjectProvider<RateLimitRules> rules) {
		return new RateLimitEndpointFeature(limits, rules.getIfAvailable());
	}

	/** What is written as JSON; the endpoint declares only an interface. */
	static final class Hints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			new BindingReflectionHintsRegistrar().registerReflectionHints(hints.reflection(),
					RateLimitEndpointFeature.Here.class, RateLimitEndpointFeature.Anywhere.class,
					RateLimitEndpointFeature.Reset.class, RateLimitEndpointFeature.Changed.class);
		}

	}

}
