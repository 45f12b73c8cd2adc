package io.concord.autoconfigure.loadbalancer;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cloud.client.ConditionalOnDiscoveryEnabled;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.commons.util.InetUtils;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;

import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.autoconfigure.lease.LeaseStores;
import io.concord.lease.LeaseEngine;
import io.concord.loadbalancer.registry.LeaseRegistry;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of the registry of instances on
 * leases.
 */
@AutoConfiguration(after = LeaseAutoConfiguration.class)
@ConditionalOnClass({ LeaseRegistry.class, LeaseEngine.class, DiscoveryClient.class })
@ConditionalOnDiscoveryEnabled
@ConditionalOnBooleanProperty("concord.discovery.enabled")
@EnableConfigurationProperties(DiscoveryProperties.class)
public final class DiscoveryAutoConfiguration {

	@Bean
	LeaseDiscovery concordDiscoveryClient(DiscoveryProperties properties, LeaseStores stores,
			ObjectProvider<InetUtils> network, ApplicationContext context) {
		return new LeaseDiscovery(properties, () -> stores.engine(LeaseDiscovery.FEATURE, properties.getBackend()),
				network::getObject, context);
	}

	/**
	 * Bad configuration has to fail at start, also if beans are created lazily.
	 */
	@Bean
	static LazyInitializationExcludeFilter concordDiscoveryLazyInitializationExcludeFilter() {
		return LazyInitializationExcludeFilter.forBeanTypes(LeaseDiscovery.class);
	}

}
