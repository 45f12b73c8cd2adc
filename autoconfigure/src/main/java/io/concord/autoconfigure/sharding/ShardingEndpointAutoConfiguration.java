package io.concord.autoconfigure.sharding;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;

import io.concord.autoconfigure.actuate.EndpointFeature;
import io.concord.sharding.Shardings;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of what the actuator shows of
 * shardings.
 */
@AutoConfiguration(after = ShardingAutoConfiguration.class)
@ConditionalOnClass({ Shardings.class, Endpoint.class })
@ConditionalOnBean(Shardings.class)
@ImportRuntimeHints(ShardingEndpointAutoConfiguration.Hints.class)
public final class ShardingEndpointAutoConfiguration {

	@Bean
	EndpointFeature concordShardingEndpointFeature(Shardings shardings, ShardingProperties properties) {
		return new ShardingEndpointFeature(shardings, properties);
	}

	/** What is written as JSON; the endpoint declares only an interface. */
	static final class Hints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			new BindingReflectionHintsRegistrar().registerReflectionHints(hints.reflection(),
					ShardingEndpointFeature.Here.class, ShardingEndpointFeature.Shares.class,
					ShardingEndpointFeature.Owner.class, ShardingEndpointFeature.WhatIf.class);
		}

	}

}
