package io.concord.test.redis;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.test.Await;
import io.concord.test.process.WatchedProcess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What {@link RedisCluster}, {@link RedisSentinel} and {@link RedisReplication} promise.
 */
@RedisClusterTest
@Timeout(120)
class RedisTopologiesIT {

	private static final Duration BOUND = Duration.ofSeconds(30);

	private final RedisCluster cluster;

	RedisTopologiesIT(RedisCluster cluster) {
		this.cluster = cluster;
	}

	@Test
	void clusterSpreadsItsSlotsOverThreeMasters() {
		assertThat(this.cluster.nodes()).hasSize(3).extracting(PrivateRedisServer::pid).doesNotHaveDuplicates();
		assertThat(
				List.of(this.cluster.owner(0), this.cluster.owner(8_000), this.cluster.owner(RedisCluster.SLOTS - 1)))
			.containsExactlyElementsOf(this.cluster.nodes());
		for (String key : List.of("one", "two", "three", "four")) {
			PrivateRedisServer owner = this.cluster.owner(this.cluster.slot(key));
			assertThat(owner.call("SET", key, "1", "PX", "1000")).isEqualTo("OK");
			PrivateRedisServer other = this.cluster.nodes()
				.stream()
				.filter((node) -> node != owner)
				.findFirst()
				.orElseThrow();
			assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(() -> other.call("GET", key))
				.havingCause()
				.withMessageContaining("MOVED " + this.cluster.slot(key) + " 127.0.0.1:" + owner.port());
		}
	}

	@Test
	void slotMovesWithItsKeys() {
		String key = "moves";
		int slot = this.cluster.slot(key);
		PrivateRedisServer first = this.cluster.owner(slot);
		PrivateRedisServer second = this.cluster.nodes()
			.stream()
			.filter((node) -> node != first)
			.findFirst()
			.orElseThrow();
		first.call("SET", key, "value");
		this.cluster.moveSlot(slot, second);
		assertThat(this.cluster.owner(slot)).isSameAs(second);
		assertThat(second.call("GET", key)).isEqualTo("value");
		assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(() -> first.call("GET", key))
			.havingCause()
			.withMessageContaining("MOVED");
		second.call("DEL", key);
		this.cluster.moveSlot(slot, first);
		assertThat(this.cluster.owner(slot)).isSameAs(first);
	}

	@Test
	void clusterIsWholeAgainAfterAKill() {
		PrivateRedisServer node = this.cluster.node(1);
		node.kill();
		Await.until("the others miss it", BOUND,
				() -> this.cluster.node(0).call("CLUSTER", "INFO").contains("cluster_state:fail"));
		this.cluster.restore();
		assertThat(node.call("CLUSTER", "INFO")).contains("cluster_state:ok", "cluster_known_nodes:3");
		assertThat(this.cluster.owner(8_000)).isSameAs(node);
	}

	@Test
	void replicaFollowsThroughANetworkThatCanFail() {
		try (RedisReplication replication = RedisReplication.start()) {
			replication.master().call("SET", "before", "1");
			replication.awaitReplicated();
			assertThat(replication.replica().call("GET", "before")).isEqualTo("1");
			replication.link().blackhole();
			assertThat(replication.master().call("SET", "after", "1")).isEqualTo("OK");
			replication.master().kill();
			replication.promote();
			assertThat(replication.replica().call("EXISTS", "before")).isEqualTo("1");
			assertThat(replication.replica().call("EXISTS", "after")).isEqualTo("0");
			assertThat(replication.replica().call("SET", "again", "1")).isEqualTo("OK");
		}
	}

	@Test
	void sentinelsPromoteTheReplica() {
		List<Long> pids;
		try (RedisSentinel sentinel = RedisSentinel.start()) {
			pids = sentinel.sentinels().stream().map(PrivateRedisServer::pid).toList();
			assertThat(pids).hasSize(3).allMatch(WatchedProcess::isRunning);
			PrivateRedisServer master = sentinel.master();
			PrivateRedisServer replica = sentinel.replica();
			master.call("SET", "before", "1");
			sentinel.awaitReplicated();
			sentinel.cutReplication();
			master.call("SET", "after", "1");
			master.kill();
			assertThat(sentinel.awaitPromotion(master)).isSameAs(replica);
			assertThat(replica.call("EXISTS", "before")).isEqualTo("1");
			assertThat(replica.call("EXISTS", "after")).isEqualTo("0");
			assertThat(replica.call("SET", "again", "1")).isEqualTo("OK");
		}
		assertThat(pids).noneMatch(WatchedProcess::isRunning);
	}

}
