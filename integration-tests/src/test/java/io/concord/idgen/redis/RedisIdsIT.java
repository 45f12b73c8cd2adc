package io.concord.idgen.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.concord.idgen.SegmentStore;
import io.concord.idgen.SegmentStoreContract;
import io.concord.idgen.SequenceStore;
import io.concord.idgen.SequenceStoreContract;
import io.concord.idgen.ThousandNodes;
import io.concord.idgen.WorkerIdAnswer;
import io.concord.idgen.WorkerIdClaim;
import io.concord.idgen.WorkerIdExtension;
import io.concord.idgen.WorkerIdStore;
import io.concord.idgen.WorkerIdStoreContract;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStoreException;
import io.concord.test.redis.RedisServer;
import io.concord.test.redis.RedisServerTest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The contracts on Redis through Lettuce, and what is special there.
 */
@RedisServerTest
@Timeout(120)
class RedisIdsIT {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private static final Duration LEAD = Duration.ofMinutes(10);

	private final RedisServer server;

	private final LettuceConnectionFactory connections;

	private final RedisIdKeys keys;

	RedisIdsIT(RedisServer server) {
		this.server = server;
		this.connections = RedisConnections.lettuce(server);
		this.keys = new RedisIdKeys(this.connections, "ids-" + UUID.randomUUID());
	}

	@AfterEach
	void disconnect() {
		this.connections.destroy();
	}

	@Test
	void thousandNodesStartAtOnce() throws Exception {
		ThousandNodes.startAtOnce(this.keys::workers);
	}

	@Test
	void spendsOneScriptCallOnEachOperation() {
		try (WorkerIdStore store = this.keys.workers(); SegmentStore segments = this.keys.segments()) {
			for (int round = 0; round < 2; round++) {
				// The first sends the scripts.
				WorkerIdAnswer.Granted granted = granted(store.claim(claim("a" + round, 0, 1023), TIMEOUT));
				store.extend(granted.lease(), LEAD, TIMEOUT);
				store.release(granted.lease(), granted.storeTime(), TIMEOUT);
				store.now(TIMEOUT);
				segments.next("counter", 10, 1, TIMEOUT);
				if (round == 0) {
					this.server.resetCommandCounts();
				}
			}
			Map<String, Long> counts = this.server.commandCounts();
			assertThat(counts).containsEntry("evalsha", 5L).doesNotContainKeys("eval", "script", "wait");
		}
	}

	/** Scripts find the bits before the first whole byte of a range one by one. */
	@Test
	void findsWhatWasNeverTakenInRangesThatShareBytes() {
		try (WorkerIdStore store = this.keys.workers()) {
			assertThat(granted(store.claim(claim("a", 29, 29), TIMEOUT)).lease().workerId()).isEqualTo(29);
			assertThat(granted(store.claim(claim("b", 27, 40), TIMEOUT)).lease().workerId()).isEqualTo(27);
			assertThat(granted(store.claim(claim("c", 27, 40), TIMEOUT)).lease().workerId()).isEqualTo(28);
			for (int workerId = 30; workerId <= 40; workerId++) {
				assertThat(granted(store.claim(claim("d" + workerId, 27, 40), TIMEOUT)).lease().workerId())
					.isEqualTo(workerId);
			}
			assertThat(store.claim(claim("e", 27, 40), TIMEOUT)).isInstanceOf(WorkerIdAnswer.Full.class);
			assertThat(granted(store.claim(claim("f", 512, 1023), TIMEOUT)).lease().workerId()).isEqualTo(512);
			assertThat(granted(store.claim(claim("g", 0, 1023), TIMEOUT)).lease().workerId()).isZero();
		}
	}

