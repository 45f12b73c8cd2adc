package io.concord.election;

import java.util.UUID;

import org.h2.jdbcx.JdbcConnectionPool;

import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import io.concord.lease.LeaseStore;
import io.concord.lease.jdbc.JdbcLeaseStore;

/**
 * On a store that gives no hints.
 */
class H2ElectionTests extends ElectionContract {

	private final String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";

	@Override
	protected LeaseStore open() {
		JdbcConnectionPool dataSource = JdbcConnectionPool.create(this.url, "sa", "");
		this.nodes.closeLater(dataSource::dispose);
		new ResourceDatabasePopulator(new ClassPathResource(JdbcLeaseStore.schemaLocation(dataSource)))
			.execute(dataSource);
		return JdbcLeaseStore.builder(dataSource).namespace("test").build();
	}

}
