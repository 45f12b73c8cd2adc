package io.concord.test.zookeeper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.concord.test.process.JavaCommand;
import io.concord.test.server.ServerDefinition;

/**
 * One node of a cluster, a small JVM.
 */
final class ZooKeeperDefinition implements ServerDefinition {

	static final String MAIN_CLASS = "org.apache.zookeeper.server.quorum.QuorumPeerMain";

	/**
	 * A node that is cut off is dropped, and a leader that is cut off resigns, after six
	 * ticks. A session lasts from one second to ten minutes, as its client wishes.
	 */
	private static final List<String> CONFIGURATION = List.of("tickTime=" + ZooKeeperCluster.TICK_TIME.toMillis(),
			"initLimit=20", "syncLimit=6", "minSessionTimeout=1000", "maxSessionTimeout=600000", "maxClientCnxns=0",
			"admin.enableServer=false",
			"4lw.commands.whitelist=envi,ruok,srvr,stat,mntr,cons,conf,dump,wchp,wchc,crst,srst");

	/**
	 * Empty containers go after a second or two instead of a minute or two. What a node
	 * acknowledged outlives its process, not the machine.
	 */
	private static final String[] JVM_ARGUMENTS = { "-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
			"-XX:-UsePerfData", "-Dznode.container.checkIntervalMs=1000", "-Dzookeeper.forceSync=no",
			"-Dzookeeper.preAllocSize=1024", "-Dzookeeper.jmx.log4j.disable=true" };

	private static final String LOGGING = """
			<configuration>
				<appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
					<encoder><pattern>%d{HH:mm:ss.SSS} %-5level %logger{0} - %msg%n</pattern></encoder>
				</appender>
				<root level="WARN"><appender-ref ref="OUT"/></root>
			</configuration>
			""";

	private final int id;

	private final List<String> servers;

	private final List<Path> classPath;

	/**
	 * Creates a definition.
	 * @param id the number of the node among the servers, from 1
	 * @param servers host and the two ports on which the nodes talk, of each node
	 * @param classPath what the server needs
	 */
	ZooKeeperDefinition(int id, List<String> servers, List<Path> classPath) {
		this.id = id;
		this.servers = servers;
		this.classPath = classPath;
	}

	@Override
	public String name() {
		return "zookeeper";
	}

	@Override
	public void prepare(Path directory) throws IOException {
		Files.createDirectory(directory.resolve("data"));
		Files.writeString(directory.resolve("data/myid"), Integer.toString(this.id));
		Files.writeString(directory.resolve("logback.xml"), LOGGING);
	}

	@Override
	public List<String> command(int port, Path directory) {
		Path file = directory.resolve("zoo.cfg");
		List<String> lines = new ArrayList<>(CONFIGURATION);
		lines.add("dataDir=" + directory.resolve("data"));
		lines.add("clientPortAddress=127.0.0.1");
		lines.add("clientPort=" + port);
		for (int i = 0; i < this.servers.size(); i++) {
			lines.add("server." + (i + 1) + "=" + this.servers.get(i));
		}
		try {
			// Here, for it takes the port from nowhere else.
			Files.write(file, lines);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return JavaCommand.mainClass(MAIN_CLASS, this.classPath)
			.jvmArguments(JVM_ARGUMENTS)
			.jvmArguments("-Dlogback.configurationFile=" + directory.resolve("logback.xml"))
			.arguments(file.toString())
			.words();
	}

	/**
	 * Whether it listens. It serves when there is a majority.
	 */
	@Override
	public boolean isReady(int port, long pid, Path directory) throws IOException {
		// The only answer of a node without a majority that tells it from others.
		String workingDirectory = "user.dir=" + directory.toRealPath();
		return ZooKeeperConnection.ask("127.0.0.1", port, "envi").lines().anyMatch(workingDirectory::equals);
	}

}
