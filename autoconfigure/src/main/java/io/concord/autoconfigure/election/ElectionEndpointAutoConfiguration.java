package io.concord.autoconfigure.election;

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
import io.concord.election.LeaderElections;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of what the actuator shows of
 * elections.
 */
@AutoConfiguration(after = ElectionAutoConfiguration.class)
@ConditionalOnClass({ LeaderElections.class, Endpoint.class })
@ConditionalOnBean(LeaderElections.class)
@ImportRuntimeHints(ElectionEndpointAutoConfiguration.Hints.class)
public final class ElectionEndpointAutoConfiguration {

	@Bean
	EndpointFeature concordElectionEndpointFeature(LeaderElections elections) {
		return new ElectionEndpointFeature(elections);
	}

	/** What is written as JSON; the endpoint declares only an interface. */
	static final class Hints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			new BindingReflectionHintsRegistrar().registerReflectionHints(hints.reflection(),
					ElectionEndpointFeature.Here.class, ElectionEndpointFeature.Anywhere.class,
					ElectionEndpointFeature.SteppedDown.class);
		}

	}

}
