package io.concord.election;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

import org.h2.jdbcx.JdbcConnectionPool;

import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import io.concord.lease.LeaseStore;
import io.concord.lease.jdbc.CountingDataSource;
import io.concord.lease.jdbc.JdbcLeaseStore;

/**
 * On a store that gives no hints.
 */
class H2ElectionTests extends ElectionContract {

	private final String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";

	private final List<CountingDataSource> connections = new CopyOnWriteArrayList<>();

	@Override
	protected long requests() {
		return this.connections.stream().mapToLong((one) -> one.sent().size()).sum();
	}

	@Override
	protected Costs costs() {
		return new Costs(1, 1.3, 2, Integer.MAX_VALUE, Candidacy.LEAST_PAUSE_WITHOUT_HINTS);
	}

	@Override
	protected LeaseStore open() {
		JdbcConnectionPool dataSource = JdbcConnectionPool.create(this.url, "sa", "");
		this.nodes.closeLater(dataSource::dispose);
		new ResourceDatabasePopulator(new ClassPathResource(JdbcLeaseStore.schemaLocation(dataSource)))
			.execute(dataSource);
		CountingDataSource counting = new CountingDataSource(dataSource);
		this.connections.add(counting);
		return JdbcLeaseStore.builder(counting).namespace("test").build();
	}

}
