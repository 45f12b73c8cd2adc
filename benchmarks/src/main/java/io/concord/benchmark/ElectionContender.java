package io.concord.benchmark;

import java.time.Duration;
import java.util.List;
import java.util.UUID;

import com.zaxxer.hikari.HikariDataSource;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.integration.jdbc.lock.JdbcLockRegistry;
import org.springframework.integration.leader.DefaultCandidate;
import org.springframework.integration.redis.util.RedisLockRegistry;
import org.springframework.integration.support.leader.LockRegistryLeaderInitiator;
import org.springframework.integration.support.locks.LockRegistry;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

import io.concord.election.ElectionSettings;
import io.concord.election.LeaderElection;
import io.concord.election.LeaderElections;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseStore;
import io.concord.lease.jdbc.JdbcLeaseStore;
import io.concord.lease.redis.RedisLeaseStore;
import io.concord.lease.zookeeper.ZooKeeperLeaseStore;
import io.concord.test.zookeeper.ZooKeeperCluster;

/**
 * Whose elections are measured, each candidate with connections of its own.
 */
enum ElectionContender {

	CONCORD_REDIS("Concord", Store.REDIS, (addresses, wrapper, leaseTime) -> {
		LettuceConnectionFactory connections = RedisLocks.connections(addresses);
		return concord(new RedisLeaseStore(connections, "benchmark"), leaseTime, connections::destroy);
	}),

	SPRING_INTEGRATION_REDIS("Spring Integration", Store.REDIS, (addresses, wrapper, leaseTime) -> {
		LettuceConnectionFactory connections = RedisLocks.connections(addresses);
		RedisLockRegistry registry = new RedisLockRegistry(connections, "integration-leader", leaseTime.toMillis());
		return initiator(registry, () -> {
			registry.destroy();
			connections.destroy();
		});
	}),

	CONCORD_POSTGRES("Concord", Store.POSTGRES, (addresses, wrapper, leaseTime) -> {
		HikariDataSource pool = JdbcLocks.pool(addresses);
		return concord(JdbcLeaseStore.builder(wrapper.wrap(pool)).namespace("benchmark").build(), leaseTime,
				pool::close);
	}),

	SPRING_INTEGRATION_POSTGRES("Spring Integration", Store.POSTGRES, (addresses, wrapper, leaseTime) -> {
		HikariDataSource pool = JdbcLocks.pool(addresses);
		JdbcLockRegistry registry = JdbcLocks.integrationRegistry(wrapper.wrap(pool), leaseTime);
		return initiator(registry, pool::close);
	}),

	CONCORD_ZOOKEEPER("Concord", Store.ZOOKEEPER, (addresses, wrapper, leaseTime) -> {
		CuratorFramework client = ZooKeeperLocks.client(addresses, leaseTime);
		return concord(new ZooKeeperLeaseStore(client, "benchmark", ZooKeeperCluster.TICK_TIME), leaseTime,
				client::close);
	}),

	LEADER_LATCH("Curator LeaderLatch", Store.ZOOKEEPER, (addresses, wrapper, leaseTime) -> {
		CuratorFramework client = ZooKeeperLocks.client(addresses, leaseTime);
		LeaderLatch latch = new LeaderLatch(client, "/curator-leader");
		latch.start();
		return new Standing() {

			@Override
			public boolean isLeader() {
				return latch.hasLeadership();
			}

			@Override
			public void leave() throws Exception {
				latch.close();
				client.close();
			}

		};
	});

	private static final String ELECTION = "benchmark";

	private final String title;

	private final Store store;

	private final Opener opener;

	ElectionContender(String title, Store store, Opener opener) {
		this.title = title;
		this.store = store;
		this.opener = opener;
	}

	String title() {
		return this.store.title() + ": " + this.title;
	}

	Store store() {
		return this.store;
	}

	boolean isOurs() {
		return this.title.equals("Concord");
	}

	/**
	 * Stands for election.
	 * @param leaseTime lease time, time to live, or session time-out
	 */
	Standing open(Addresses addresses, JdbcLocks.Wrapper wrapper, Duration leaseTime) throws Exception {
		return this.opener.open(addresses, wrapper, leaseTime);
	}

	private static Standing concord(LeaseStore store, Duration leaseTime, AutoCloseable connections) {
		LeaseEngine engine = LeaseEngine.builder(store).build();
		LeaderElections elections = LeaderElections.builder(() -> engine)
			.elections(List.of(new ElectionSettings(ELECTION, leaseTime)))
			.build();
		elections.start();
		LeaderElection election = elections.get(ELECTION);
		return new Standing() {

			@Override
			public boolean isLeader() {
				return election.isLeader();
			}

			@Override
			public void leave() throws Exception {
				elections.close();
				engine.close();
				store.close();
				connections.close();
			}

		};
	}

	private static Standing initiator(LockRegistry<?> registry, AutoCloseable connections) {
		ThreadPoolTaskExecutor thread = new ThreadPoolTaskExecutor();
		thread.setCorePoolSize(1);
		thread.setDaemon(true);
		// Which gives the lock back, and needs the connections for that.
		thread.setWaitForTasksToCompleteOnShutdown(true);
		thread.setAwaitTerminationSeconds(10);
		thread.initialize();
		LockRegistryLeaderInitiator initiator = new LockRegistryLeaderInitiator(registry,
				new DefaultCandidate(UUID.randomUUID().toString(), ELECTION));
		initiator.setTaskExecutor(thread);
		initiator.start();
		return new Standing() {

			@Override
			public boolean isLeader() {
				return initiator.getContext().isLeader();
			}

			@Override
			public void leave() throws Exception {
				initiator.destroy();
				thread.shutdown();
				connections.close();
			}

		};
	}

	private interface Opener {

		Standing open(Addresses addresses, JdbcLocks.Wrapper wrapper, Duration leaseTime) throws Exception;

	}

}
