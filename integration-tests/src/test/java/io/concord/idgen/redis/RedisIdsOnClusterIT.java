package io.concord.idgen.redis;

import java.time.Duration;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.concord.idgen.SegmentStore;
import io.concord.idgen.WorkerIdAnswer;
import io.concord.idgen.WorkerIdClaim;
import io.concord.idgen.WorkerIdExtension;
import io.concord.idgen.WorkerIdStore;
import io.concord.test.redis.RedisCluster;
import io.concord.test.redis.RedisClusterTest;

import static org.assertj.core.api.Assertions.assertThat;

@RedisClusterTest
@Timeout(120)
class RedisIdsOnClusterIT {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private static final Duration LEAD = Duration.ofMinutes(10);

	private final RedisCluster cluster;

	RedisIdsOnClusterIT(RedisCluster cluster) {
		this.cluster = cluster;
	}

	@Test
	void allKeysOfAScriptAreInOneSlot() {
		LettuceConnectionFactory connections = RedisConnections
			.lettuce(new RedisClusterConfiguration(this.cluster.addresses()));
		RedisIdKeys keys = new RedisIdKeys(connections, "ids-" + UUID.randomUUID());
		try (WorkerIdStore workers = keys.workers(); SegmentStore segments = keys.segments()) {
			workers.now(TIMEOUT);
			this.cluster.resetCommandCounts();
			for (int i = 0; i < 30; i++) {
				WorkerIdClaim claim = new WorkerIdClaim("space {" + i + "}", "layout", 0, 7, "a", "holder", LEAD);
				WorkerIdAnswer answer = workers.claim(claim, TIMEOUT);
				assertThat(answer).isInstanceOfSatisfying(WorkerIdAnswer.Granted.class, (granted) -> {
					assertThat(workers.extend(granted.lease(), LEAD, TIMEOUT))
						.isInstanceOf(WorkerIdExtension.Extended.class);
					assertThat(workers.holders(claim.space(), TIMEOUT)).hasSize(1);
					assertThat(workers.release(granted.lease(), granted.storeTime(), TIMEOUT)).isTrue();
				});
				assertThat(segments.next(claim.space(), 10, 1, TIMEOUT).first()).isEqualTo(1);
			}
		}
		finally {
			connections.destroy();
		}
		assertThat(this.cluster.nodes()).allMatch((node) -> node.commandCounts().getOrDefault("evalsha", 0L) > 5);
		assertThat(this.cluster.nodes()).noneMatch((node) -> node.info("errorstats").containsKey("errorstat_MOVED")
				|| node.info("errorstats").containsKey("errorstat_CROSSSLOT"));
	}

}
