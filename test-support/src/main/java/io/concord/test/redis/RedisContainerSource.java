package io.concord.test.redis;

import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

import io.concord.test.server.ServerSource;
import io.concord.test.server.StartedServer;

/**
 * A Redis in a container. Testcontainers ends it when the JVM has died.
 */
final class RedisContainerSource implements ServerSource<RedisServer> {

	private static final String IMAGE = "redis:7.4-alpine";

	private static final int PORT = 6379;

	@Override
	public String name() {
		return "Testcontainers";
	}

	@Override
	public StartedServer<RedisServer> start() {
		try {
			return Container.start();
		}
		catch (NoClassDefFoundError ex) {
			throw new IllegalStateException("the class path has no org.testcontainers:testcontainers", ex);
		}
	}

	/**
	 * Apart, so that its classes are only looked for when this source's turn has come.
	 */
	private static final class Container {

		static StartedServer<RedisServer> start() {
			if (!DockerClientFactory.instance().isDockerAvailable()) {
				throw new IllegalStateException("no Docker answers");
			}
			GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(IMAGE)).withExposedPorts(PORT)
				.withCommand("redis-server", "--save", "", "--appendonly", "no");
			container.start();
			RedisServer server = new RedisServer(container.getHost(), container.getMappedPort(PORT));
			return new StartedServer<>(server, container::close);
		}

	}

}
