package io.concord.autoconfigure.lock;

import java.time.Clock;

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
import io.concord.lock.LockInspector;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of what the actuator shows of locks.
 */
@AutoConfiguration(after = LockAutoConfiguration.class)
@ConditionalOnClass({ LockInspector.class, Endpoint.class })
@ConditionalOnBean(LockInspector.class)
@ImportRuntimeHints(LockEndpointAutoConfiguration.Hints.class)
public final class LockEndpointAutoConfiguration {

	@Bean
	EndpointFeature concordLockEndpointFeature(LockInspector inspector) {
		return new LockEndpointFeature(inspector, Clock.systemUTC());
	}

	/** What is written as JSON; the endpoint declares only an interface. */
	static final class Hints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			new BindingReflectionHintsRegistrar().registerReflectionHints(hints.reflection(),
					LockEndpointFeature.Here.class, LockEndpointFeature.Anywhere.class,
					LockEndpointFeature.Released.class);
		}

	}

}
