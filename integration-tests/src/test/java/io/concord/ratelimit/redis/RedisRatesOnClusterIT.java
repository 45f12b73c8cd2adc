package io.concord.ratelimit.redis;

import java.time.Duration;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.RateLimitStoreContract;
import io.concord.ratelimit.RateRule;
import io.concord.test.redis.RedisCluster;
import io.concord.test.redis.RedisClusterTest;

import static org.assertj.core.api.Assertions.assertThat;

@RedisClusterTest
@Timeout(120)
class RedisRatesOnClusterIT {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private final RedisCluster cluster;

	RedisRatesOnClusterIT(RedisCluster cluster) {
		this.cluster = cluster;
	}

	@Test
	void keysAreSpreadOverTheCluster() {
		LettuceConnectionFactory connections = new LettuceConnectionFactory(
				new RedisClusterConfiguration(this.cluster.addresses()));
		connections.setEagerInitialization(true);
		connections.afterPropertiesSet();
		connections.start();
		try (RateLimitStore store = new RedisRateLimitStore(connections, "rates-" + UUID.randomUUID())) {
			RateRule rule = RateRule.builder("cluster").rate("1/h").rate("2/d").build();
			this.cluster.resetCommandCounts();
			for (int i = 0; i < 30; i++) {
				String key = "user {" + i + "}";
				assertThat(store.take(RateLimitStoreContract.query(rule, key), TIMEOUT).isAdmitted()).isTrue();
				assertThat(store.take(RateLimitStoreContract.query(rule, key), TIMEOUT).isAdmitted()).isFalse();
				store.reset(rule.name(), key, TIMEOUT);
				assertThat(store.peek(RateLimitStoreContract.query(rule, key), TIMEOUT).isAdmitted()).isTrue();
			}
		}
		finally {
			connections.destroy();
		}
		assertThat(this.cluster.nodes()).allMatch((node) -> node.commandCounts().getOrDefault("evalsha", 0L) > 5);
		assertThat(this.cluster.nodes()).noneMatch((node) -> node.info("errorstats").containsKey("errorstat_MOVED")
				|| node.info("errorstats").containsKey("errorstat_CROSSSLOT"));
	}

}
