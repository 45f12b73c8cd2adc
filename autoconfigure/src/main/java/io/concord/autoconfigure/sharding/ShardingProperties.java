package io.concord.autoconfigure.sharding;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Configuration properties of data distribution.
 */
@ConfigurationProperties("concord")
public class ShardingProperties {

	static final String PREFIX = "concord.sharding";

	/**
	 * Shardings by name: which nodes there are, what stands behind them, and how keys are
	 * distributed over them.
	 */
	private Map<String, Distribution> sharding = new LinkedHashMap<>();

	public Map<String, Distribution> getSharding() {
		return this.sharding;
	}

	public void setSharding(Map<String, Distribution> sharding) {
		this.sharding = sharding;
	}

	/**
	 * How keys are distributed over nodes.
	 */
	public enum Algorithm {

		/** Weighted rendezvous hashing. */
		RENDEZVOUS,

		/** Consistent hashing on a ring. */
		RING,

		/** Maglev hashing. */
		MAGLEV,

		/** Jump consistent hashing, for numbered nodes. */
		JUMP,

		/** Hash modulo the number of nodes. */
		MODULO,

		/** Ranges of numbers or texts. */
		RANGE,

		/** Nothing but the mapping of keys. */
		MAPPING,

		/** Any node. */
		RANDOM

	}

	/**
	 * One sharding.
	 */
	public static class Distribution {

		/**
		 * How keys are distributed over the nodes.
		 */
		private Algorithm algorithm = Algorithm.RENDEZVOUS;

		/**
		 * Nodes by name. Keys follow the names: a node keeps its keys when its address
		 * changes, and loses them when its name does.
		 */
		private Map<String, Node> nodes = new LinkedHashMap<>();

		/**
		 * Ranges of keys, for 'range'. Of whole numbers if all bounds are, or else of
		 * texts.
		 */
		private List<Range> ranges = new ArrayList<>();

		/**
		 * Names of nodes by keys that are not distributed by the algorithm.
		 */
		private Map<String, String> mapping = new LinkedHashMap<>();

		/**
		 * Points on the ring per weight, for 'ring'. 160 by default.
		 */
		private @Nullable Integer ringPoints;

		/**
		 * Whether the routing DataSource or RedisConnectionFactory is the primary one of
		 * the application. By default it is if this is the only sharding that has any,
		 * and the application has no other.
		 */
		private @Nullable Boolean primary;

		/**
		 * What the databases of all nodes have in common.
		 */
		private final Jdbc jdbc = new Jdbc();

		/**
		 * What the Redis servers of all nodes have in common.
		 */
		private final Redis redis = new Redis();

		public Algorithm getAlgorithm() {
			return this.algorithm;
		}

		public void setAlgorithm(Algorithm algorithm) {
			this.algorithm = algorithm;
		}

		public Map<String, Node> getNodes() {
			return this.nodes;
		}

		public void setNodes(Map<String, Node> nodes) {
			this.nodes = nodes;
		}

		public List<Range> getRanges() {
			return this.ranges;
		}

		public void setRanges(List<Range> ranges) {
			this.ranges = ranges;
		}

		public Map<String, String> getMapping() {
			return this.mapping;
		}

		public void setMapping(Map<String, String> mapping) {
			this.mapping = mapping;
		}

		public @Nullable Integer getRingPoints() {
			return this.ringPoints;
		}

		public void setRingPoints(@Nullable Integer ringPoints) {
			this.ringPoints = ringPoints;
		}

		public @Nullable Boolean getPrimary() {
			return this.primary;
		}

		public void setPrimary(@Nullable Boolean primary) {
			this.primary = primary;
		}

		public Jdbc getJdbc() {
			return this.jdbc;
		}

		public Redis getRedis() {
			return this.redis;
		}

	}

	/**
	 * A node.
	 */
	public static class Node {

