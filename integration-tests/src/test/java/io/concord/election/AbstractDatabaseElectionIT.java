package io.concord.election;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import io.concord.lease.LeaseStore;
import io.concord.lease.jdbc.CountingDataSource;
import io.concord.lease.jdbc.JdbcLeaseStore;
import io.concord.test.jdbc.DatabaseServer;

/**
 * The contract in a database of the test class.
 */
abstract class AbstractDatabaseElectionIT extends ElectionContract {

	private static final Map<Class<?>, String> urls = new ConcurrentHashMap<>();

	private final String namespace = UUID.randomUUID().toString();

	private final List<CountingDataSource> connections = new CopyOnWriteArrayList<>();

	private final DatabaseServer server;

	AbstractDatabaseElectionIT(DatabaseServer server) {
		this.server = server;
	}

	@Override
	protected final long requests() {
		return this.connections.stream().mapToLong((one) -> one.sent().size()).sum();
	}

	@Override
	protected LeaseStore open() {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(urls.computeIfAbsent(getClass(), (type) -> this.server.createDatabase("election")));
		config.setUsername(this.server.username());
		config.setPassword(this.server.password());
		config.setMinimumIdle(1);
		config.setMaximumPoolSize(4);
		HikariDataSource dataSource = new HikariDataSource(config);
		this.nodes.closeLater(dataSource);
		new ResourceDatabasePopulator(new ClassPathResource(JdbcLeaseStore.schemaLocation(dataSource)))
			.execute(dataSource);
		CountingDataSource counting = new CountingDataSource(dataSource);
		this.connections.add(counting);
		return JdbcLeaseStore.builder(counting).namespace(this.namespace).build();
	}

}
