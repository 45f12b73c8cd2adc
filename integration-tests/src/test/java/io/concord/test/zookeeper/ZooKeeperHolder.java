package io.concord.test.zookeeper;

import java.util.stream.Collectors;

/**
 * Main class of a JVM that starts a ZooKeeper and is killed.
 */
final class ZooKeeperHolder {

	private ZooKeeperHolder() {
	}

	public static void main(String[] args) throws InterruptedException {
		PrivateZooKeeperCluster cluster = PrivateZooKeeperCluster.start();
		System.out.println("zookeeper "
				+ cluster.nodes().stream().map((node) -> Long.toString(node.pid())).collect(Collectors.joining(" ")));
		Thread.sleep(Long.MAX_VALUE);
	}

}
