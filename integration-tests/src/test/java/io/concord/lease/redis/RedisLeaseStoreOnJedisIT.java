package io.concord.lease.redis;

import java.util.List;

import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;

import io.concord.test.redis.RedisServer;
import io.concord.test.redis.RedisServerTest;

@RedisServerTest
class RedisLeaseStoreOnJedisIT extends AbstractRedisLeaseStoreIT {

	private final RedisServer server;

	RedisLeaseStoreOnJedisIT(RedisServer server) {
		super(List.of(server), Client.JEDIS);
		this.server = server;
	}

	@Override
	RedisConfiguration configuration() {
		return new RedisStandaloneConfiguration(this.server.host(), this.server.port());
	}

}
