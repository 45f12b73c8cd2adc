package io.concord.faults;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.concord.idgen.jdbc.JdbcIdTables;
import io.concord.idgen.redis.RedisIdKeys;
import io.concord.idgen.zookeeper.ZooKeeperIdNodes;
import io.concord.lease.EngineClock;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseStore;
import io.concord.lease.jdbc.JdbcLeaseStore;
import io.concord.lease.redis.RedisLeaseStore;
import io.concord.lease.zookeeper.ZooKeeperLeaseStore;
import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.jdbc.JdbcRateLimitStore;
import io.concord.ratelimit.redis.RedisRateLimitStore;
import io.concord.test.Await;
import io.concord.test.faults.FaultWorker;
import io.concord.test.faults.Workload;
import io.concord.test.zookeeper.ZooKeeperCluster;

/**
 * Main class of a process that takes locks, stands for elections, takes ids, or keeps
 * limits. Its options: {@code does} (a {@link Work}), {@code store}
 * ({@code redis=host:port}, {@code zookeeper=host:port,…} or a JDBC URL),
 * {@code register} ({@code redis=host:port} or a JDBC URL), {@code user},
 * {@code password}, {@code pool} (most connections), {@code lease} and {@code timeout} in
 * ms, {@code replicas} that confirm marks of worker ids.
 */
final class LeaseWorker {

	private static final String NAMESPACE = "faults";

	private static final Duration START_BOUND = Duration.ofSeconds(120);

	private static final String REDIS = "redis=";

	private static final String ZOOKEEPER = "zookeeper=";

	private final List<AutoCloseable> resources = new ArrayList<>();

	private final Workload.Context context;

	private final Duration storeTimeout;

	private LeaseWorker(Workload.Context context) {
		this.context = context;
		this.storeTimeout = Duration.ofMillis(Long.parseLong(context.option("timeout")));
	}

	public static void main(String[] args) {
		FaultWorker.run(args, (context) -> new LeaseWorker(context).workload());
	}

	private Workload workload() throws InterruptedException {
		Duration leaseTime = Duration.ofMillis(Long.parseLong(this.context.option("lease")));
		Work work = Work.of(this.context.option("does"));
		if (work == Work.IDS) {
			return new IdWorkload(this.context, IdWorkload.sources(this.context,
					idStores(this.context.option("store"), leaseTime), leaseTime, this.storeTimeout), this.resources);
		}
		if (work == Work.COSID) {
			return new IdWorkload(this.context,
					CosIdSources.start(this.context, redis(this.context.option("store")), leaseTime), this.resources);
		}
		LeaseStore store = store(this.context.option("store"), leaseTime);
		LeaseEngine engine = EngineClock.wall(LeaseEngine.builder(store), this.context.wallMillis())
			.storeTimeout(this.storeTimeout)
			.build();
		this.resources.add(0, store);
		if (work == Work.RATES) {
			return new RateWorkload(engine, rates(this.context.option("store")), this.context.history(), leaseTime,
					this.storeTimeout, this.resources);
		}
		String where = this.context.option("register");
		GuardedRegister register = where.startsWith(REDIS) ? new RedisRegister(redis(where))
				: new JdbcRegister(database(where));
		return (work == Work.ELECTIONS)
				? new ElectionWorkload(engine, register, this.context, leaseTime, this.resources) : new LockWorkload(
						engine, register, this.context.history(), leaseTime, this.storeTimeout, this.resources);
	}

	private LeaseStore store(String where, Duration leaseTime) throws InterruptedException {
		if (where.startsWith(REDIS)) {
			return new RedisLeaseStore(redis(where), NAMESPACE);
		}
		if (where.startsWith(ZOOKEEPER)) {
			return new ZooKeeperLeaseStore(zookeeper(where.substring(ZOOKEEPER.length()), leaseTime), NAMESPACE,
					ZooKeeperCluster.TICK_TIME);
		}
		return JdbcLeaseStore.builder(database(where)).namespace(NAMESPACE).build();
	}

