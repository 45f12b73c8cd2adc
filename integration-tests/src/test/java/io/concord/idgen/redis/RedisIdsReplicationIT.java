package io.concord.idgen.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.concord.idgen.SegmentStore;
import io.concord.idgen.WorkerIdAnswer;
import io.concord.idgen.WorkerIdClaim;
import io.concord.idgen.WorkerIdExtension;
import io.concord.idgen.WorkerIdStore;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.test.Await;
import io.concord.test.redis.PrivateRedisServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Marks that a replica has to confirm.
 */
@Timeout(120)
class RedisIdsReplicationIT {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private static final Duration LEAD = Duration.ofSeconds(30);

	private static final Duration SHORT_WAIT = Duration.ofMillis(200);

	private static PrivateRedisServer server;

	private static PrivateRedisServer replica;

	private static LettuceConnectionFactory connections;

	private final String namespace = "ids-" + UUID.randomUUID();

	@BeforeAll
	static void start() {
		server = PrivateRedisServer.start();
		replica = PrivateRedisServer.start();
		connections = RedisConnections.lettuce(server);
		replica.call("REPLICAOF", server.host(), Integer.toString(server.port()));
		Await.until("the replica follows", Duration.ofSeconds(60),
				() -> "up".equals(replica.info("replication").get("master_link_status")));
	}

	@AfterAll
	static void stop() {
		connections.destroy();
		replica.close();
		server.close();
	}

	@Test
	void tellsAMarkThatTheReplicaHas() {
		try (WorkerIdStore store = keys(Duration.ofSeconds(4)).workers()) {
			WorkerIdAnswer.Granted granted = granted(store.claim(claim("a"), TIMEOUT));
			assertThat(replica.call("ZSCORE", marks(), Integer.toString(granted.lease().workerId())))
				.isEqualTo(Long.toString(granted.highWater()));
			WorkerIdExtension extension = store.extend(granted.lease(), LEAD, TIMEOUT);
			assertThat(extension).isInstanceOfSatisfying(WorkerIdExtension.Extended.class,
					(extended) -> assertThat(
							replica.call("ZSCORE", marks(), Integer.toString(granted.lease().workerId())))
						.isEqualTo(Long.toString(extended.highWater())));
		}
	}

	/** What a fail-over could have forgotten lies before that. */
	@Test
	void beginsAboveAllThatAFormerHolderCanHaveBeenTold() {
		try (WorkerIdStore store = keys(Duration.ofSeconds(4)).workers()) {
			WorkerIdAnswer.Granted granted = granted(store.claim(claim("a"), TIMEOUT));
			long floor = granted.storeTime() + LEAD.plus(RedisIdKeys.SKEW).toMillis();
			assertThat(granted.floor()).isEqualTo(floor);
			assertThat(granted(store.claim(claim("a"), TIMEOUT)).floor()).isEqualTo(floor);
		}
	}

	@Test
	void doesNotTellAMarkThatNoReplicaHas() {
		try (WorkerIdStore store = keys(SHORT_WAIT).workers(); SegmentStore segments = keys(SHORT_WAIT).segments()) {
			WorkerIdAnswer.Granted granted = held();
			replica.pause();
			try {
				assertThatExceptionOfType(LeaseOutcomeUnknownException.class)
					.isThrownBy(() -> store.extend(granted.lease(), LEAD, TIMEOUT))
					.withMessageContaining("0 replicas");
				// Nor when it does not move any more.
				assertThatExceptionOfType(LeaseOutcomeUnknownException.class)
					.isThrownBy(() -> store.extend(granted.lease(), Duration.ofMillis(1), TIMEOUT));
				assertThatExceptionOfType(LeaseOutcomeUnknownException.class)
					.isThrownBy(() -> store.claim(claim("b"), TIMEOUT));
				assertThatExceptionOfType(LeaseOutcomeUnknownException.class)
					.isThrownBy(() -> segments.next("counter", 10, 1, TIMEOUT));
			}
			finally {
				replica.resume();
			}
			Await.until("the replica has caught up", Duration.ofSeconds(30), () -> {
				try {
					return store.extend(granted.lease(), LEAD, TIMEOUT) instanceof WorkerIdExtension.Extended;
				}
				catch (LeaseOutcomeUnknownException ex) {
					return false;
				}
			});
			assertThat(segments.next("counter", 10, 1, TIMEOUT).first()).isEqualTo(11);
		}
	}

	private WorkerIdAnswer.Granted held() {
		try (WorkerIdStore patient = keys(Duration.ofSeconds(4)).workers()) {
			return granted(patient.claim(claim("a"), TIMEOUT));
		}
	}

	private RedisIdKeys keys(Duration wait) {
		return new RedisIdKeys(connections, this.namespace, 1, wait);
	}

	private String marks() {
		return new String(keys(SHORT_WAIT).key("space", "m"), StandardCharsets.US_ASCII);
	}

	private static WorkerIdClaim claim(String owner) {
		return new WorkerIdClaim("space", "layout", 0, 1023, owner, "holder", LEAD);
	}

	private static WorkerIdAnswer.Granted granted(WorkerIdAnswer answer) {
		assertThat(answer).isInstanceOf(WorkerIdAnswer.Granted.class);
		return (WorkerIdAnswer.Granted) answer;
	}

}
