package io.concord.benchmark;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;

import io.concord.lease.zookeeper.ZooKeeperLeaseStore;
import io.concord.test.zookeeper.ZooKeeperCluster;

/**
 * Ways to lock on ZooKeeper, each with a session of its own.
 */
final class ZooKeeperLocks {

	private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(10);

	private ZooKeeperLocks() {
	}

	static Locks concord(Addresses addresses) {
		return new ConcordLocks(new ZooKeeperLeaseStore(client(addresses), "benchmark", ZooKeeperCluster.TICK_TIME));
	}

	static Locks curator(Addresses addresses) {
		CuratorFramework client = client(addresses);
		return new Locks() {

			@Override
			public Held acquire(String key) throws Exception {
				InterProcessMutex mutex = new InterProcessMutex(client, "/curator/" + key);
				mutex.acquire();
				return mutex::release;
			}

		};
	}

	/** One ephemeral node, created and deleted: no line, no waiting. */
	static Locks znode(Addresses addresses) throws Exception {
		CuratorFramework client = client(addresses);
		try {
			client.create().forPath("/floor");
		}
		catch (KeeperException.NodeExistsException ex) {
			// The other process was first.
		}
		byte[] data = "floor".getBytes(StandardCharsets.US_ASCII);
		return new Locks() {

			@Override
			public Held acquire(String key) throws Exception {
				String path = "/floor/" + key;
				return Locks.untilHeld(RedisLocks.PAUSE_NANOS, () -> {
					try {
						client.create().withMode(CreateMode.EPHEMERAL).forPath(path, data);
						return () -> client.delete().forPath(path);
					}
					catch (KeeperException.NodeExistsException ex) {
						return null;
					}
				});
			}

		};
	}

	private static CuratorFramework client(Addresses addresses) {
		return client(addresses, SESSION_TIMEOUT);
	}

	static CuratorFramework client(Addresses addresses, Duration sessionTimeout) {
		CuratorFramework client = CuratorFrameworkFactory.builder()
			.connectString(Addresses.required(addresses.zooKeeper()))
			.sessionTimeoutMs((int) sessionTimeout.toMillis())
			.retryPolicy(new ExponentialBackoffRetry(100, 3))
			.build();
		client.start();
		try {
			client.blockUntilConnected();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		return client;
	}

}
