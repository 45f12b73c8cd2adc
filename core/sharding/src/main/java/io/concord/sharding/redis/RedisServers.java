package io.concord.sharding.redis;

import java.time.Duration;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;

import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration.LettuceClientConfigurationBuilder;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Connects to Redis servers by Lettuce.
 */
public final class RedisServers {

	private RedisServers() {
	}

	/**
	 * Creates a connection factory for one server. Connects when it is first used.
	 * @param url URL of the server, such as {@code redis://host:6379/0}, or
	 * {@code rediss://} for TLS
	 * @param timeout time after which a command or an attempt to connect has failed;
	 * positive
	 * @return the factory, to be started and closed by the caller
	 * @throws IllegalArgumentException if the URL is malformed
	 */
	public static RedisConnectionFactory connectTo(String url, Duration timeout) {
		LettuceClientConfigurationBuilder client = LettuceClientConfiguration.builder()
			.commandTimeout(timeout)
			.clientOptions(ClientOptions.builder()
				.socketOptions(SocketOptions.builder().connectTimeout(timeout).build())
				.build());
		if (RedisURI.create(url).isSsl()) {
			client.useSsl();
		}
		return new LettuceConnectionFactory(LettuceConnectionFactory.createRedisConfiguration(url), client.build());
	}

}
