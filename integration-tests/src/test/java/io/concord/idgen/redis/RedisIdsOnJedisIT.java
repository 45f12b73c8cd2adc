package io.concord.idgen.redis;

import java.time.Duration;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;

import io.concord.idgen.SegmentStore;
import io.concord.idgen.SegmentStoreContract;
import io.concord.idgen.WorkerIdStore;
import io.concord.idgen.WorkerIdStoreContract;
import io.concord.test.redis.RedisServer;
import io.concord.test.redis.RedisServerTest;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The contracts on Redis through Jedis.
 */
@RedisServerTest
class RedisIdsOnJedisIT {

	private final JedisConnectionFactory connections;

	private final RedisIdKeys keys;

	RedisIdsOnJedisIT(RedisServer server) {
		this.connections = RedisConnections.jedis(server);
		this.keys = new RedisIdKeys(this.connections, "ids-" + UUID.randomUUID());
	}

	@AfterEach
	void disconnect() {
		this.connections.destroy();
	}

	@Test
	void refusesToWaitForReplicas() {
		RedisIdKeys confirmed = new RedisIdKeys(this.connections, "ids", 1, Duration.ofSeconds(1));
		assertThatIllegalArgumentException().isThrownBy(confirmed::workers)
			.withMessageContaining("through a JedisConnectionFactory");
	}

	@Nested
	class Workers extends WorkerIdStoreContract {

		@Override
		protected WorkerIdStore newStore() {
			return RedisIdsOnJedisIT.this.keys.workers();
		}

	}

	@Nested
	class Segments extends SegmentStoreContract {

		@Override
		protected SegmentStore newStore() {
			return RedisIdsOnJedisIT.this.keys.segments();
		}

	}

}