		/**
		 * Share of the keys, in proportion to the other nodes. 0 for none but those that
		 * are mapped.
		 */
		private int weight = 1;

		/**
		 * Name of the DataSource bean of this node, instead of its 'jdbc.url'.
		 */
		private @Nullable String dataSource;

		/**
		 * Name of the RedisConnectionFactory bean of this node, instead of its
		 * 'redis.url'.
		 */
		private @Nullable String connectionFactory;

		private final Jdbc jdbc = new Jdbc();

		private final Redis redis = new Redis();

		public int getWeight() {
			return this.weight;
		}

		public void setWeight(int weight) {
			this.weight = weight;
		}

		public @Nullable String getDataSource() {
			return this.dataSource;
		}

		public void setDataSource(@Nullable String dataSource) {
			this.dataSource = dataSource;
		}

		public @Nullable String getConnectionFactory() {
			return this.connectionFactory;
		}

		public void setConnectionFactory(@Nullable String connectionFactory) {
			this.connectionFactory = connectionFactory;
		}

		public Jdbc getJdbc() {
			return this.jdbc;
		}

		public Redis getRedis() {
			return this.redis;
		}

	}

	/**
	 * A database.
	 */
	public static class Jdbc {

		/**
		 * JDBC URL of the database.
		 */
		private @Nullable String url;

		/**
		 * User of the database.
		 */
		private @Nullable String username;

		/**
		 * Password of the user.
		 */
		private @Nullable String password;

		/**
		 * Class of the driver. Found by the URL by default.
		 */
		private @Nullable String driverClassName;

		/**
		 * Properties of the connection pool, such as 'maximum-pool-size' of HikariCP.
		 */
		private Map<String, String> pool = new LinkedHashMap<>();

		public @Nullable String getUrl() {
			return this.url;
		}

		public void setUrl(@Nullable String url) {
			this.url = url;
		}

		public @Nullable String getUsername() {
			return this.username;
		}

		public void setUsername(@Nullable String username) {
			this.username = username;
		}

		public @Nullable String getPassword() {
			return this.password;
		}

		public void setPassword(@Nullable String password) {
			this.password = password;
		}

		public @Nullable String getDriverClassName() {
			return this.driverClassName;
		}

		public void setDriverClassName(@Nullable String driverClassName) {
			this.driverClassName = driverClassName;
		}

		public Map<String, String> getPool() {
			return this.pool;
		}

		public void setPool(Map<String, String> pool) {
			this.pool = pool;
		}

	}

	/**
	 * A Redis server.
	 */
	public static class Redis {

		/**
		 * URL of the server, such as 'redis://user:password@host:6379/0', or 'rediss://'
		 * for TLS.
		 */
		private @Nullable String url;

		/**
		 * Time after which a command or an attempt to connect has failed. 2 seconds by
		 * default.
		 */
		private @Nullable Duration timeout;

		public @Nullable String getUrl() {
			return this.url;
		}

		public void setUrl(@Nullable String url) {
			this.url = url;
		}

		public @Nullable Duration getTimeout() {
			return this.timeout;
		}

		public void setTimeout(@Nullable Duration timeout) {
			this.timeout = timeout;
		}

	}

	/**
	 * Range of keys that belong to a node.
	 */
	public static class Range {

		/**
		 * Least key, or none for all below 'to'.
		 */
		private @Nullable String from;

		/**
		 * First key that is beyond, or none for all from 'from' on.
		 */
		private @Nullable String to;

		/**
		 * Name of the node.
		 */
		private @Nullable String node;

		public @Nullable String getFrom() {
			return this.from;
		}

		public void setFrom(@Nullable String from) {
			this.from = from;
		}

		public @Nullable String getTo() {
			return this.to;
		}

		public void setTo(@Nullable String to) {
			this.to = to;
		}

		public @Nullable String getNode() {
			return this.node;
		}

		public void setNode(@Nullable String node) {
			this.node = node;
		}

	}

}
