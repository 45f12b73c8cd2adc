package io.concord.election;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import io.concord.lease.LeaseStore;
import io.concord.lease.jdbc.JdbcLeaseStore;
import io.concord.test.jdbc.DatabaseServer;

/**
 * The contract in a database of the test class.
 */
abstract class AbstractDatabaseElectionIT extends ElectionContract {

	private static final Map<Class<?>, String> urls = new ConcurrentHashMap<>();

	private final String namespace = UUID.randomUUID().toString();

	private final DatabaseServer server;

	AbstractDatabaseElectionIT(DatabaseServer server) {
		this.server = server;
	}

	@Override
	protected LeaseStore open() {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(urls.computeIfAbsent(getClass(), (type) -> this.server.createDatabase("election")));
		config.setUsername(this.server.username());
		config.setPassword(this.server.password());
		config.setMinimumIdle(1);
		HikariDataSource dataSource = new HikariDataSource(config);
		this.nodes.closeLater(dataSource);
		new ResourceDatabasePopulator(new ClassPathResource(JdbcLeaseStore.schemaLocation(dataSource)))
			.execute(dataSource);
		return JdbcLeaseStore.builder(dataSource).namespace(this.namespace).build();
	}

}
