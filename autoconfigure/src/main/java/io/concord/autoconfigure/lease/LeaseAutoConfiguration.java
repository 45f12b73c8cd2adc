package io.concord.autoconfigure.lease;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.env.Environment;

import io.concord.autoconfigure.ConcordProperties;
import io.concord.lease.LeaseEngine;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of what leases are kept in. Opens
 * nothing before a feature asks for it.
 */
@AutoConfiguration(afterName = { "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
		"org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration" })
@ConditionalOnClass(LeaseEngine.class)
@EnableConfigurationProperties(ConcordProperties.class)
@Import({ JdbcStoreConfiguration.class, RedisStoreConfiguration.class, ZooKeeperStoreConfiguration.class,
		CommitChecksConfiguration.class, GuardConfiguration.class })
@ImportRuntimeHints(LeaseRuntimeHints.class)
public final class LeaseAutoConfiguration {

	private static final String LEASE_STORES = "concordLeaseStores";

	@Bean(LEASE_STORES)
	@ConditionalOnMissingBean(LeaseStores.class)
	DefaultLeaseStores concordLeaseStores(ConcordProperties properties, ConfigurableListableBeanFactory beanFactory,
			Environment environment) {
		return new DefaultLeaseStores(LEASE_STORES, properties, beanFactory, environment);
	}

	@Bean
	StoreClients concordStoreClients(ConcordProperties properties, ConfigurableListableBeanFactory beanFactory,
			Environment environment) {
		return new DefaultStoreClients(properties, beanFactory, environment);
	}

}
