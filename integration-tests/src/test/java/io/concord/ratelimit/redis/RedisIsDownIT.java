package io.concord.ratelimit.redis;

import java.time.Duration;
import java.util.Arrays;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.concord.lease.LeaseStoreException;
import io.concord.ratelimit.DefaultRateLimits;
import io.concord.ratelimit.LeasedConcurrency;
import io.concord.ratelimit.RateDecision.Outcome;
import io.concord.ratelimit.RateLimitSettings;
import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.RateRule;
import io.concord.test.Await;
import io.concord.test.net.TcpProxy;
import io.concord.test.redis.RedisServer;
import io.concord.test.redis.RedisServerTest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A server that answers no more, which is worse than one that is gone: who waits for it
 * waits for the time-out.
 */
@RedisServerTest
@Timeout(120)
class RedisIsDownIT {

	private static final int CALLS = 400;

	private static final Duration TIMEOUT = Duration.ofMillis(200);

	@Test
	void requestsHardlyFeelIt(RedisServer server) throws Exception {
		try (TcpProxy network = TcpProxy.to(server.host(), server.port())) {
			LettuceConnectionFactory connections = new LettuceConnectionFactory(
					new RedisStandaloneConfiguration(network.host(), network.port()));
			connections.afterPropertiesSet();
			connections.start();
			try (RateLimitStore store = new RedisRateLimitStore(connections, "down");
					DefaultRateLimits limits = new DefaultRateLimits(() -> store, new LeasedConcurrency(() -> {
						throw new IllegalStateException("Nothing here limits concurrency");
					}, Duration.ofSeconds(30)), () -> store, () -> 1, new RateLimitSettings(TIMEOUT, 0))) {
				limits.define(RateRule.builder("open").rate("1000000/s").onFailure(RateRule.OnFailure.OPEN).build());
				limits.define(RateRule.builder("closed").rate("1000000/s").build());
				awaitAdmitted(limits);
				network.blackhole();
				long[] nanos = new long[CALLS];
				for (int i = 0; i < CALLS; i++) {
					long begin = System.nanoTime();
					assertThat(limits.tryAcquire("open", "k").outcome()).isEqualTo(Outcome.UNCHECKED);
					nanos[i] = System.nanoTime() - begin;
				}
				Arrays.sort(nanos);
				// A loaded machine may stand still in some of them.
				assertThat(Duration.ofNanos(nanos[CALLS * 9 / 10])).isLessThan(Duration.ofMillis(5));
				assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> limits.tryAcquire("closed", "k"));
				network.reset();
				network.pass();
				awaitAdmitted(limits);
			}
			finally {
				connections.destroy();
			}
		}
	}

	private static void awaitAdmitted(DefaultRateLimits limits) {
		Await.until("the server is asked", Duration.ofSeconds(60),
				() -> limits.tryAcquire("open", "k").outcome() == Outcome.ADMITTED);
	}

}
