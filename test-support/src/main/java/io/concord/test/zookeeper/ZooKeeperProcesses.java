package io.concord.test.zookeeper;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import io.concord.test.net.FreePorts;
import io.concord.test.server.ServerProcess;

/**
 * Starts the processes of a cluster.
 */
final class ZooKeeperProcesses {

	static final int NODES = 3;

	private static final int START_ATTEMPTS = 3;

	/**
	 * A class of each jar that the server needs. All others would only cost time and log.
	 */
	private static final List<String> NEEDED = List.of(ZooKeeperDefinition.MAIN_CLASS, "org.apache.jute.Record",
			"org.slf4j.LoggerFactory", "org.apache.commons.io.FileUtils", "com.codahale.metrics.Reservoir",
			"org.xerial.snappy.SnappyInputStream", "io.netty.handler.ssl.SslContext", "io.netty.buffer.ByteBuf",
			"io.netty.util.concurrent.Future", "io.netty.channel.Channel");

	/**
	 * What writes its log, if there is anything.
	 */
	private static final List<String> WANTED = List.of("ch.qos.logback.classic.Logger", "ch.qos.logback.core.Context");

	private ZooKeeperProcesses() {
	}

	static List<ZooKeeperNode> start() throws IOException {
		List<Path> classPath = classPath();
		for (int attempt = 1;; attempt++) {
			try {
				return start(classPath);
			}
			catch (IllegalStateException ex) {
				// Somebody else may have taken a port on which the nodes talk.
				if (attempt == START_ATTEMPTS) {
					throw ex;
				}
			}
		}
	}

	private static List<ZooKeeperNode> start(List<Path> classPath) {
		List<Integer> ports = FreePorts.find(2 * NODES);
		List<String> servers = new ArrayList<>();
		for (int i = 0; i < NODES; i++) {
			servers.add("127.0.0.1:" + ports.get(2 * i) + ":" + ports.get(2 * i + 1));
		}
		// At once: none is of use before a majority is there.
		List<CompletableFuture<ServerProcess>> starting = new ArrayList<>();
		for (int i = 0; i < NODES; i++) {
			ZooKeeperDefinition definition = new ZooKeeperDefinition(i + 1, servers, classPath);
			starting.add(CompletableFuture.supplyAsync(() -> ServerProcess.start(definition),
					(task) -> new Thread(task, "start-zookeeper").start()));
		}
		List<ZooKeeperNode> nodes = new ArrayList<>();
		try {
			for (CompletableFuture<ServerProcess> process : starting) {
				ServerProcess started = process.join();
				nodes.add(new ZooKeeperNode("127.0.0.1", started.port(), started));
			}
			new ZooKeeperCluster(nodes).awaitServing();
			return nodes;
		}
		catch (CompletionException | AssertionError ex) {
			List<String> output = nodes.stream().flatMap((node) -> node.process().output().stream()).toList();
			starting.forEach(ZooKeeperProcesses::end);
			throw new IllegalStateException(
					"The nodes did not come together: " + ex.getMessage() + System.lineSeparator()
							+ String.join(System.lineSeparator(), output),
					(ex instanceof CompletionException) ? ex.getCause() : ex);
		}
	}

	private static void end(CompletableFuture<ServerProcess> process) {
		process.handle((started, failure) -> {
			if (started != null) {
				started.close();
			}
			return null;
		}).join();
	}

	private static List<Path> classPath() throws FileNotFoundException {
		List<Path> classPath = new ArrayList<>();
		for (String name : NEEDED) {
			try {
				add(classPath, name);
			}
			catch (ClassNotFoundException ex) {
				throw new FileNotFoundException("the class path has no " + name
						+ "; add org.apache.zookeeper:zookeeper, io.dropwizard.metrics:metrics-core"
						+ " and org.xerial.snappy:snappy-java");
			}
		}
		for (String name : WANTED) {
			try {
				add(classPath, name);
			}
			catch (ClassNotFoundException ex) {
				// Then the server is silent.
			}
		}
		return classPath;
	}

	private static void add(List<Path> classPath, String name) throws ClassNotFoundException {
		CodeSource source = Class.forName(name, false, ZooKeeperProcesses.class.getClassLoader())
			.getProtectionDomain()
			.getCodeSource();
		try {
			Path path = Path.of(source.getLocation().toURI());
			if (!classPath.contains(path)) {
				classPath.add(path);
			}
		}
		catch (URISyntaxException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
