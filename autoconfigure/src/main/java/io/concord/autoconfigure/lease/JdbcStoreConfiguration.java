package io.concord.autoconfigure.lease;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.jdbc.metadata.CompositeDataSourcePoolMetadataProvider;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadata;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadataProvider;
import org.springframework.boot.sql.init.dependency.DatabaseInitializationDependencyConfigurer;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import io.concord.autoconfigure.ConcordProperties;
import io.concord.lease.LeaseStore;
import io.concord.lease.jdbc.JdbcLeaseStore;

@Configuration(proxyBeanMethods = false)
@ConditionalOnClass({ DatabaseInitializationDependencyConfigurer.class, ResourceDatabasePopulator.class })
@Import(DatabaseInitializationDependencyConfigurer.class)
class JdbcStoreConfiguration {

	static final String BEAN_NAME = "concordJdbcStoreFactory";

	private static final int LEAST_POOL_THAT_LISTENS = 3;

	/**
	 * A bean of its own, so that only who uses the database waits for its migrations: a
	 * lock on Redis may well be taken around them.
	 */
	@Bean(BEAN_NAME)
	@DependsOnDatabaseInitialization
	StoreFactory concordJdbcStoreFactory(ConcordProperties properties, ObjectProvider<PoolSize> poolSize) {
		return (client, namespace) -> create((DataSource) client, namespace, properties.getJdbc(),
				poolSize.getIfAvailable(() -> (dataSource) -> null));
	}

	private static LeaseStore create(DataSource dataSource, String namespace, ConcordProperties.Jdbc properties,
			PoolSize poolSize) {
		JdbcLeaseStore.Builder builder = JdbcLeaseStore.builder(dataSource)
			.namespace(namespace)
			.retention(Durations.positive("concord.jdbc.retention", properties.getRetention()))
			.pollInterval(Durations.positive("concord.jdbc.poll-interval", properties.getPollInterval()))
			.notifications(isToNotify(dataSource, properties.getNotifications(), poolSize));
		return new LeaseSchema(dataSource, properties, JdbcLeaseStore::schemaLocation)
			.open(() -> builder.tablePrefix(properties.getTablePrefix()).build());
	}

	/** A pool can spare the connection that listens, if two are left. */
	private static boolean isToNotify(DataSource dataSource, @Nullable Boolean wanted, PoolSize poolSize) {
		if (wanted != null) {
			return wanted;
		}
		Integer max = poolSize.max(dataSource);
		return max == null || max >= LEAST_POOL_THAT_LISTENS;
	}

	/** How large connection pools are, as far as that is known. */
	interface PoolSize {

		@Nullable Integer max(DataSource dataSource);

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(DataSourcePoolMetadataProvider.class)
	static class PoolSizeConfiguration {

		@Bean
		PoolSize concordPoolSize(ObjectProvider<DataSourcePoolMetadataProvider> providers) {
			return (dataSource) -> {
				DataSourcePoolMetadata pool = new CompositeDataSourcePoolMetadataProvider(
						providers.orderedStream().toList())
					.getDataSourcePoolMetadata(dataSource);
				return (pool != null) ? pool.getMax() : null;
			};
		}

	}

}
