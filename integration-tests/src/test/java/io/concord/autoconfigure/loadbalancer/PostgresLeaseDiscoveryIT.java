package io.concord.autoconfigure.loadbalancer;

import java.util.List;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Configuration;

import io.concord.test.postgres.PostgresServer;
import io.concord.test.postgres.PostgresServerTest;

@PostgresServerTest
class PostgresLeaseDiscoveryIT extends AbstractLeaseDiscoveryIT {

	private final PostgresServer server;

	private final String url;

	PostgresLeaseDiscoveryIT(PostgresServer server) {
		super(PostgresNode.class, server.host(), server.port());
		this.server = server;
		this.url = server.createDatabase("discovery");
	}

	@Override
	List<String> storeAt(String host, int port) {
		String address = "//" + this.server.host() + ":" + this.server.port() + "/";
		return List.of("concord.backend=jdbc", "concord.jdbc.initialize-schema=always",
				"spring.datasource.url=" + this.url.replace(address, "//" + host + ":" + port + "/"),
				"spring.datasource.username=" + this.server.username(),
				"spring.datasource.password=" + this.server.password(), "spring.datasource.hikari.maximum-pool-size=3");
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(DataSourceAutoConfiguration.class)
	static class PostgresNode extends Node {

	}

}
