package io.concord.autoconfigure.idgen;

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
import io.concord.idgen.LongIdGenerators;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of what the actuator shows of ids.
 */
@AutoConfiguration(after = IdgenAutoConfiguration.class)
@ConditionalOnClass({ LongIdGenerators.class, Endpoint.class })
@ConditionalOnBean(DefaultLongIdGenerators.class)
@ImportRuntimeHints(IdEndpointAutoConfiguration.Hints.class)
public final class IdEndpointAutoConfiguration {

	@Bean
	EndpointFeature concordIdEndpointFeature(DefaultLongIdGenerators generators) {
		return new IdEndpointFeature(generators);
	}

	/** What is written as JSON; the endpoint declares only an interface. */
	static final class Hints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			new BindingReflectionHintsRegistrar().registerReflectionHints(hints.reflection(),
					IdEndpointFeature.Here.class, IdEndpointFeature.Anywhere.class);
		}

	}

}
