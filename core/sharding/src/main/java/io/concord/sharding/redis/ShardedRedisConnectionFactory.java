package io.concord.sharding.redis;

import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.RedisClusterConnection;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisSentinelConnection;

import io.concord.sharding.Sharding;

/**
 * Takes connections from the factory of the current shard. Outside of all shards it gives
 * none but throws {@link io.concord.sharding.NoShardException}. Not for reactive use,
 * which has no thread that could be inside of a shard. Starts and closes no factory.
 */
public final class ShardedRedisConnectionFactory implements RedisConnectionFactory {

	private final Sharding sharding;

	private final Map<String, RedisConnectionFactory> factories;

	/**
	 * Creates a factory.
	 * @param sharding says which shard is current
	 * @param factories the factory of each shard; copied
	 * @throws IllegalArgumentException if they are not those of the shards
	 */
	public ShardedRedisConnectionFactory(Sharding sharding, Map<String, RedisConnectionFactory> factories) {
		if (!factories.keySet().equals(Set.copyOf(sharding.shards()))) {
			throw new IllegalArgumentException(sharding
					+ " needs a connection factory for each shard, and there are those of " + factories.keySet());
		}
		this.sharding = sharding;
		this.factories = Map.copyOf(factories);
	}

	/**
	 * Returns the factory of a shard.
	 * @param shard name of the shard
	 * @return its factory
	 * @throws IllegalArgumentException if there is no such shard
	 */
	public RedisConnectionFactory connectionFactoryOf(String shard) {
		RedisConnectionFactory factory = this.factories.get(shard);
		if (factory == null) {
			throw new IllegalArgumentException("There is no shard '" + shard + "' of " + this.sharding);
		}
		return factory;
	}

	private RedisConnectionFactory current() {
		return connectionFactoryOf(this.sharding.requireCurrent());
	}

	@Override
	public RedisConnection getConnection() {
		return current().getConnection();
	}

	@Override
	public RedisClusterConnection getClusterConnection() {
		return current().getClusterConnection();
	}

	@Override
	public RedisSentinelConnection getSentinelConnection() {
		return current().getSentinelConnection();
	}

	@Override
	public boolean getConvertPipelineAndTxResults() {
		return this.factories.values().stream().allMatch(RedisConnectionFactory::getConvertPipelineAndTxResults);
	}

	@Override
	public @Nullable DataAccessException translateExceptionIfPossible(RuntimeException ex) {
		for (RedisConnectionFactory factory : this.factories.values()) {
			DataAccessException translated = factory.translateExceptionIfPossible(ex);
			if (translated != null) {
				return translated;
			}
		}
		return null;
	}

	@Override
	public String toString() {
		return "Redis connections of " + this.sharding;
	}

}
