package io.concord.lease.redis;

import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.jedis.JedisClientConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import redis.clients.jedis.ConnectionPoolConfig;

import io.concord.test.redis.RedisServer;

class RedisLeaseStoreOnJedisIT extends AbstractRedisLeaseStoreIT {

	RedisLeaseStoreOnJedisIT(RedisServer server) {
		super(server);
	}

	@Override
	RedisConnectionFactory connect(RedisStandaloneConfiguration configuration) {
		// The kit runs many engines on one factory, each of which keeps a connection for
		// its
		// subscription. The default of 8 would be used up by that alone.
		ConnectionPoolConfig pool = new ConnectionPoolConfig();
		pool.setMaxTotal(64);
		JedisConnectionFactory factory = new JedisConnectionFactory(configuration,
				JedisClientConfiguration.builder().usePooling().poolConfig(pool).build());
		factory.afterPropertiesSet();
		factory.start();
		return factory;
	}

	@Override
	void disconnect(RedisConnectionFactory connectionFactory) {
		((JedisConnectionFactory) connectionFactory).destroy();
	}

}
