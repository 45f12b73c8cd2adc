package io.concord.autoconfigure.loadbalancer;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

import io.concord.loadbalancer.Balancer;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of the health of the services that
 * are called.
 */
@AutoConfiguration(after = LoadBalancerAutoConfiguration.class)
@ConditionalOnClass({ Balancer.class, HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean(ServiceBalancers.class)
public final class LoadBalancerHealthAutoConfiguration {

	@Bean
	@ConditionalOnEnabledHealthIndicator("concord")
	@ConditionalOnMissingBean(name = "concordLoadBalancerHealthIndicator")
	LoadBalancerHealthIndicator concordLoadBalancerHealthIndicator(ServiceBalancers balancers) {
		return new LoadBalancerHealthIndicator(balancers);
	}

}
