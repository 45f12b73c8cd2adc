package io.concord.sharding.redis;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.dao.QueryTimeoutException;
import org.springframework.data.redis.connection.RedisClusterConnection;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisSentinelConnection;

import io.concord.hashing.Node;
import io.concord.hashing.Partitioners;
import io.concord.sharding.NoShardException;
import io.concord.sharding.Sharding;
import io.concord.sharding.Shardings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

class ShardedRedisConnectionFactoryTests {

	private final Shardings shardings = new Shardings(
			Map.of("cache", Partitioners.mapping(Map.of("ann", "a"), List.of(Node.of("a"), Node.of("b")))));

	private final Sharding sharding = this.shardings.get("cache");

	private final RedisConnectionFactory a = mock();

	private final RedisConnectionFactory b = mock();

	private final ShardedRedisConnectionFactory sharded = new ShardedRedisConnectionFactory(this.sharding,
			Map.of("a", this.a, "b", this.b));

	@AfterEach
	void close() {
		this.shardings.close();
	}

	@Test
	void connectsToTheCurrentShard() {
		RedisConnection connection = mock();
		RedisClusterConnection cluster = mock();
		RedisSentinelConnection sentinel = mock();
		given(this.a.getConnection()).willReturn(connection);
		given(this.a.getClusterConnection()).willReturn(cluster);
		given(this.b.getSentinelConnection()).willReturn(sentinel);
		assertThat(this.sharding.call("ann", this.sharded::getConnection)).isSameAs(connection);
		assertThat(this.sharding.call("ann", this.sharded::getClusterConnection)).isSameAs(cluster);
		assertThat(this.sharding.callOn("b", this.sharded::getSentinelConnection)).isSameAs(sentinel);
	}

	@Test
	void givesNoConnectionOutsideOfAllShards() {
		assertThatExceptionOfType(NoShardException.class).isThrownBy(this.sharded::getConnection)
			.withMessageContaining("'cache'");
	}

	@Test
	void translatesFailuresOutsideOfShards() {
		QueryTimeoutException translated = new QueryTimeoutException("late");
		IllegalStateException failure = new IllegalStateException();
		given(this.b.translateExceptionIfPossible(failure)).willReturn(translated);
		assertThat(this.sharded.translateExceptionIfPossible(failure)).isSameAs(translated);
		assertThat(this.sharded.translateExceptionIfPossible(new IllegalStateException())).isNull();
		given(this.a.getConvertPipelineAndTxResults()).willReturn(true);
		assertThat(this.sharded.getConvertPipelineAndTxResults()).isFalse();
	}

	@Test
	void needsAFactoryForEachShard() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new ShardedRedisConnectionFactory(this.sharding, Map.of("a", this.a, "c", this.b)))
			.withMessageContaining("needs a connection factory for each shard");
		assertThatIllegalArgumentException().isThrownBy(() -> this.sharded.connectionFactoryOf("c"));
		assertThat(this.sharded.connectionFactoryOf("a")).isSameAs(this.a);
	}

}
