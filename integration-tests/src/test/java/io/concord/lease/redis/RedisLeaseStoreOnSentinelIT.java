package io.concord.lease.redis;

import java.util.List;

import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;

import io.concord.test.redis.RedisSentinel;
import io.concord.test.redis.RedisSentinelTest;

@RedisSentinelTest
class RedisLeaseStoreOnSentinelIT extends AbstractRedisLeaseStoreIT {

	private final RedisSentinel sentinel;

	RedisLeaseStoreOnSentinelIT(RedisSentinel sentinel) {
		super(List.of(sentinel.master()), Client.LETTUCE);
		this.sentinel = sentinel;
	}

	@Override
	RedisConfiguration configuration() {
		RedisSentinelConfiguration configuration = new RedisSentinelConfiguration().master(RedisSentinel.MASTER_NAME);
		this.sentinel.sentinels().forEach((node) -> configuration.sentinel(node.host(), node.port()));
		return configuration;
	}

	@Override
	protected int seedsOfRandomisedTest() {
		return 20;
	}

}
