package io.concord.election;

import java.net.SocketAddress;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.protocol.ProtocolKeyword;
import io.lettuce.core.resource.ClientResources;
import org.junit.jupiter.api.AfterEach;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.concord.lease.LeaseStore;
import io.concord.lease.redis.RedisLeaseStore;
import io.concord.test.redis.RedisServer;
import io.concord.test.redis.RedisServerTest;

@RedisServerTest
class RedisElectionIT extends ElectionContract {

	private final String namespace = "election-" + UUID.randomUUID();

	private final AtomicLong sent = new AtomicLong();

	/** Of all nodes. */
	private final ClientResources resources = ClientResources.builder()
		.ioThreadPoolSize(2)
		.computationThreadPoolSize(2)
		.commandLatencyRecorder(new CommandLatencyRecorder() {

			@Override
			public void recordCommandLatency(SocketAddress local, SocketAddress remote, ProtocolKeyword command,
					long firstResponse, long completion) {
				RedisElectionIT.this.sent.incrementAndGet();
			}

		})
		.build();

	private final RedisServer server;

	RedisElectionIT(RedisServer server) {
		this.server = server;
	}

	@AfterEach
	void closeResources() {
		this.nodes.close();
		this.resources.shutdown(0, 0, TimeUnit.SECONDS);
	}

	@Override
	protected long requests() {
		return this.sent.get();
	}

	@Override
	protected LeaseStore open() {
		LettuceConnectionFactory connections = new LettuceConnectionFactory(
				new RedisStandaloneConfiguration(this.server.host(), this.server.port()),
				LettuceClientConfiguration.builder().clientResources(this.resources).build());
		connections.afterPropertiesSet();
		connections.start();
		this.nodes.closeLater(connections::destroy);
		return new RedisLeaseStore(connections, this.namespace);
	}

}
