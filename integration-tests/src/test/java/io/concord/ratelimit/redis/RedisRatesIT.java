package io.concord.ratelimit.redis;

import java.time.Duration;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.RateLimitStoreContract;
import io.concord.ratelimit.RateRule;
import io.concord.test.redis.RedisServer;
import io.concord.test.redis.RedisServerTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The contract on Redis, and what is special there.
 */
@RedisServerTest
@Timeout(120)
class RedisRatesIT extends RateLimitStoreContract {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private final RedisServer server;

	private final LettuceConnectionFactory connections;

	private final String namespace = "rates-" + UUID.randomUUID();

	RedisRatesIT(RedisServer server) {
		this.server = server;
		this.connections = new LettuceConnectionFactory(new RedisStandaloneConfiguration(server.host(), server.port()),
				LettuceClientConfiguration.builder().shutdownTimeout(Duration.ZERO).build());
		// The first connection of a process takes longer than a call may.
		this.connections.setEagerInitialization(true);
		this.connections.afterPropertiesSet();
		this.connections.start();
	}

	@AfterEach
	void disconnect() {
		this.connections.destroy();
	}

	@Override
	protected RateLimitStore newStore() {
		return new RedisRateLimitStore(this.connections, this.namespace);
	}

	@Test
	void spendsOneScriptCallOnEachDecision() {
		try (RateLimitStore store = newStore()) {
			RateRule rule = RateRule.builder("calls").rate("5/s").rate("7/h").build();
			store.take(query(rule, "k"), TIMEOUT);
			this.server.resetCommandCounts();
			for (int i = 0; i < 20; i++) {
				store.take(query(rule, "k"), TIMEOUT);
			}
			assertThat(this.server.commandCounts()).containsEntry("evalsha", 20L).doesNotContainKeys("eval", "script");
		}
	}

	@Test
	void keysEndByThemselves() {
		try (RateLimitStore store = newStore()) {
			for (RateRule rule : rules()) {
				store.take(query(rule, "k"), TIMEOUT);
				String key = "concord:" + this.namespace + ":rate:{" + rule.name() + "/"
						+ query(rule, "k").spec().kind().code() + "/k}";
				assertThat(Long.parseLong(this.server.call("PTTL", key))).as("%s", rule).isBetween(1L, 5_000_000L);
			}
		}
	}

}