	private RateLimitStore rates(String where) {
		RateLimitStore store = where.startsWith(REDIS) ? new RedisRateLimitStore(redis(where), NAMESPACE)
				: new JdbcRateLimitStore(database(where), NAMESPACE, JdbcRateLimitStore.DEFAULT_TABLE_PREFIX);
		this.resources.add(0, store);
		return store;
	}

	private IdWorkload.Stores idStores(String where, Duration leaseTime) throws InterruptedException {
		if (where.startsWith(REDIS)) {
			LettuceConnectionFactory redis = redis(where);
			RedisIdKeys keys = new RedisIdKeys(redis, NAMESPACE);
			RedisIdKeys confirmed = new RedisIdKeys(redis, NAMESPACE,
					Integer.parseInt(this.context.options().getOrDefault("replicas", "0")), this.storeTimeout);
			return new IdWorkload.Stores(confirmed.workers(), keys.segments(), keys.sequences());
		}
		if (where.startsWith(ZOOKEEPER)) {
			ZooKeeperIdNodes nodes = new ZooKeeperIdNodes(zookeeper(where.substring(ZOOKEEPER.length()), leaseTime),
					NAMESPACE);
			return new IdWorkload.Stores(nodes.workers(), nodes.segments(), nodes.sequences());
		}
		JdbcIdTables tables = new JdbcIdTables(database(where), NAMESPACE, JdbcIdTables.DEFAULT_TABLE_PREFIX);
		return new IdWorkload.Stores(tables.workers(), tables.segments(), tables.sequences());
	}

	private LettuceConnectionFactory redis(String where) {
		String[] parts = where.substring(REDIS.length()).split(":");
		LettuceConnectionFactory factory = new LettuceConnectionFactory(
				new RedisStandaloneConfiguration(parts[0], Integer.parseInt(parts[1])),
				LettuceClientConfiguration.builder()
					.commandTimeout(Duration.ofSeconds(2))
					.shutdownTimeout(Duration.ZERO)
					.build());
		factory.afterPropertiesSet();
		factory.start();
		this.resources.add(factory::destroy);
		return factory;
	}

	/** Leases end with the session. */
	private CuratorFramework zookeeper(String where, Duration leaseTime) throws InterruptedException {
		CuratorFramework client = CuratorFrameworkFactory.builder()
			.connectString(where)
			.sessionTimeoutMs((int) leaseTime.toMillis())
			.connectionTimeoutMs(2_000)
			.retryPolicy(new RetryOneTime(200))
			.build();
		client.start();
		this.resources.add(client);
		client.blockUntilConnected(30, TimeUnit.SECONDS);
		return client;
	}

	private HikariDataSource database(String url) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(url);
		config.setUsername(this.context.option("user"));
		config.setPassword(this.context.option("password"));
		config.setMaximumPoolSize(Integer.parseInt(this.context.options().getOrDefault("pool", "10")));
		config.setMinimumIdle(4);
		// It is the store that bounds its calls. The pool gives up a connection that
		// takes
		// longer to be made, and there would never be one where there is much to do.
		config.setConnectionTimeout(5_000);
		config.setValidationTimeout(500);
		if (url.startsWith("jdbc:postgresql:")) {
			// The driver waits that long for the server to take a cancellation.
			config.addDataSourceProperty("cancelSignalTimeout", "1");
			config.addDataSourceProperty("socketTimeout", "5");
			// Who is paused in a transaction keeps its locks no longer than this.
			config.setConnectionInitSql("SET idle_in_transaction_session_timeout = 1000");
		}
		else if (url.startsWith("jdbc:mariadb:")) {
			config.addDataSourceProperty("socketTimeout", "5000");
			config.setConnectionInitSql("SET idle_transaction_timeout = 1");
		}
		config.setInitializationFailTimeout(-1);
		HikariDataSource pool = new HikariDataSource(config);
		this.resources.add(pool);
		// On a machine that has much to do the first one takes longer than the pool
		// waits.
		Await.until("the database answers", START_BOUND, () -> {
			try (Connection connection = pool.getConnection()) {
				return connection.isValid(1);
			}
			catch (SQLException ex) {
				return false;
			}
		});
		return pool;
	}

}
