package io.concord.test.redis;

import java.util.List;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerSource;
import io.concord.test.server.SharedServerExtension;

class RedisClusterExtension extends SharedServerExtension<RedisCluster> implements AfterEachCallback {

	RedisClusterExtension() {
		super(RedisCluster.class, ServerKind.REDIS, "a Redis Cluster");
	}

	@Override
	protected List<ServerSource<RedisCluster>> sources() {
		return new RedisSources(System::getProperty, System::getenv).forTopology(RedisCluster::start);
	}

	@Override
	public void afterEach(ExtensionContext context) {
		server(context).restore();
	}

}
