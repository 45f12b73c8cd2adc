package io.concord.lease.redis;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.Lease;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreException;
import io.concord.test.redis.PrivateRedisServer;
import io.concord.test.redis.RedisCluster;
import io.concord.test.redis.RedisClusterTest;
import io.concord.test.redis.RedisServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The contract on a Redis Cluster, and what is special there.
 */
@RedisClusterTest
abstract class AbstractRedisClusterLeaseStoreIT extends AbstractRedisLeaseStoreIT {

	private final RedisCluster cluster;

	AbstractRedisClusterLeaseStoreIT(RedisCluster cluster, Client client) {
		super(cluster.nodes(), client);
		this.cluster = cluster;
	}

	@Override
	RedisConfiguration configuration() {
		return new RedisClusterConfiguration(this.cluster.addresses());
	}

	@Override
	protected int seedsOfRandomisedTest() {
		return 20;
	}

	@Test
	void allKeysOfANameAreInOneSlotAndNamesAreSpread() {
		LeaseStore store = store();
		this.cluster.resetCommandCounts();
		for (int i = 0; i < 60; i++) {
			Claim holder = new Claim("name-" + i, "engine-a", 1, Duration.ofSeconds(30), Duration.ofSeconds(3));
			Claim waiter = new Claim("name-" + i, "engine-b", 1, Duration.ofSeconds(30), Duration.ofSeconds(3));
			token(store.claim(holder, TIMEOUT));
			assertThat(store.claim(waiter, TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		}
		Map<String, Set<Integer>> slots = keys().stream()
			.collect(Collectors.groupingBy((key) -> key.substring(key.indexOf('{'), key.indexOf('}')),
					Collectors.mapping(this.cluster::slot, Collectors.toSet())));
		assertThat(slots).hasSizeGreaterThan(40);
		assertThat(slots.values()).allMatch((ofBucket) -> ofBucket.size() == 1);
		assertThat(this.cluster.nodes()).allMatch((node) -> node.commandCounts().getOrDefault("evalsha", 0L) > 20);
		// Nothing went to a node that it did not belong to.
		assertThat(this.cluster.nodes()).noneMatch((node) -> node.info("errorstats").containsKey("errorstat_MOVED")
				|| node.info("errorstats").containsKey("errorstat_CROSSSLOT"));
	}

	@Test
	void leaseMovesWithItsSlot() {
		LeaseStore store = store();
		long token = token(store.claim(claim("a"), TIMEOUT));
		store.claim(claim("b"), TIMEOUT);
		int slot = this.cluster.slot(keys().iterator().next());
		PrivateRedisServer first = this.cluster.owner(slot);
		this.cluster.moveSlot(slot, another(first));
		try {
			assertThat(token(store.refresh(claim("a"), TIMEOUT))).isEqualTo(token);
			assertThat(store.claim(impatient("c"), TIMEOUT)).isInstanceOf(ClaimAnswer.Refused.class);
			assertThat(store.release(claim("a"), Duration.ZERO, TIMEOUT).held()).isTrue();
			assertThat(token(store.refresh(claim("b"), TIMEOUT))).isGreaterThan(token);
			assertThat(store.release(claim("b"), Duration.ZERO, TIMEOUT).held()).isTrue();
		}
		finally {
			this.cluster.moveSlot(slot, first);
		}
	}

	@Test
	void callsForANameOfWhichOnlySomeKeysHaveMovedAreRefused() {
		LeaseStore store = store();
		long token = token(store.claim(claim("a"), TIMEOUT));
		store.claim(claim("b"), TIMEOUT);
		String holders = keys().stream().filter((key) -> key.contains("}:h:")).findFirst().orElseThrow();
		int slot = this.cluster.slot(holders);
		PrivateRedisServer first = this.cluster.owner(slot);
		try (RedisCluster.Migration migration = this.cluster.beginMigration(slot, another(first))) {
			migration.moveKey(holders);
			assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> store.refresh(claim("a"), TIMEOUT))
				.isNotInstanceOf(LeaseOutcomeUnknownException.class)
				.withMessageContaining("TRYAGAIN");
			migration.moveKeys();
			assertThat(token(store.refresh(claim("a"), TIMEOUT))).isEqualTo(token);
		}
		try {
			assertThat(store.release(claim("a"), Duration.ZERO, TIMEOUT).held()).isTrue();
			assertThat(token(store.refresh(claim("b"), TIMEOUT))).isGreaterThan(token);
			assertThat(store.release(claim("b"), Duration.ZERO, TIMEOUT).held()).isTrue();
		}
		finally {
			this.cluster.moveSlot(slot, first);
		}
	}

	@Test
	void sendsOneMessageAHandOverAndNoneWithoutWaiters() throws Exception {
		LeaseEngine first = engine(store());
		LeaseEngine second = engine(store());
		for (LeaseEngine engine : List.of(first, second)) {
			// Its first call asks whether it may send messages.
			engine.acquire(request(Duration.ZERO)).orElseThrow().release();
		}
		this.cluster.resetCommandCounts();
		for (int i = 0; i < 5; i++) {
			first.acquire(request(Duration.ZERO)).orElseThrow().release();
		}
		assertThat(this.cluster.commandCounts()).doesNotContainKey("publish");
		Lease lease = first.acquire(request(Duration.ZERO)).orElseThrow();
		Thread waiter = new Thread(() -> second.acquire(request(Duration.ofSeconds(30))).orElseThrow().release());
		waiter.start();
		await(() -> keys().stream().anyMatch((key) -> key.contains("}:h:")));
		lease.release();
		waiter.join();
		assertThat(this.cluster.commandCounts()).containsEntry("publish", 1L);
	}

	@Test
	void nodeThatIsDownIsATypedErrorInTimeAndOthersGoOn() {
		LeaseStore store = store();
		token(store.claim(claim("a"), TIMEOUT));
		PrivateRedisServer down = this.cluster.owner(this.cluster.slot(keys().iterator().next()));
		Claim elsewhere = elsewhere(down);
		token(store.claim(elsewhere, TIMEOUT));
		Duration timeout = Duration.ofMillis(500);
		down.pause();
		long begin = System.nanoTime();
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> store.refresh(claim("a"), timeout));
		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(timeout.plusSeconds(1));
		// Before the nodes miss it: then, without replicas, the cluster stops by default.
		token(store.refresh(elsewhere, TIMEOUT));
		down.resume();
		this.cluster.awaitServing();
		await(() -> {
			try {
				return store.release(claim("a"), Duration.ZERO, TIMEOUT).held();
			}
			catch (LeaseStoreException ex) {
				return false;
			}
		});
	}

	private Claim elsewhere(RedisServer node) {
		for (int i = 0;; i++) {
			Claim claim = new Claim(resource() + "-" + i, "engine-a", 1, Duration.ofSeconds(30), Duration.ZERO);
			LeaseStore store = store();
			Set<String> before = keys();
			token(store.claim(claim, TIMEOUT));
			String added = keys().stream().filter((key) -> !before.contains(key)).findFirst().orElseThrow();
			if (this.cluster.owner(this.cluster.slot(added)) != node) {
				return claim;
			}
		}
	}

	private PrivateRedisServer another(RedisServer node) {
		return this.cluster.nodes().stream().filter((candidate) -> candidate != node).findFirst().orElseThrow();
	}

}
