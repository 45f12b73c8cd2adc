package io.concord.test.redis;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

import io.concord.test.Await;
import io.concord.test.net.FreePorts;
import io.concord.test.net.TcpProxy;
import io.concord.test.process.JavaCommand;
import io.concord.test.process.WatchedProcess;
import io.concord.test.server.ServerStartException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.platform.testkit.engine.EventConditions.container;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.instanceOf;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

/**
 * What {@link RedisServerTest} and {@link PrivateRedisServer} promise.
 */
@RedisServerTest
@Timeout(120)
class RedisServerIT {

	private static final Duration BOUND = Duration.ofSeconds(30);

	private final RedisServer shared;

	RedisServerIT(RedisServer shared) {
		this.shared = shared;
	}

	@Test
	void sharedServerAnswersAtItsUrl(RedisServer parameter) throws IOException {
		assertThat(parameter).isSameAs(this.shared);
		assertThat(parameter.url()).isEqualTo("redis://" + parameter.host() + ":" + parameter.port());
		assertThat(call(parameter, "PING")).isEqualTo("PONG");
	}

	@Test
	void countsCommands() throws IOException {
		String key = "counts-" + UUID.randomUUID();
		this.shared.resetCommandCounts();
		assertThat(this.shared.commandCounts()).isEmpty();
		call(this.shared, "SET", key, "1");
		call(this.shared, "INCR", key);
		call(this.shared, "INCR", key);
		call(this.shared, "DEL", key);
		assertThat(this.shared.commandCounts()).containsOnlyKeys("del", "incr", "set").containsEntry("incr", 2L);
		this.shared.resetCommandCounts();
		assertThat(this.shared.commandCounts()).isEmpty();
	}

	@Test
	void privateServerIsOnLoopbackAndKeepsNothing() throws IOException {
		try (PrivateRedisServer server = PrivateRedisServer.start()) {
			assertThat(server.host()).isEqualTo("127.0.0.1");
			assertThat(server.port()).isNotEqualTo(this.shared.port());
			try (RespConnection connection = RespConnection.open(server.host(), server.port())) {
				assertThat(connection.info("server")).containsEntry("process_id", Long.toString(server.pid()));
				assertThat(connection.info("persistence")).containsEntry("aof_enabled", "0");
			}
			for (InetAddress address : otherAddresses()) {
				assertThatExceptionOfType(ConnectException.class)
					.isThrownBy(() -> RespConnection.open(address.getHostAddress(), server.port()).close());
			}
		}
	}

	private static List<InetAddress> otherAddresses() throws IOException {
		return NetworkInterface.networkInterfaces()
			.flatMap(NetworkInterface::inetAddresses)
			.filter(Inet4Address.class::isInstance)
			.filter((address) -> !address.isLoopbackAddress())
			.toList();
	}

