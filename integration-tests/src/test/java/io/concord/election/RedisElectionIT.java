package io.concord.election;

import java.util.UUID;

import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.concord.lease.LeaseStore;
import io.concord.lease.redis.RedisLeaseStore;
import io.concord.test.redis.RedisServer;
import io.concord.test.redis.RedisServerTest;

@RedisServerTest
class RedisElectionIT extends ElectionContract {

	private final String namespace = "election-" + UUID.randomUUID();

	private final RedisServer server;

	RedisElectionIT(RedisServer server) {
		this.server = server;
	}

	@Override
	protected LeaseStore open() {
		LettuceConnectionFactory connections = new LettuceConnectionFactory(this.server.host(), this.server.port());
		connections.afterPropertiesSet();
		connections.start();
		this.nodes.closeLater(connections::destroy);
		return new RedisLeaseStore(connections, this.namespace);
	}

}
