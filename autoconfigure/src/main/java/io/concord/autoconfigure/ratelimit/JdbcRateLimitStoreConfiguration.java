package io.concord.autoconfigure.ratelimit;

import javax.sql.DataSource;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.sql.init.dependency.DatabaseInitializationDependencyConfigurer;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import io.concord.autoconfigure.ConcordProperties;
import io.concord.autoconfigure.lease.LeaseSchema;
import io.concord.ratelimit.jdbc.JdbcRateLimitStore;

@Configuration(proxyBeanMethods = false)
@ConditionalOnClass({ DatabaseInitializationDependencyConfigurer.class, ResourceDatabasePopulator.class })
@Import(DatabaseInitializationDependencyConfigurer.class)
class JdbcRateLimitStoreConfiguration {

	/** Waits for migrations, which may create the table. */
	@Bean("concordJdbcRateLimitStoreFactory")
	@DependsOnDatabaseInitialization
	RateLimitStoreFactory concordJdbcRateLimitStoreFactory(ConcordProperties properties) {
		ConcordProperties.Jdbc jdbc = properties.getJdbc();
		return (client, namespace) -> {
			DataSource dataSource = (DataSource) client;
			return new LeaseSchema(dataSource, jdbc, JdbcRateLimitStore::schemaLocation)
				.open(() -> new JdbcRateLimitStore(dataSource, namespace, jdbc.getTablePrefix()));
		};
	}

}
