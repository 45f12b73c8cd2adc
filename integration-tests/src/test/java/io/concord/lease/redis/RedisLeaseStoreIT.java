package io.concord.lease.redis;

import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.concord.test.redis.RedisServer;

class RedisLeaseStoreIT extends AbstractRedisLeaseStoreIT {

	RedisLeaseStoreIT(RedisServer server) {
		super(server);
	}

	@Override
	RedisConnectionFactory connect(RedisStandaloneConfiguration configuration) {
		LettuceConnectionFactory factory = new LettuceConnectionFactory(configuration);
		factory.afterPropertiesSet();
		factory.start();
		return factory;
	}

	@Override
	void disconnect(RedisConnectionFactory connectionFactory) {
		((LettuceConnectionFactory) connectionFactory).destroy();
	}

}
