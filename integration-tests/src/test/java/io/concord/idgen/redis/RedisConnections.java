package io.concord.idgen.redis;

import java.time.Duration;

import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.concord.test.redis.RedisServer;

/**
 * Connects as an application does.
 */
final class RedisConnections {

	private RedisConnections() {
	}

	static LettuceConnectionFactory lettuce(RedisServer server) {
		return lettuce(new RedisStandaloneConfiguration(server.host(), server.port()));
	}

	static LettuceConnectionFactory lettuce(RedisConfiguration configuration) {
		LettuceConnectionFactory factory = new LettuceConnectionFactory(configuration,
				LettuceClientConfiguration.builder().shutdownTimeout(Duration.ZERO).build());
		// The first connection of a process takes longer than a call may.
		factory.setEagerInitialization(true);
		factory.afterPropertiesSet();
		factory.start();
		return factory;
	}

	static JedisConnectionFactory jedis(RedisServer server) {
		JedisConnectionFactory factory = new JedisConnectionFactory(
				new RedisStandaloneConfiguration(server.host(), server.port()));
		factory.afterPropertiesSet();
		factory.start();
		return factory;
	}

}
