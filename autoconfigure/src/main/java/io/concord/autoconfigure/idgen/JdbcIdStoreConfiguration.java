package io.concord.autoconfigure.idgen;

import java.util.function.Function;

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
import io.concord.idgen.SegmentStore;
import io.concord.idgen.SequenceStore;
import io.concord.idgen.WorkerIdStore;
import io.concord.idgen.jdbc.JdbcIdTables;

@Configuration(proxyBeanMethods = false)
@ConditionalOnClass({ DatabaseInitializationDependencyConfigurer.class, ResourceDatabasePopulator.class })
@Import(DatabaseInitializationDependencyConfigurer.class)
class JdbcIdStoreConfiguration {

	/** Waits for migrations, which may create the tables. */
	@Bean("concordJdbcIdStoreFactory")
	@DependsOnDatabaseInitialization
	IdStoreFactory concordJdbcIdStoreFactory(ConcordProperties properties) {
		return new JdbcIdStoreFactory(properties.getJdbc());
	}

	/** Opens stores in a database. */
	private record JdbcIdStoreFactory(ConcordProperties.Jdbc properties) implements IdStoreFactory {

		@Override
		public WorkerIdStore workers(Object client, String namespace) {
			return open(client, namespace, JdbcIdTables::workers);
		}

		@Override
		public SegmentStore segments(Object client, String namespace) {
			return open(client, namespace, JdbcIdTables::segments);
		}

		@Override
		public SequenceStore sequences(Object client, String namespace) {
			return open(client, namespace, JdbcIdTables::sequences);
		}

		private <T> T open(Object client, String namespace, Function<JdbcIdTables, T> opening) {
			DataSource dataSource = (DataSource) client;
			return new LeaseSchema(dataSource, this.properties, JdbcIdTables::schemaLocation)
				.open(() -> opening.apply(new JdbcIdTables(dataSource, namespace, this.properties.getTablePrefix())));
		}

	}

}
