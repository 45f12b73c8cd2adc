package io.concord.faults;

import java.time.Duration;
import java.util.List;

import com.zaxxer.hikari.HikariDataSource;
import org.jspecify.annotations.Nullable;

import io.concord.idgen.jdbc.JdbcIdTables;
import io.concord.lease.jdbc.JdbcLeaseStore;
import io.concord.lease.jdbc.JdbcTables;
import io.concord.ratelimit.jdbc.JdbcRateLimitStore;
import io.concord.test.faults.Fault;
import io.concord.test.jdbc.DatabaseServer;
import io.concord.test.jdbc.PrivateDatabaseServer;
import io.concord.test.server.MovableClock;

/**
 * On a database that keeps the leases, the register and the guard.
 */
abstract class AbstractJdbcFaultsIT<S extends DatabaseServer & PrivateDatabaseServer> extends AbstractFaultsIT {

	private S server;

	private String url;

	private final String product;

	AbstractJdbcFaultsIT(String product, Work work) {
		super(product, work);
		this.product = product;
	}

	/** Starts a server with such a clock, or with that of the machine. */
	abstract S startServer(@Nullable MovableClock clock);

	@Override
	void start() throws Exception {
		this.server = startWithClock(this::startServer, () -> startServer(null));
		this.url = this.server.createDatabase("faults");
		try (HikariDataSource dataSource = new HikariDataSource()) {
			dataSource.setJdbcUrl(this.url);
			dataSource.setUsername(this.server.username());
			dataSource.setPassword(this.server.password());
			JdbcTables.createEmpty(dataSource, JdbcLeaseStore.DEFAULT_TABLE_PREFIX);
			JdbcTables.createEmpty(dataSource, JdbcIdTables.schemaLocation(dataSource),
					JdbcIdTables.DEFAULT_TABLE_PREFIX, "worker", "worker_layout", "id_counter");
			JdbcTables.createEmpty(dataSource, JdbcRateLimitStore.schemaLocation(dataSource),
					JdbcRateLimitStore.DEFAULT_TABLE_PREFIX, "rate");
			JdbcRegister.create(dataSource, LockWorkload.KEYS);
		}
		proxies(this.server.host(), this.server.port());
	}

	@Override
	List<String> options(int slot) {
		String through = this.url.replace(":" + this.server.port() + "/", ":" + proxy(slot).port() + "/");
		return List.of("store=" + through, "register=" + through, "user=" + this.server.username(),
				"password=" + this.server.password(), "pool=" + pool());
	}

	/** Most connections of a worker: servers have a hundred for all. */
	private int pool() {
		return Math.min(10, 80 / this.workers());
	}

	@Override
	List<Fault> storeFaults() {
		return List.of(
				new Fault("store paused", Duration.ofMillis(1_500), (target) -> this.server.pause(),
						() -> this.server.resume()),
				new Fault("store killed", Duration.ofMillis(300), (target) -> this.server.kill(),
						() -> this.server.restart()));
	}

	@Override
	String describe() {
		return this.product + " " + this.server.version().split(" ")[0] + "; FencingGuard in it";
	}

}
