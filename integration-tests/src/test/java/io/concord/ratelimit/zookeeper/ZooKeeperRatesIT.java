package io.concord.ratelimit.zookeeper;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.lease.LeaseEngine;
import io.concord.lease.zookeeper.ZooKeeperLeaseStore;
import io.concord.ratelimit.DefaultRateLimits;
import io.concord.ratelimit.LeasedConcurrency;
import io.concord.ratelimit.Members;
import io.concord.ratelimit.RateAlgorithm;
import io.concord.ratelimit.RateDecision;
import io.concord.ratelimit.RateLimitSettings;
import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.RateRule;
import io.concord.ratelimit.SharedRateLimitStore;
import io.concord.ratelimit.local.LocalRateLimitStore;
import io.concord.test.zookeeper.ZooKeeperCluster;
import io.concord.test.zookeeper.ZooKeeperTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Limits of concurrency, which are exact on ZooKeeper, and rates, which are divided.
 */
@ZooKeeperTest
@Timeout(120)
class ZooKeeperRatesIT {

	private final ZooKeeperCluster cluster;

	private final String namespace = "rates-" + UUID.randomUUID();

	private final List<Node> nodes = new ArrayList<>();

	ZooKeeperRatesIT(ZooKeeperCluster cluster) {
		this.cluster = cluster;
	}

	@AfterEach
	void close() {
		this.nodes.forEach(Node::close);
	}

	@Test
	void concurrencyIsLimitedAcrossProcesses() {
		RateRule rule = RateRule.builder("c").algorithm(RateAlgorithm.CONCURRENCY).limit(3).build();
		List<RateDecision> held = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			Node node = node();
			node.limits.define(rule);
			held.add(node.limits.tryAcquire("c", "k"));
		}
		assertThat(held).allMatch(RateDecision::isAdmitted);
		assertThat(this.nodes).noneMatch((node) -> node.limits.tryAcquire("c", "k").isAdmitted());
		assertThat(this.nodes.get(0).limits.peek("c", "k").remaining()).isZero();
		held.get(1).close();
		assertThat(this.nodes.get(2).limits.acquire("c", "k", 1, Duration.ofSeconds(20)).isAdmitted()).isTrue();
		assertThat(this.nodes.get(0).limits.tryAcquire("c", "k").isAdmitted()).isFalse();
	}

	@Test
	void ratesAreDividedByThoseWhoLive() {
		RateRule rule = RateRule.builder("r").rate("10/h").build();
		Node first = node();
		Node second = node();
		awaitUntil(() -> first.members.count() == 2 && second.members.count() == 2);
		int admitted = 0;
		for (Node node : List.of(first, second)) {
			node.limits.define(rule);
			for (int i = 0; i < 20; i++) {
				admitted += node.limits.tryAcquire("r", "k").isAdmitted() ? 1 : 0;
			}
		}
		assertThat(admitted).isEqualTo(10);
		second.close();
		this.nodes.remove(second);
		awaitUntil(() -> first.members.count() == 1);
	}

	private Node node() {
		CuratorFramework client = CuratorFrameworkFactory.builder()
			.connectString(this.cluster.connectString())
			.sessionTimeoutMs(6_000)
			.connectionTimeoutMs(2_000)
			.retryPolicy(new RetryOneTime(200))
			.build();
		client.start();
		Node node = new Node(client, new ZooKeeperLeaseStore(client, this.namespace, ZooKeeperCluster.TICK_TIME));
		this.nodes.add(node);
		return node;
	}

	private static void awaitUntil(BooleanSupplier condition) {
		long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
		while (!condition.getAsBoolean()) {
			assertThat(System.nanoTime()).isLessThan(end);
			Thread.onSpinWait();
		}
	}

	/** As one process has it. */
	private static final class Node {

		private final CuratorFramework client;

		private final ZooKeeperLeaseStore store;

		private final LeaseEngine engine;

		private final Members members;

		private final DefaultRateLimits limits;

		Node(CuratorFramework client, ZooKeeperLeaseStore store) {
			this.client = client;
			this.store = store;
			this.engine = LeaseEngine.builder(store).shutdownTimeout(Duration.ofSeconds(1)).build();
			this.members = new Members(() -> this.engine);
			RateLimitStore part = new SharedRateLimitStore(new LocalRateLimitStore(100), this.members::count);
			this.limits = new DefaultRateLimits(() -> part,
					new LeasedConcurrency(() -> this.engine, Duration.ofSeconds(30)), () -> part, () -> 1,
					RateLimitSettings.DEFAULT);
		}

		void close() {
			this.members.close();
			this.limits.close();
			this.engine.close();
			this.store.close();
			this.client.close();
		}

	}

}
