package io.concord.benchmark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;

import io.concord.test.postgres.PrivatePostgresServer;
import io.concord.test.redis.PrivateRedisServer;
import io.concord.test.zookeeper.PrivateZooKeeperCluster;

/**
 * The servers of a run, all on loopback. Not thread-safe.
 */
final class Servers implements AutoCloseable {

	private @Nullable PrivateRedisServer redis;

	private @Nullable PrivatePostgresServer postgres;

	private @Nullable PrivateZooKeeperCluster zooKeeper;

	/**
	 * Starts the server of a store, and those that were started before keep running.
	 */
	Addresses start(Store store) {
		return switch (store) {
			case REDIS -> new Addresses(redis().port(), null, null, null, null);
			case POSTGRES -> {
				PrivatePostgresServer server = postgres();
				Addresses addresses = new Addresses(0, server.createDatabase("benchmark"), server.username(),
						server.password(), null);
				JdbcLocks.createTables(addresses);
				yield addresses;
			}
			case ZOOKEEPER -> new Addresses(0, null, null, null, zooKeeper().connectString());
		};
	}

	/** Starts the servers of several. */
	Addresses start(Store... stores) {
		return Arrays.stream(stores).map(this::start).reduce(Addresses::and).orElseThrow();
	}

	PrivateRedisServer redis() {
		if (this.redis == null) {
			this.redis = PrivateRedisServer.start();
		}
		return this.redis;
	}

	PrivateZooKeeperCluster zooKeeper() {
		if (this.zooKeeper == null) {
			this.zooKeeper = PrivateZooKeeperCluster.start();
		}
		return this.zooKeeper;
	}

	private PrivatePostgresServer postgres() {
		if (this.postgres == null) {
			this.postgres = PrivatePostgresServer.start();
		}
		return this.postgres;
	}

	/** What is running, with versions. */
	List<String> describe() {
		List<String> all = new ArrayList<>();
		if (this.redis != null) {
			all.add("Redis " + this.redis.version());
		}
		if (this.postgres != null) {
			all.add("PostgreSQL " + this.postgres.version() + ", commits on disk");
		}
		if (this.zooKeeper != null) {
			all.add("ZooKeeper " + this.zooKeeper.version() + ", three nodes, log not forced to disk");
		}
		return all;
	}

	@Override
	public void close() {
		if (this.redis != null) {
			this.redis.close();
		}
		if (this.postgres != null) {
			this.postgres.close();
		}
		if (this.zooKeeper != null) {
			this.zooKeeper.close();
		}
	}

}
