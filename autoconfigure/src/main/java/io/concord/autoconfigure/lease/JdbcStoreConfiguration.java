package io.concord.autoconfigure.lease;

import javax.sql.DataSource;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.sql.init.dependency.DatabaseInitializationDependencyConfigurer;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import io.concord.autoconfigure.ConcordProperties;
import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.lease.LeaseStore;
import io.concord.lease.jdbc.JdbcLeaseStore;

@Configuration(proxyBeanMethods = false)
@ConditionalOnClass({ DatabaseInitializationDependencyConfigurer.class, ResourceDatabasePopulator.class })
@Import(DatabaseInitializationDependencyConfigurer.class)
class JdbcStoreConfiguration {

	static final String BEAN_NAME = "concordJdbcStoreFactory";

	/**
	 * A bean of its own, so that only who uses the database waits for its migrations: a
	 * lock on Redis may well be taken around them.
	 */
	@Bean(BEAN_NAME)
	@DependsOnDatabaseInitialization
	StoreFactory concordJdbcStoreFactory(ConcordProperties properties) {
		return (client, beanName, namespace) -> create((DataSource) client, namespace, properties.getJdbc());
	}

	private static LeaseStore create(DataSource dataSource, String namespace, ConcordProperties.Jdbc properties) {
		JdbcLeaseStore.Builder builder = JdbcLeaseStore.builder(dataSource).namespace(namespace);
		try {
			builder.tablePrefix(properties.getTablePrefix());
		}
		catch (IllegalArgumentException ex) {
			throw InvalidConcordConfigurationException.ofProperty("concord.jdbc.table-prefix",
					properties.getTablePrefix(), "which can't begin the name of a table: " + ex.getMessage(),
					"Use a plain identifier of letters, digits and underscores, such as 'concord_', or one with a schema in front, such as 'shared.concord_'.");
		}
		builder.retention(Durations.positive("concord.jdbc.retention", properties.getRetention()));
		builder.pollInterval(Durations.positive("concord.jdbc.poll-interval", properties.getPollInterval()));
		new LeaseSchema(dataSource, properties).initialize();
		return builder.build();
	}

}
