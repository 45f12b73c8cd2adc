package io.concord.autoconfigure.loadbalancer;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.cloud.client.ConditionalOnDiscoveryEnabled;
import org.springframework.cloud.loadbalancer.core.ReactorLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ReactorServiceInstanceLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;
import org.springframework.cloud.loadbalancer.support.LoadBalancerEnvironmentPropertyUtils;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Fallback;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * What the framework's context of each service gets. It comes after what the application
 * configures for single services and may come before what it configures for all; so it
 * backs off from the first and gives way to the second. Its simple name must differ from
 * that of the framework's own configuration, or that would replace it.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnDiscoveryEnabled
class BalancedClientConfiguration {

	@Bean
	@Fallback
	@ConditionalOnMissingBean(ReactorLoadBalancer.class)
	ReactorServiceInstanceLoadBalancer concordServiceInstanceLoadBalancer(Environment environment,
			ServiceBalancers balancers, ObjectProvider<ServiceInstanceListSupplier> supplier) {
		return new InstanceLoadBalancer(balancers.balancer(LoadBalancerClientFactory.getName(environment)),
				supplier::getIfAvailable);
	}

	@Bean
	@Fallback
	@ConditionalOnMissingBean(ServiceInstanceListSupplier.class)
	@Conditional(OnDefaultInstances.class)
	ServiceInstanceListSupplier concordServiceInstanceListSupplier(Environment environment,
			ServiceBalancers balancers) {
		return new WatchedInstances(balancers, LoadBalancerClientFactory.getName(environment));
	}

	/** Unless the service has one of the framework's special lists of instances. */
	static class OnDefaultInstances implements Condition {

		@Override
		public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
			return LoadBalancerEnvironmentPropertyUtils.equalToOrMissingForClientOrDefault(context.getEnvironment(),
					"configurations", "default");
		}

	}

}
