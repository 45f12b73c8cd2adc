package io.concord.autoconfigure.loadbalancer;

import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

import io.concord.loadbalancer.Balancer;
import io.concord.loadbalancer.BalancerObserver;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of meters of load balancing.
 */
@AutoConfiguration(after = LoadBalancerAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass({ Balancer.class, MeterRegistry.class })
@ConditionalOnBean({ ServiceBalancers.class, MeterRegistry.class })
public final class LoadBalancerMetricsAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(BalancerObserver.class)
	MeterBalancerObserver concordBalancerObserver(MeterRegistry registry) {
		return new MeterBalancerObserver(registry);
	}

	@Bean
	LoadBalancerMeters concordLoadBalancerMeters(ServiceBalancers balancers, MeterRegistry registry) {
		return new LoadBalancerMeters(balancers, registry);
	}

}
