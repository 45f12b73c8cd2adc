package io.concord.autoconfigure.loadbalancer;

import java.util.List;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.context.annotation.Configuration;

import io.concord.test.redis.RedisServer;
import io.concord.test.redis.RedisServerTest;

@RedisServerTest
class RedisLeaseDiscoveryIT extends AbstractLeaseDiscoveryIT {

	RedisLeaseDiscoveryIT(RedisServer server) {
		super(RedisNode.class, server.host(), server.port());
	}

	@Override
	List<String> storeAt(String host, int port) {
		return List.of("concord.backend=redis", "spring.data.redis.host=" + host, "spring.data.redis.port=" + port);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(DataRedisAutoConfiguration.class)
	static class RedisNode extends Node {

	}

}
