package io.concord.lease.zookeeper;

import java.time.Duration;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.utils.ZookeeperFactory;

/**
 * Connects as an application does, with times fit for tests.
 */
public final class ZooKeeperClients {

	/** Of the servers that the tests start. */
	static final Duration TICK_TIME = Duration.ofMillis(500);

	static final Duration SESSION_TIMEOUT = Duration.ofSeconds(6);

	private ZooKeeperClients() {
	}

	public static CuratorFramework start(String connectString) {
		return start(connectString, new CountingZooKeeperFactory());
	}

	public static CuratorFramework start(String connectString, ZookeeperFactory factory) {
		CuratorFramework client = builder(connectString).zookeeperFactory(factory).build();
		client.start();
		return client;
	}

	public static CuratorFrameworkFactory.Builder builder(String connectString) {
		return CuratorFrameworkFactory.builder()
			.connectString(connectString)
			.sessionTimeoutMs((int) SESSION_TIMEOUT.toMillis())
			.connectionTimeoutMs(2_000)
			.retryPolicy(new RetryOneTime(200));
	}

}