	@Test
	void holdersExtendAndReleaseWhenTheMemoryIsFull() {
		try (WorkerIdStore store = this.keys.workers()) {
			WorkerIdAnswer.Granted granted = granted(store.claim(claim("a", 0, 1023), TIMEOUT));
			store.extend(granted.lease(), LEAD, TIMEOUT);
			WorkerIdAnswer.Granted other = granted(store.claim(claim("b", 0, 1023), TIMEOUT));
			store.release(other.lease(), other.storeTime(), TIMEOUT);
			this.server.call("CONFIG", "SET", "maxmemory", "1");
			try {
				assertThat(store.extend(granted.lease(), LEAD.plusMinutes(1), TIMEOUT))
					.isInstanceOf(WorkerIdExtension.Extended.class);
				assertThatExceptionOfType(LeaseStoreException.class)
					.isThrownBy(() -> store.claim(claim("c", 0, 1023), TIMEOUT))
					.isNotInstanceOf(LeaseOutcomeUnknownException.class)
					.withMessageContaining("OOM");
				assertThat(store.release(granted.lease(), granted.storeTime(), TIMEOUT)).isTrue();
			}
			finally {
				this.server.call("CONFIG", "SET", "maxmemory", "0");
			}
			assertThat(store.holders("space", TIMEOUT)).isEmpty();
		}
	}

	@Test
	void refusesDataOfAnotherFormat() {
		try (WorkerIdStore store = this.keys.workers()) {
			granted(store.claim(claim("a", 0, 1023), TIMEOUT));
			String hash = new String(this.keys.key("space", "w"), StandardCharsets.US_ASCII);
			this.server.call("HSET", hash, "layout", "2 from-the-future");
			assertThatExceptionOfType(LeaseStoreException.class)
				.isThrownBy(() -> store.claim(claim("b", 0, 1023), TIMEOUT))
				.withMessageContaining("'2 from-the-future'")
				.withMessageContaining("another namespace");
		}
	}

	@Test
	void nothingEndsByItself() {
		try (WorkerIdStore store = this.keys.workers(); SequenceStore sequences = this.keys.sequences()) {
			granted(store.claim(claim("a", 0, 1023), TIMEOUT));
			sequences.next("space", 1, TIMEOUT);
			for (String kind : new String[] { "w", "m", "t", "c" }) {
				assertThat(
						this.server.call("PTTL", new String(this.keys.key("space", kind), StandardCharsets.US_ASCII)))
					.isEqualTo("-1");
			}
		}
	}

	@Test
	void countersAreTheSameForSegmentsAndSequences() {
		try (SegmentStore segments = this.keys.segments(); SequenceStore sequences = this.keys.sequences()) {
			long last = segments.next("shared", 100, 1, TIMEOUT).last();
			assertThat(sequences.next("shared", 1, TIMEOUT)).isEqualTo(last + 1);
		}
	}

	@Test
	void refusesANamespaceWithOtherCharacters() {
		assertThatIllegalArgumentException().isThrownBy(() -> new RedisIdKeys(this.connections, "a{b}"))
			.withMessageContaining("'a{b}'");
	}

	private static WorkerIdClaim claim(String owner, int first, int last) {
		return new WorkerIdClaim("space", "layout", first, last, owner, "holder of " + owner, LEAD);
	}

	private static WorkerIdAnswer.Granted granted(WorkerIdAnswer answer) {
		assertThat(answer).isInstanceOf(WorkerIdAnswer.Granted.class);
		return (WorkerIdAnswer.Granted) answer;
	}

	@Nested
	class Workers extends WorkerIdStoreContract {

		@Override
		protected WorkerIdStore newStore() {
			return RedisIdsIT.this.keys.workers();
		}

	}

	@Nested
	class Segments extends SegmentStoreContract {

		@Override
		protected SegmentStore newStore() {
			return RedisIdsIT.this.keys.segments();
		}

	}

	@Nested
	class Sequences extends SequenceStoreContract {

		@Override
		protected SequenceStore newStore() {
			return RedisIdsIT.this.keys.sequences();
		}

	}

}
