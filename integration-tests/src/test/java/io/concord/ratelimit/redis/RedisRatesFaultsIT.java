package io.concord.ratelimit.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.concord.lease.LeaseStoreException;
import io.concord.ratelimit.DefaultRateLimits;
import io.concord.ratelimit.RateAlgorithm;
import io.concord.ratelimit.RateLimitSettings;
import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.RateRule;
import io.concord.test.faults.Operation;
import io.concord.test.faults.SlidingWindow;
import io.concord.test.net.TcpProxy;
import io.concord.test.redis.PrivateRedisServer;
import io.concord.test.redis.RedisServerTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Three nodes, each behind a network of its own, and a server that is killed and comes
 * back with its data: in no window more than the limit, the burst and what is declared.
 */
@RedisServerTest
@Timeout(120)
class RedisRatesFaultsIT {

	private static final int NODES = 3;

	/** Of each rule, with what any second may let through. */
	private static final List<Rule> RULES = List.of(
			new Rule(RateRule.builder("sliding").algorithm(RateAlgorithm.SLIDING_WINDOW).rate("40/s").build(), 40),
			new Rule(RateRule.builder("bucket").rate("40/s").burst(10).build(), 50),
			new Rule(RateRule.builder("ahead")
				.algorithm(RateAlgorithm.SLIDING_WINDOW)
				.rate("40/s")
				.overAdmission(0.15)
				.build(), 46));

	private final PrivateRedisServer server = PrivateRedisServer
		.start(List.of("--appendonly", "yes", "--appendfsync", "always"));

	private final List<AutoCloseable> closing = new ArrayList<>();

	private final Queue<Operation> history = new ConcurrentLinkedQueue<>();

	private final AtomicLong admitted = new AtomicLong();

	private final AtomicBoolean ended = new AtomicBoolean();

	@AfterEach
	void close() throws Exception {
		this.ended.set(true);
		for (int i = this.closing.size() - 1; i >= 0; i--) {
			this.closing.get(i).close();
		}
		this.server.close();
	}

	@Test
	void limitsHoldWhateverFails() throws Exception {
		List<TcpProxy> networks = new ArrayList<>();
		List<Thread> threads = new ArrayList<>();
		for (int node = 0; node < NODES; node++) {
			TcpProxy network = TcpProxy.to(this.server.host(), this.server.port());
			this.closing.add(network);
			networks.add(network);
			DefaultRateLimits limits = limits(network);
			for (int i = 0; i < RULES.size(); i++) {
				int process = node * Operation.THREADS + i;
				RateRule rule = RULES.get(i).rule();
				Thread thread = new Thread(() -> ask(limits, rule.name(), process));
				threads.add(thread);
				thread.start();
			}
		}
		awaitAdmitted(100);
		networks.get(0).delay(Duration.ofMillis(50), Duration.ofMillis(100));
		awaitAdmitted(200);
		networks.get(1).dropReplies();
		awaitAdmitted(100);
		networks.get(2).reset();
		networks.get(1).reset();
		networks.get(1).pass();
		awaitAdmitted(100);
		this.server.kill();
		this.server.restart();
		awaitAdmitted(200);
		networks.get(0).pass();
		networks.get(0).blackhole();
		awaitAdmitted(100);
		networks.get(0).reset();
		networks.get(0).pass();
		awaitAdmitted(100);
		this.ended.set(true);
		for (Thread thread : threads) {
			thread.join(20_000);
			assertThat(thread.isAlive()).isFalse();
		}
		for (Rule rule : RULES) {
			List<Operation> operations = this.history.stream()
				.filter((operation) -> operation.key().equals(rule.rule().name()))
				.toList();
			assertThat(SlidingWindow.maximum(operations, Duration.ofSeconds(1))).as("%s", rule)
				.isLessThanOrEqualTo(rule.most())
				.isGreaterThan(15);
		}
	}

	private DefaultRateLimits limits(TcpProxy network) {
		LettuceConnectionFactory connections = new LettuceConnectionFactory(
				new RedisStandaloneConfiguration(network.host(), network.port()));
		connections.setEagerInitialization(true);
		connections.afterPropertiesSet();
		connections.start();
		this.closing.add(connections::destroy);
		RateLimitStore store = new RedisRateLimitStore(connections, "faults");
		this.closing.add(store);
		DefaultRateLimits limits = new DefaultRateLimits(() -> store, () -> {
			throw new IllegalStateException("No concurrency here");
		}, () -> store, () -> NODES, new RateLimitSettings(Duration.ofMillis(500), Duration.ofSeconds(10)));
		RULES.forEach((rule) -> limits.define(rule.rule()));
		return limits;
	}

	private void ask(DefaultRateLimits limits, String rule, int process) {
		while (!this.ended.get()) {
			long begin = System.nanoTime();
			try {
				if (limits.tryAcquire(rule, "").isAdmitted()) {
					this.history.add(
							new Operation(process, "take", rule, begin, System.nanoTime(), Operation.Outcome.OK, 1, 0));
					this.admitted.incrementAndGet();
				}
				else {
					// A known refusal costs nothing: leave the CPU to the others.
					Thread.yield();
				}
			}
			catch (LeaseStoreException ex) {
				Thread.yield();
			}
		}
	}

	/** The schedule goes on as soon as so many more are through. */
	private void awaitAdmitted(int count) {
		long wanted = this.admitted.get() + count;
		long end = System.nanoTime() + Duration.ofSeconds(40).toNanos();
		while (this.admitted.get() < wanted) {
			assertThat(System.nanoTime()).as("only %s are through", this.admitted).isLessThan(end);
			Thread.yield();
		}
	}

	/**
	 * A rule of the run.
	 *
	 * @param rule the rule
	 * @param most what any second may let through
	 */
	private record Rule(RateRule rule, long most) {
	}

}
