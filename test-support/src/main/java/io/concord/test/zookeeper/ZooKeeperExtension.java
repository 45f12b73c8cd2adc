package io.concord.test.zookeeper;

import java.util.List;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerSource;
import io.concord.test.server.SharedServerExtension;

class ZooKeeperExtension extends SharedServerExtension<ZooKeeperCluster> implements AfterEachCallback {

	ZooKeeperExtension() {
		super(ZooKeeperCluster.class, ServerKind.ZOOKEEPER, "a ZooKeeper");
	}

	@Override
	protected List<ServerSource<ZooKeeperCluster>> sources() {
		return new ZooKeeperSources(System::getProperty, System::getenv).forSharedCluster();
	}

	@Override
	public void afterEach(ExtensionContext context) {
		server(context).restore();
	}

}
