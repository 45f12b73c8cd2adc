package io.concord.test.zookeeper;

import java.util.List;

import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerSources;
import io.concord.test.server.StartedServer;

/**
 * A ZooKeeper of three nodes that belongs to one test, which closes it. Takes some
 * seconds to start. Thread-safe.
 */
public final class PrivateZooKeeperCluster extends ZooKeeperCluster implements AutoCloseable {

	PrivateZooKeeperCluster(List<ZooKeeperNode> nodes) {
		super(nodes);
	}

	/**
	 * Start a cluster from the server of the class path, see {@link ZooKeeperTest}, and
	 * wait until it serves.
	 * @return the cluster, to be closed by the caller
	 * @throws io.concord.test.server.ServerStartException if there is no such server or
	 * it does not start, and ZooKeeper is required
	 * @throws io.concord.test.server.ServerAbsentException the same otherwise: it skips
	 * the test
	 */
	public static PrivateZooKeeperCluster start() {
		StartedServer<PrivateZooKeeperCluster> started = ServerSources.startFirst(ServerKind.ZOOKEEPER,
				"a ZooKeeper of their own",
				new ZooKeeperSources(System::getProperty, System::getenv).forPrivateCluster());
		return started.server();
	}

	/**
	 * End all nodes and delete what they have written. Has no effect the second time.
	 */
	@Override
	public void close() {
		end();
	}

}