	@Test
	void privateServersPauseAndResume() throws IOException {
		try (PrivateRedisServer server = PrivateRedisServer.start()) {
			server.pause();
			assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> call(server, "PING"));
			server.resume();
			assertThat(call(server, "PING")).isEqualTo("PONG");
		}
	}

	@Test
	void privateServersRestartOnTheirPortWithoutData() throws IOException {
		try (PrivateRedisServer server = PrivateRedisServer.start()) {
			long pid = server.pid();
			int port = server.port();
			call(server, "SET", "kept", "no");
			server.kill();
			assertThat(WatchedProcess.isRunning(pid)).isFalse();
			assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> call(server, "PING"));

			server.restart();
			assertThat(server.port()).isEqualTo(port);
			assertThat(server.pid()).isNotEqualTo(pid);
			assertThat(call(server, "EXISTS", "kept")).isEqualTo("0");
		}
	}

	@Test
	void closedServersLeaveNothing() throws IOException {
		long pid;
		Path directory;
		try (PrivateRedisServer server = PrivateRedisServer.start()) {
			pid = server.pid();
			directory = directory(pid);
			assertThat(directory).isDirectory();
		}
		assertThat(WatchedProcess.isRunning(pid)).isFalse();
		assertThat(directory).doesNotExist();
	}

	@Test
	void serversAreGoneWhenTheirJvmIsKilled() throws IOException {
		try (WatchedProcess jvm = JavaCommand.mainClass(RedisHolder.class).passOnProperties("concord.test.").start()) {
			String[] redis = jvm.awaitLine("server ", BOUND).split(" ");
			long pid = Long.parseLong(redis[1]);
			Path directory = directory(pid);
			assertThat(WatchedProcess.isRunning(pid)).isTrue();
			assertThat(directory).isDirectory();

			jvm.kill();
			Await.until("Redis " + pid + " is gone", BOUND, () -> !WatchedProcess.isRunning(pid));
			Await.until(directory + " is gone", BOUND, () -> Files.notExists(directory));
		}
	}

	@Test
	void requestsAreAppliedWhenTheirRepliesAreLost() throws IOException {
		String key = "lost-" + UUID.randomUUID();
		try (TcpProxy proxy = TcpProxy.to(this.shared.host(), this.shared.port());
				RespConnection connection = RespConnection.open(proxy.host(), proxy.port())) {
			assertThat(connection.call("INCR", key)).isEqualTo("1");
			proxy.dropReplies();
			assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> connection.call("INCR", key));
			assertThat(proxy.droppedReplyBytes()).isEqualTo(":2\r\n".length());
		}
		assertThat(call(this.shared, "GET", key)).isEqualTo("2");
		call(this.shared, "DEL", key);
	}

	@Test
	void classesShareOneServerThatIsGoneAfterTheLast() {
		Seen.servers.clear();
		execute(FirstFixture.class, SecondFixture.class).assertStatistics((tests) -> tests.started(2).succeeded(2));
		assertThat(Seen.servers).hasSize(2);
		assertThat(Seen.servers.get(0)).isSameAs(Seen.servers.get(1)).isNotSameAs(this.shared);
		RedisServer server = Seen.servers.get(0);
		assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> call(server, "PING"));
	}

	@Test
	void serverLeftPausedGoesOnAfterTheTest() {
		Seen.servers.clear();
		execute(PausingFixture.class).assertStatistics((tests) -> tests.started(2).succeeded(2));
	}

	@Test
	void classFailsWithTheReasonIfThereIsNoServer() {
		String url = "redis://127.0.0.1:" + FreePorts.find();
		execute(url, FirstFixture.class).containerEvents()
			.assertThatEvents()
			.haveExactly(1,
					event(container(FirstFixture.class), finishedWithFailure(instanceOf(ServerStartException.class),
							message((text) -> text.contains("need a Redis") && text.contains(url)))));
	}

	private static Events execute(Class<?>... fixtures) {
		return execute("", fixtures).testEvents();
	}

	private static EngineExecutionResults execute(String url, Class<?>... fixtures) {
		String before = System.setProperty("concord.test.redis.url", url);
		try {
			return EngineTestKit.engine("junit-jupiter")
				.selectors(Stream.of(fixtures).map(DiscoverySelectors::selectClass).toArray(DiscoverySelector[]::new))
				.execute();
		}
		finally {
			if (before != null) {
				System.setProperty("concord.test.redis.url", before);
			}
			else {
				System.clearProperty("concord.test.redis.url");
			}
		}
	}

	private static Path directory(long pid) throws IOException {
		return Path.of("/proc", Long.toString(pid), "cwd").toRealPath();
	}

	private static String call(RedisServer server, String... command) throws IOException {
		try (RespConnection connection = RespConnection.open(server.host(), server.port())) {
			return connection.call(command);
		}
	}

	static final class Seen {

		static final List<RedisServer> servers = new CopyOnWriteArrayList<>();

		private Seen() {
		}

	}

	@RedisServerTest
	static class FirstFixture {

		@Test
		void sees(RedisServer server) throws IOException {
			Seen.servers.add(server);
			assertThat(call(server, "PING")).isEqualTo("PONG");
		}

	}

	static class SecondFixture extends FirstFixture {

	}

	@RedisServerTest
	static class PausingFixture {

		@Test
		void pauses(RedisServer server) throws IOException {
			assertThat(call(server, "PING")).isEqualTo("PONG");
			server.pause();
		}

		@Test
		void pausesToo(RedisServer server) throws IOException {
			pauses(server);
		}

	}

}
