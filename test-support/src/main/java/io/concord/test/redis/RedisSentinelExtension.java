package io.concord.test.redis;

import java.util.List;

import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerSource;
import io.concord.test.server.SharedServerExtension;

class RedisSentinelExtension extends SharedServerExtension<RedisSentinel> {

	RedisSentinelExtension() {
		super(RedisSentinel.class, ServerKind.REDIS, "a Redis Sentinel");
	}

	@Override
	protected List<ServerSource<RedisSentinel>> sources() {
		return new RedisSources(System::getProperty, System::getenv).forTopology(RedisSentinel::start);
	}

}
