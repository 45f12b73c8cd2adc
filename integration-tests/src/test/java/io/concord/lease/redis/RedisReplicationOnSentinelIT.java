package io.concord.lease.redis;

import java.time.Duration;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseNotReplicatedException;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.redis.AbstractRedisLeaseStoreIT.Client;
import io.concord.test.Await;
import io.concord.test.redis.PrivateRedisServer;
import io.concord.test.redis.RedisSentinel;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Leases that a replica has to confirm, and that replica as the new master.
 */
@Timeout(240)
class RedisReplicationOnSentinelIT {

	private static final Duration TIMEOUT = Duration.ofSeconds(5);

	private static final Duration BOUND = Duration.ofSeconds(60);

	@Test
	void whatTheReplicaHasConfirmedSurvivesTheFailOver() {
		try (RedisSentinel sentinel = RedisSentinel.start()) {
			RedisSentinelConfiguration configuration = new RedisSentinelConfiguration()
				.master(RedisSentinel.MASTER_NAME);
			sentinel.sentinels().forEach((node) -> configuration.sentinel(node.host(), node.port()));
			RedisConnectionFactory connections = Client.LETTUCE.connect(configuration);
			try (RedisLeaseStore store = new RedisLeaseStore(connections, "replicated", 1, Duration.ofSeconds(2));
					RedisLeaseStore careless = new RedisLeaseStore(connections, "replicated")) {
				check(sentinel, store, careless);
			}
			finally {
				Client.disconnect(connections);
			}
		}
	}

	private static void check(RedisSentinel sentinel, RedisLeaseStore store, RedisLeaseStore careless) {
		PrivateRedisServer former = sentinel.master();
		sentinel.awaitReplicated();
		Claim confirmed = claim("confirmed");
		Await.until("a lease is confirmed", BOUND, () -> isGranted(store, confirmed));
		former.kill();
		sentinel.awaitPromotion(former);
		Claim other = claim("confirmed");
		Await.until("the new master is found, and has the lease", BOUND,
				() -> answer(careless, other) instanceof ClaimAnswer.Refused);
		assertThat(careless.refresh(confirmed, TIMEOUT)).isInstanceOf(ClaimAnswer.Granted.class);
		Claim alone = claim("alone");
		Await.until("a lease that nobody is left to confirm is refused", BOUND,
				() -> answer(store, alone) instanceof LeaseNotReplicatedException refused
						&& refused.getConfirmed() == 0);
		assertThat(careless.claim(claim("alone"), TIMEOUT)).as("and nothing stays behind")
			.isInstanceOf(ClaimAnswer.Granted.class);
	}

	private static boolean isGranted(RedisLeaseStore store, Claim claim) {
		return answer(store, claim) instanceof ClaimAnswer.Granted;
	}

	/** While the sentinels are at it, calls fail. */
	private static Object answer(RedisLeaseStore store, Claim claim) {
		try {
			return store.claim(claim, TIMEOUT);
		}
		catch (LeaseStoreException ex) {
			return ex;
		}
	}

	private static Claim claim(String resource) {
		return new Claim(resource, "engine-" + UUID.randomUUID(), 1, Duration.ofMinutes(10), Duration.ZERO);
	}

}
