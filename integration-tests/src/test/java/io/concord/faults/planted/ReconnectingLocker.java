package io.concord.faults.planted;

import java.time.Duration;

import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * A lock is an ephemeral node. Who is connected again holds what it held.
 */
final class ReconnectingLocker implements Locker {

	private final CuratorFramework client;

	private final String base;

	private volatile boolean connected = true;

	ReconnectingLocker(CuratorFramework client, String base) {
		this.client = client;
		this.base = base;
		client.getConnectionStateListenable().addListener((framework, state) -> this.connected = state.isConnected());
	}

	@Override
	public @Nullable Held take(String key, Duration wait) {
		try {
			Stat stat = new Stat();
			this.client.create()
				.storingStatIn(stat)
				.creatingParentsIfNeeded()
				.withMode(CreateMode.EPHEMERAL)
				.forPath(this.base + "/" + key);
			return new Node(key, stat.getCzxid());
		}
		catch (KeeperException.NodeExistsException ex) {
			return null;
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() {
		// The connection is the scene's.
	}

	/**
	 * A node that was made.
	 */
	private final class Node implements Held {

		private final String key;

		private final long token;

		Node(String key, long token) {
			this.key = key;
			this.token = token;
		}

		@Override
		public long token() {
			return this.token;
		}

		@Override
		public boolean isValid() {
			return ReconnectingLocker.this.connected;
		}

		@Override
		public void release() {
			try {
				ReconnectingLocker.this.client.delete()
					.quietly()
					.forPath(ReconnectingLocker.this.base + "/" + this.key);
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}
