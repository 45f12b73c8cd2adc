package io.concord.autoconfigure.loadbalancer;

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
import io.concord.loadbalancer.Balancer;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of what the actuator shows of load
 * balancing.
 */
@AutoConfiguration(after = LoadBalancerAutoConfiguration.class)
@ConditionalOnClass({ Balancer.class, Endpoint.class })
@ConditionalOnBean(ServiceBalancers.class)
@ImportRuntimeHints(LoadBalancerEndpointAutoConfiguration.Hints.class)
public final class LoadBalancerEndpointAutoConfiguration {

	@Bean
	EndpointFeature concordLoadBalancerEndpointFeature(ServiceBalancers balancers) {
		return new LoadBalancerEndpointFeature(balancers, Clock.systemUTC());
	}

	/** What is written as JSON; the endpoint declares only an interface. */
	static final class Hints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			new BindingReflectionHintsRegistrar().registerReflectionHints(hints.reflection(),
					LoadBalancerEndpointFeature.Here.class);
		}

	}

}
