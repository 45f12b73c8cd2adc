package io.concord.lease.redis;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.Lease;
import io.concord.lease.Lease.ReleaseOutcome;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseRequest;
import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.redis.AbstractRedisLeaseStoreIT.Client;
import io.concord.test.Await;
import io.concord.test.redis.PrivateRedisServer;
import io.concord.test.redis.RedisReplication;
import io.concord.test.redis.RedisSentinel;
import io.concord.test.redis.RedisServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * What becomes of leases when the master dies and a replica takes its place.
 */
@Timeout(120)
class RedisFailoverIT {

	private static final Duration TIMEOUT = Duration.ofMillis(500);

	/** Outlives a failover, which takes some seconds; is renewed every third of it. */
	private static final Duration LONG_LEASE = Duration.ofSeconds(30);

	private static final Duration BOUND = Duration.ofSeconds(60);

	private final Deque<AutoCloseable> open = new ArrayDeque<>();

	@AfterEach
	void closeAll() throws Exception {
		while (!this.open.isEmpty()) {
			this.open.pop().close();
		}
	}

	@ParameterizedTest
	@EnumSource
	void leasesThatReachedTheReplicaSurviveAndOthersAreLost(Client client) throws Exception {
		RedisSentinel sentinel = closing(RedisSentinel.start());
		PrivateRedisServer former = sentinel.master();
		LeaseEngine holder = engine(client, configuration(sentinel));
		LeaseEngine other = engine(client, configuration(sentinel));
		for (LeaseEngine engine : List.of(holder, other)) {
			Await.until("it is connected", BOUND, () -> answers(engine));
		}
		Lease replicated = holder.acquire(now("replicated")).orElseThrow();
		sentinel.awaitReplicated();
		sentinel.cutReplication();
		Lease unseen = holder.acquire(now("unseen")).orElseThrow();
		CompletableFuture<String> lost = new CompletableFuture<>();
		unseen.onLost(lost::complete);

		former.kill();
		boolean promoted = false;
		int failures = 0;
		while (!promoted || failures == 0) {
			long begin = System.nanoTime();
			LeaseStoreException failure = catchThrowableOfType(LeaseStoreException.class,
					() -> other.acquire(now("replicated")));
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(TIMEOUT.plusSeconds(1));
			failures += (failure != null) ? 1 : 0;
			promoted = sentinel.master() != former;
		}
		sentinel.awaitPromotion(former);

		Await.until("the store is found again", BOUND, () -> answers(other));
		assertThat(other.acquire(now("replicated"))).isEmpty();
		Duration left = replicated.remaining();
		Await.until("the survivor is renewed", BOUND, () -> replicated.remaining().compareTo(left) > 0);
		assertThat(replicated.isValid()).isTrue();
		assertThat(replicated.release()).isEqualTo(ReleaseOutcome.RELEASED);
		Lease next = other.acquire(now("replicated")).orElseThrow();
		assertThat(next.token()).isGreaterThan(replicated.token());

		assertThat(lost.get(BOUND.toSeconds(), TimeUnit.SECONDS)).isNotEmpty();
		assertThat(unseen.isValid()).isFalse();
		Lease again = other.acquire(now("unseen")).orElseThrow();
		// The clock has passed the token that the new master has never seen.
		assertThat(again.token()).isGreaterThan(unseen.token());
		assertThat(unseen.release()).isEqualTo(ReleaseOutcome.LOST);
		assertThat(again.isValid()).isTrue();
	}

	@Test
	void masterThatIsCutOffGrantsWhatTheReplicaGrantsToo() {
		RedisReplication replication = closing(RedisReplication.start());
		LeaseStore before = store(Client.LETTUCE, configuration(replication.master()));
		LeaseStore after = store(Client.LETTUCE, configuration(replication.replica()));
		Claim kept = new Claim("kept", "engine-1", 1, LONG_LEASE, Duration.ofSeconds(30));
		Claim waiter = new Claim("kept", "engine-2", 1, LONG_LEASE, Duration.ofSeconds(30));
		long token = token(before.claim(kept, BOUND));
		assertThat(before.claim(waiter, BOUND)).isInstanceOf(ClaimAnswer.Waiting.class);
		replication.awaitReplicated();
		LeaseStoreException readOnly = catchThrowableOfType(LeaseStoreException.class, () -> after.claim(kept, BOUND));
		assertThat(readOnly).isNotNull().hasMessageContaining("refuse");

		replication.link().blackhole();
		Claim unseen = new Claim("unseen", "engine-1", 1, LONG_LEASE, Duration.ZERO);
		long first = token(before.claim(unseen, BOUND));
		replication.promote();
		Claim rival = new Claim("unseen", "engine-3", 1, LONG_LEASE, Duration.ZERO);
		// Two holders: what only a check of the token at the resource can catch.
		assertThat(token(after.claim(rival, BOUND))).isGreaterThan(first);
		assertThat(token(before.refresh(unseen, BOUND))).isEqualTo(first);

		assertThat(token(after.refresh(kept, BOUND))).isEqualTo(token);
		assertThat(after.release(kept, Duration.ZERO, BOUND).held()).isTrue();
		assertThat(token(after.refresh(waiter, BOUND))).isGreaterThan(token);
	}

	private static boolean answers(LeaseEngine engine) {
		try {
			return engine.acquire(now("probe"))
				.map((lease) -> lease.release() == ReleaseOutcome.RELEASED)
				.orElse(false);
		}
		catch (LeaseStoreException ex) {
			return false;
		}
	}

	private static long token(ClaimAnswer answer) {
		assertThat(answer).isInstanceOf(ClaimAnswer.Granted.class);
		return ((ClaimAnswer.Granted) answer).token();
	}

	private static LeaseRequest now(String name) {
		return LeaseRequest.exclusive(name, Duration.ZERO, LONG_LEASE);
	}

	private static RedisConfiguration configuration(RedisSentinel sentinel) {
		RedisSentinelConfiguration configuration = new RedisSentinelConfiguration().master(RedisSentinel.MASTER_NAME);
		sentinel.sentinels().forEach((node) -> configuration.sentinel(node.host(), node.port()));
		return configuration;
	}

	private static RedisConfiguration configuration(RedisServer server) {
		return new RedisStandaloneConfiguration(server.host(), server.port());
	}

	private LeaseEngine engine(Client client, RedisConfiguration configuration) {
		return closing(LeaseEngine.builder(store(client, configuration))
			.storeTimeout(TIMEOUT)
			.shutdownTimeout(Duration.ZERO)
			.build());
	}

	private LeaseStore store(Client client, RedisConfiguration configuration) {
		RedisConnectionFactory factory = client.connect(configuration);
		this.open.push(() -> Client.disconnect(factory));
		return closing(new RedisLeaseStore(factory, "failover"));
	}

	private <T extends AutoCloseable> T closing(T closeable) {
		this.open.push(closeable);
		return closeable;
	}

}
