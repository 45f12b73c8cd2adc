package io.concord.ratelimit.redis;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.concord.lease.LeaseStoreException;
import io.concord.ratelimit.DefaultRateLimits;
import io.concord.ratelimit.LeasedConcurrency;
import io.concord.ratelimit.RateLimitSettings;
import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.RateRule;
import io.concord.test.Await;
import io.concord.test.redis.PrivateRedisServer;
import io.concord.test.redis.RedisServerTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A flood of keys that nobody has seen before, each asked for twice, so that one is
 * admitted and one refused: what is kept of them in the process is bounded, and Redis
 * forgets all of them. {@code -Dflood.keys} says how many; five million take some ten
 * minutes.
 */
@RedisServerTest
@Timeout(value = 1, unit = TimeUnit.HOURS)
class KeyFloodIT {

	private static final int THREADS = 8;

	private static final Duration TTL = Duration.ofSeconds(2);

	private static final long MEGABYTE = 1 << 20;

	/** What an application has there besides: five hundredths of nothing are nothing. */
	private static final int OTHER_BYTES = 20 * (int) MEGABYTE;

	private final PrivateRedisServer server = PrivateRedisServer.start();

	private final LettuceConnectionFactory connections = new LettuceConnectionFactory(
			new RedisStandaloneConfiguration(this.server.host(), this.server.port()));

	private final AtomicLong failed = new AtomicLong();

	@BeforeEach
	void connect() {
		this.connections.afterPropertiesSet();
		this.connections.start();
	}

	@AfterEach
	void close() {
		this.connections.destroy();
		this.server.close();
	}

	@Test
	void floodIsForgotten() throws Exception {
		flood(Integer.getInteger("flood.keys", 20_000));
	}

	@Test
	@Tag("only-long-runs")
	void floodOfMillionsIsForgotten() throws Exception {
		flood(Integer.getInteger("flood.keys", 5_000_000));
	}

	private void flood(int keys) throws Exception {
		RateLimitStore store = new RedisRateLimitStore(this.connections, "flood");
		try (DefaultRateLimits limits = new DefaultRateLimits(() -> store, new LeasedConcurrency(() -> {
			throw new IllegalStateException("Nothing here limits concurrency");
		}, Duration.ofSeconds(30)), () -> store, () -> 1, new RateLimitSettings(Duration.ofSeconds(5), 20))) {
			limits.define(RateRule.builder("exact").rate("1/" + TTL.toSeconds() + "s").build());
			limits.define(RateRule.builder("ahead").rate("2/" + TTL.toSeconds() + "s").overAdmission(1).build());
			this.server.call("SET", "other", "x".repeat(OTHER_BYTES));
			ask(limits, "warm-", 0, 1_000);
			awaitForgotten(Long.MAX_VALUE);
			long heap = heap();
			long memory = memory();
			long begin = System.nanoTime();
			long most = flood(limits, keys);
			long took = System.nanoTime() - begin;
			long heapAfter = heap();
			assertThat(heapAfter - heap).as("bytes of heap more than before").isLessThan(50 * MEGABYTE);
			assertThat(limits.statistics("exact").refused()).isGreaterThanOrEqualTo(keys * 9L / 10);
			long ended = System.nanoTime();
			awaitForgotten(memory + memory / 20);
			System.out.printf(
					"%,d keys in %d s, %d calls failed; heap %d MB, before %d MB; Redis %d keys at most, "
							+ "%.1f MB before, and as before within 5 %% after %d ms%n",
					keys, TimeUnit.NANOSECONDS.toSeconds(took), this.failed.get(), heapAfter / MEGABYTE,
					heap / MEGABYTE, most, memory / (double) MEGABYTE,
					TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - ended));
		}
		store.close();
	}

	/** Returns how many keys Redis had at most, as far as was looked. */
	private long flood(DefaultRateLimits limits, int keys) throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(THREADS);
		try {
			List<Future<?>> asking = new ArrayList<>();
			for (int i = 0; i < THREADS; i++) {
				int thread = i;
				asking.add(threads.submit(() -> ask(limits, "key-" + thread + "-", 0, keys / THREADS)));
			}
			long most = 0;
			for (Future<?> one : asking) {
				while (!isDone(one)) {
					most = Math.max(most, size());
				}
			}
			return most;
		}
		finally {
			threads.shutdownNow();
		}
	}

	private static boolean isDone(Future<?> asking) throws Exception {
		try {
			asking.get(100, TimeUnit.MILLISECONDS);
			return true;
		}
		catch (TimeoutException ex) {
			return false;
		}
	}

	private void ask(DefaultRateLimits limits, String prefix, int from, int to) {
		for (int i = from; i < to; i++) {
			try {
				String key = prefix + i;
				limits.tryAcquire("exact", key);
				limits.tryAcquire("exact", key);
				if (i % 4 == 0) {
					limits.tryAcquire("ahead", key);
				}
			}
			catch (LeaseStoreException ex) {
				this.failed.incrementAndGet();
			}
		}
	}

	/** Twice the time to live, and what a server without CPU needs in addition. */
	private void awaitForgotten(long most) {
		Await.until("Redis has forgotten all keys", TTL.multipliedBy(2).plusSeconds(60),
				() -> size() == 1 && memory() <= most);
	}

	private long size() {
		return Long.parseLong(this.server.call("DBSIZE"));
	}

	private long memory() {
		return Long.parseLong(this.server.info("memory").get("used_memory"));
	}

	/** What is reachable: after a collection, as often as that finds something. */
	private static long heap() {
		long least = Long.MAX_VALUE;
		long before;
		do {
			before = least;
			System.gc();
			MemoryUsage usage = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
			least = Math.min(least, usage.getUsed());
		}
		while (before - least > MEGABYTE);
		return least;
	}

}
