package io.concord.autoconfigure.sharding;

import java.time.Duration;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.util.ClassUtils;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.autoconfigure.sharding.ShardingProperties.Distribution;
import io.concord.autoconfigure.sharding.ShardingProperties.Redis;
import io.concord.sharding.Shardings;
import io.concord.sharding.redis.RedisServers;
import io.concord.sharding.redis.ShardedRedisConnectionFactory;

/**
 * Creates the connection factories of nodes that have a URL, and those that route to
 * them.
 */
final class ShardConnectionFactories {

	static final String BEAN_NAME = "concordShardConnectionFactories";

	private static final Duration TIMEOUT = Duration.ofSeconds(2);

	private final ShardingProperties properties;

	private final ObjectProvider<Shardings> shardings;

	private final NodeBeans nodeBeans;

	private final @Nullable ClassLoader classLoader;

	ShardConnectionFactories(ShardingProperties properties, ObjectProvider<Shardings> shardings,
			ConfigurableListableBeanFactory beanFactory) {
		this.properties = properties;
		this.shardings = shardings;
		this.nodeBeans = new NodeBeans(ShardedClient.REDIS, beanFactory);
		this.classLoader = beanFactory.getBeanClassLoader();
	}

	RedisConnectionFactory node(String sharding, String node) {
		Distribution distribution = Objects.requireNonNull(this.properties.getSharding().get(sharding));
		Redis own = Objects.requireNonNull(distribution.getNodes().get(node)).getRedis();
		Duration timeout = (own.getTimeout() != null) ? own.getTimeout() : distribution.getRedis().getTimeout();
		String property = ShardingProperties.PREFIX + "." + sharding + ".nodes." + node;
		if (!ClassUtils.isPresent("io.lettuce.core.RedisClient", this.classLoader)) {
			throw new InvalidConcordConfigurationException(
					"The node '" + node + "' of sharding '" + sharding
							+ "' has a Redis URL, and Lettuce is not on the class path.",
					"Add the dependency 'io.lettuce:lettuce-core', or define a RedisConnectionFactory bean and name it by '"
							+ property + ".connection-factory'.");
		}
		try {
			return RedisServers.connectTo(Objects.requireNonNull(own.getUrl()), (timeout != null) ? timeout : TIMEOUT);
		}
		catch (IllegalArgumentException ex) {
			// The message of what failed may have the password of the URL.
			throw new InvalidConcordConfigurationException(
					"The property '" + property + ".redis.url' is no URL of a Redis server.",
					"Correct it: such as 'redis://host:6379', or 'rediss://' for TLS.");
		}
	}

	ShardedRedisConnectionFactory routing(String sharding) {
		Distribution distribution = Objects.requireNonNull(this.properties.getSharding().get(sharding));
		return new ShardedRedisConnectionFactory(this.shardings.getObject().get(sharding),
				this.nodeBeans.of(sharding, distribution, RedisConnectionFactory.class));
	}

}
