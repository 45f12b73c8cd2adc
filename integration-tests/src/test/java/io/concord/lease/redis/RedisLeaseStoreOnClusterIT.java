package io.concord.lease.redis;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;

import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStore;
import io.concord.lease.ReleaseAnswer;
import io.concord.test.redis.PrivateRedisServer;
import io.concord.test.redis.RedisCluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RedisLeaseStoreOnClusterIT extends AbstractRedisClusterLeaseStoreIT {

	private final RedisCluster cluster;

	RedisLeaseStoreOnClusterIT(RedisCluster cluster) {
		super(cluster, Client.LETTUCE);
		this.cluster = cluster;
	}

	@Test
	void callWhoseNodeWasStartedAgainHasAnUnknownOutcome() throws Exception {
		LeaseStore store = store();
		token(store.claim(claim("a"), TIMEOUT));
		assertThat(store.release(claim("warm-up"), Duration.ZERO, TIMEOUT).held()).isFalse();
		PrivateRedisServer node = this.cluster.owner(this.cluster.slot(keys().iterator().next()));
		node.pause();
		CompletableFuture<ReleaseAnswer> releasing = CompletableFuture
			.supplyAsync(() -> store.release(claim("a"), Duration.ZERO, Duration.ofSeconds(60)));
		// Lettuce may send it to the new one, which knows of nothing: its answer is no
		// outcome.
		node.kill();
		node.restart();
		this.cluster.awaitServing();
		assertThatThrownBy(releasing::join).hasCauseInstanceOf(LeaseOutcomeUnknownException.class);
	}

}
