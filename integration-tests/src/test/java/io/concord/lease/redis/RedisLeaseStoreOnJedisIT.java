package io.concord.lease.redis;

import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;

import io.concord.test.redis.RedisServer;

class RedisLeaseStoreOnJedisIT extends AbstractRedisLeaseStoreIT {

	RedisLeaseStoreOnJedisIT(RedisServer server) {
		super(server);
	}

	@Override
	RedisConnectionFactory connect(RedisStandaloneConfiguration configuration) {
		JedisConnectionFactory factory = new JedisConnectionFactory(configuration);
		factory.afterPropertiesSet();
		factory.start();
		return factory;
	}

	@Override
	void disconnect(RedisConnectionFactory connectionFactory) {
		((JedisConnectionFactory) connectionFactory).destroy();
	}

}
