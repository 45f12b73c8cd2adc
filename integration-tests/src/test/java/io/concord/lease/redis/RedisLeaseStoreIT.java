package io.concord.lease.redis;

import java.util.List;

import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;

import io.concord.test.redis.RedisServer;
import io.concord.test.redis.RedisServerTest;

@RedisServerTest
class RedisLeaseStoreIT extends AbstractRedisLeaseStoreIT {

	private final RedisServer server;

	RedisLeaseStoreIT(RedisServer server) {
		super(List.of(server), Client.LETTUCE);
		this.server = server;
	}

	@Override
	RedisConfiguration configuration() {
		return new RedisStandaloneConfiguration(this.server.host(), this.server.port());
	}

}
