package io.concord.lease.zookeeper;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.curator.utils.ZookeeperFactory;
import org.apache.zookeeper.AsyncCallback;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.ACL;

/**
 * Makes clients that count their requests, but for those that only keep the session
 * alive.
 */
public final class CountingZooKeeperFactory implements ZookeeperFactory {

	private final Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();

	@Override
	public ZooKeeper newZooKeeper(String connectString, int sessionTimeout, Watcher watcher, boolean canBeReadOnly)
			throws Exception {
		return new Counting(connectString, sessionTimeout, watcher, canBeReadOnly, new ZKClientConfig());
	}

	@Override
	public ZooKeeper newZooKeeper(String connectString, int sessionTimeout, Watcher watcher, boolean canBeReadOnly,
			ZKClientConfig config) throws Exception {
		return new Counting(connectString, sessionTimeout, watcher, canBeReadOnly, config);
	}

	public void reset() {
		this.counts.clear();
	}

	/**
	 * Returns the requests since the last reset.
	 * @return their numbers by kind
	 */
	public Map<String, Integer> counts() {
		Map<String, Integer> result = new TreeMap<>();
		this.counts.forEach((kind, count) -> result.put(kind, count.get()));
		return result;
	}

	public int writes() {
		return count("create") + count("delete") + count("multi") + count("setData");
	}

	public int reads() {
		return count("getChildren") + count("getData") + count("sync");
	}

	private int count(String kind) {
		return this.counts.getOrDefault(kind, new AtomicInteger()).get();
	}

	private void counted(String kind) {
		this.counts.computeIfAbsent(kind, (absent) -> new AtomicInteger()).incrementAndGet();
	}

	/** Its close() is as it is. */
	@SuppressWarnings("try")
	private final class Counting extends ZooKeeper {

		Counting(String connectString, int sessionTimeout, Watcher watcher, boolean canBeReadOnly,
				ZKClientConfig config) throws IOException {
			super(connectString, sessionTimeout, watcher, canBeReadOnly, config);
		}

		@Override
		public void create(String path, byte[] data, List<ACL> acl, CreateMode mode,
				AsyncCallback.Create2Callback callback, Object context) {
			counted("create");
			super.create(path, data, acl, mode, callback, context);
		}

		@Override
		public void delete(String path, int version, AsyncCallback.VoidCallback callback, Object context) {
			counted("delete");
			super.delete(path, version, callback, context);
		}

		@Override
		public void multi(Iterable<Op> ops, AsyncCallback.MultiCallback callback, Object context) {
			counted("multi");
			super.multi(ops, callback, context);
		}

		@Override
		public void setData(String path, byte[] data, int version, AsyncCallback.StatCallback callback,
				Object context) {
			counted("setData");
			super.setData(path, data, version, callback, context);
		}

		@Override
		public void sync(String path, AsyncCallback.VoidCallback callback, Object context) {
			counted("sync");
			super.sync(path, callback, context);
		}

		@Override
		public void getChildren(String path, Watcher watcher, AsyncCallback.ChildrenCallback callback, Object context) {
			counted("getChildren");
			super.getChildren(path, watcher, callback, context);
		}

		@Override
		public void getData(String path, Watcher watcher, AsyncCallback.DataCallback callback, Object context) {
			counted("getData");
			super.getData(path, watcher, callback, context);
		}

	}

}
