package io.concord.autoconfigure;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Configuration properties that all features share.
 */
@ConfigurationProperties("concord")
public class ConcordProperties {

	/**
	 * Backend of all features that don't name their own. Chosen automatically if the
	 * application has beans of exactly one backend's client; 'local' is used only when
	 * named.
	 */
	private @Nullable Backend backend;

	/**
	 * Name under which the application keeps its data in the store, so that others on the
	 * same store don't meet it: up to 64 letters, digits, dots, underscores and dashes.
	 * Derived from 'spring.application.name' by default.
	 */
	private @Nullable String namespace;

	/**
	 * Time after which a call to the store has failed. Lease times have to be at least
	 * twice as long.
	 */
	private Duration storeTimeout = Duration.ofSeconds(2);

	/**
	 * Time for which the shutdown of the application waits for leases that are still
	 * held. Keep it shorter than 'spring.lifecycle.timeout-per-shutdown-phase'.
	 */
	private Duration shutdownTimeout = Duration.ofSeconds(20);

	private final Guard guard = new Guard();

	private final Jdbc jdbc = new Jdbc();

	private final Redis redis = new Redis();

	private final Zookeeper zookeeper = new Zookeeper();

	public @Nullable Backend getBackend() {
		return this.backend;
	}

	public void setBackend(@Nullable Backend backend) {
		this.backend = backend;
	}

	public @Nullable String getNamespace() {
		return this.namespace;
	}

	public void setNamespace(@Nullable String namespace) {
		this.namespace = namespace;
	}

	public Duration getStoreTimeout() {
		return this.storeTimeout;
	}

	public void setStoreTimeout(Duration storeTimeout) {
		this.storeTimeout = storeTimeout;
	}

	public Duration getShutdownTimeout() {
		return this.shutdownTimeout;
	}

	public void setShutdownTimeout(Duration shutdownTimeout) {
		this.shutdownTimeout = shutdownTimeout;
	}

	public Guard getGuard() {
		return this.guard;
	}

	public Jdbc getJdbc() {
		return this.jdbc;
	}

	public Redis getRedis() {
		return this.redis;
	}

	public Zookeeper getZookeeper() {
		return this.zookeeper;
	}

	/**
	 * The guard of transactions.
	 */
	public static class Guard {

		/**
		 * Name of the DataSource bean whose transactions are guarded where a method is
		 * fenced. By default the only or primary one, whatever database leases are kept
		 * in.
		 */
		private @Nullable String dataSource;

		public @Nullable String getDataSource() {
			return this.dataSource;
		}

		public void setDataSource(@Nullable String dataSource) {
			this.dataSource = dataSource;
		}

	}

	/**
	 * The relational database.
	 */
	public static class Jdbc {

		/**
		 * Name of the DataSource bean to use if the application has several.
		 */
		private @Nullable String dataSource;

		/**
		 * When to create the tables at start. An H2 database in memory or in a file
		 * counts as embedded, also when it is shared by AUTO_SERVER.
		 */
		private InitializeSchema initializeSchema = InitializeSchema.EMBEDDED;

		/**
		 * Prefix of the names of all tables, optionally with a schema in front, such as
		 * 'shared.concord_'.
		 */
		private String tablePrefix = "concord_";

		/**
		 * Time after which what is left of an idle name is deleted. Longer than any clock
		 * of the database could step back.
		 */
		private Duration retention = Duration.ofDays(1);

		/**
		 * Time between two looks of the first waiter in line. Those behind it look less
		 * often.
		 */
		private Duration pollInterval = Duration.ofMillis(20);

		/**
		 * Whether waiters on PostgreSQL are told by LISTEN and NOTIFY that it is their
		 * turn, and look 25 times less often. That keeps one connection of the pool. By
		 * default if the pool has at least 3.
		 */
		private @Nullable Boolean notifications;

		public @Nullable String getDataSource() {
			return this.dataSource;
		}

		public void setDataSource(@Nullable String dataSource) {
			this.dataSource = dataSource;
		}

		public InitializeSchema getInitializeSchema() {
			return this.initializeSchema;
		}

		public void setInitializeSchema(InitializeSchema initializeSchema) {
			this.initializeSchema = initializeSchema;
		}

		public String getTablePrefix() {
			return this.tablePrefix;
		}

		public void setTablePrefix(String tablePrefix) {
			this.tablePrefix = tablePrefix;
		}

		public Duration getRetention() {
			return this.retention;
		}

		public void setRetention(Duration retention) {
			this.retention = retention;
		}

		public Duration getPollInterval() {
			return this.pollInterval;
		}

		public void setPollInterval(Duration pollInterval) {
			this.pollInterval = pollInterval;
		}

		public @Nullable Boolean getNotifications() {
			return this.notifications;
		}

		public void setNotifications(@Nullable Boolean notifications) {
			this.notifications = notifications;
		}

		/**
		 * When to create the tables.
		 */
		public enum InitializeSchema {

			/** At every start, if they are missing. */
			ALWAYS,

			/** At every start, if they are missing and the database is embedded. */
			EMBEDDED,

			/** Never: the application does it, such as by Flyway or Liquibase. */
			NEVER

		}

	}

	/**
	 * Redis.
	 */
	public static class Redis {

		/**
		 * Name of the RedisConnectionFactory bean to use if the application has several.
		 */
		private @Nullable String connectionFactory;

		/**
		 * Number of replicas that have to confirm a lease before it is granted. Needs
		 * Lettuce, and no cluster.
		 */
		private int waitReplicas = 0;

		/**
		 * Time to wait for the replicas that have to confirm a lease. At most half of
		 * 'concord.store-timeout'.
		 */
		private Duration waitReplicasTimeout = Duration.ofMillis(500);

		public @Nullable String getConnectionFactory() {
			return this.connectionFactory;
		}

		public void setConnectionFactory(@Nullable String connectionFactory) {
			this.connectionFactory = connectionFactory;
		}

		public int getWaitReplicas() {
			return this.waitReplicas;
		}

		public void setWaitReplicas(int waitReplicas) {
			this.waitReplicas = waitReplicas;
		}

		public Duration getWaitReplicasTimeout() {
			return this.waitReplicasTimeout;
		}

		public void setWaitReplicasTimeout(Duration waitReplicasTimeout) {
			this.waitReplicasTimeout = waitReplicasTimeout;
		}

	}

	/**
	 * ZooKeeper.
	 */
	public static class Zookeeper {

		/**
		 * Name of the CuratorFramework bean to use if the application has several.
		 */
		private @Nullable String curatorFramework;

		/**
		 * Tick time of the servers, or longer: by so much the session, and leases with
		 * it, may end earlier than the client could think.
		 */
		private Duration tickTime = Duration.ofSeconds(2);

		public @Nullable String getCuratorFramework() {
			return this.curatorFramework;
		}

		public void setCuratorFramework(@Nullable String curatorFramework) {
			this.curatorFramework = curatorFramework;
		}

		public Duration getTickTime() {
			return this.tickTime;
		}

		public void setTickTime(Duration tickTime) {
			this.tickTime = tickTime;
		}

	}

}
