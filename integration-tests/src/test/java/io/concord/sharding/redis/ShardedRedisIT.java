package io.concord.sharding.redis;

import java.time.Duration;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.data.redis.core.StringRedisTemplate;

import io.concord.autoconfigure.sharding.ShardingAutoConfiguration;
import io.concord.sharding.NoShardException;
import io.concord.sharding.ShardBy;
import io.concord.sharding.Sharding;
import io.concord.test.redis.RedisServer;
import io.concord.test.redis.RedisServerTest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Two databases of one Redis as shards.
 */
@RedisServerTest
@Timeout(120)
class ShardedRedisIT {

	private final ApplicationContextRunner runner;

	ShardedRedisIT(RedisServer server) {
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ShardingAutoConfiguration.class, DataRedisAutoConfiguration.class))
			.withPropertyValues("concord.sharding.baskets.nodes.a.redis.url=" + server.url() + "/8",
					"concord.sharding.baskets.nodes.b.redis.url=" + server.url() + "/9",
					"concord.sharding.baskets.redis.timeout=10s")
			.withBean(Baskets.class);
	}

	@Test
	void everyKeyIsOnItsShard() {
		this.runner.run((context) -> {
			Baskets baskets = context.getBean(Baskets.class);
			Sharding sharding = context.getBean(Sharding.class);
			StringRedisTemplate redis = context.getBean(StringRedisTemplate.class);
			for (int customer = 0; customer < 40; customer++) {
				baskets.put(customer, "book");
				String key = "basket:" + customer;
				String owner = sharding.partitioner().nodeFor(customer).name();
				assertThat(sharding.callAll(Duration.ofSeconds(30), () -> redis.hasKey(key)))
					.isEqualTo(Map.of("a", owner.equals("a"), "b", owner.equals("b")));
				assertThat(baskets.get(customer)).isEqualTo("book");
				baskets.remove(customer);
			}
			assertThatExceptionOfType(NoShardException.class).isThrownBy(() -> redis.hasKey("basket:1"));
		});
	}

	static class Baskets {

		private final StringRedisTemplate redis;

		Baskets(StringRedisTemplate redis) {
			this.redis = redis;
		}

		@ShardBy("#customer")
		public void put(int customer, String item) {
			this.redis.opsForValue().set("basket:" + customer, item);
		}

		@ShardBy("#customer")
		public @Nullable String get(int customer) {
			return this.redis.opsForValue().get("basket:" + customer);
		}

		@ShardBy("#customer")
		public void remove(int customer) {
			this.redis.delete("basket:" + customer);
		}

	}

}
