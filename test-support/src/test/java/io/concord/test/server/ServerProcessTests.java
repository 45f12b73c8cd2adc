package io.concord.test.server;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.test.process.WatchedProcess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

@Timeout(180)
class ServerProcessTests {

	@Test
	void servesUntilClosedAndLeavesNothing() throws IOException {
		Set<Path> before = directories();
		ServerProcess server = ServerProcess.start(new PidServer("pid"));
		long pid = server.pid();
		int port = server.port();
		try (server) {
			assertThat(PidServer.ask(port)).isEqualTo(pid);
			assertThat(newDirectories(before)).hasSize(1);
		}
		assertThatIllegalStateException().isThrownBy(server::restart).withMessageContaining("closed");
		assertThat(WatchedProcess.isRunning(pid)).isFalse();
		assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> PidServer.ask(port));
		assertThat(newDirectories(before)).isEmpty();
	}

	@Test
	void restartsOnTheSamePortAndDirectory() throws IOException {
		Set<Path> before = directories();
		try (ServerProcess server = ServerProcess.start(new PidServer("pid"))) {
			long pid = server.pid();
			int port = server.port();
			server.kill();
			assertThat(WatchedProcess.isRunning(pid)).isFalse();
			assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> PidServer.ask(port));

			server.restart();
			assertThat(server.port()).isEqualTo(port);
			assertThat(PidServer.ask(port)).isEqualTo(server.pid()).isNotEqualTo(pid);
			assertThat(newDirectories(before)).singleElement()
				.satisfies((directory) -> assertThat(directory.resolve("starts")).hasContent("xx"));
		}
	}

	@Test
	void pausesAndResumes() throws IOException {
		try (ServerProcess server = ServerProcess.start(new PidServer("pid"))) {
			server.pause();
			server.pause();
			assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> PidServer.ask(server.port()));
			server.resume();
			server.resume();
			assertThat(PidServer.ask(server.port())).isEqualTo(server.pid());
			server.pause();
			server.restart();
			assertThat(PidServer.ask(server.port())).isEqualTo(server.pid());
		}
	}

	@Test
	void tellsWhatTheServerSaidWhenItDoesNotStart() throws IOException {
		Set<Path> before = directories();
		assertThatIllegalStateException().isThrownBy(() -> ServerProcess.start(new PidServer("exit")))
			.withMessageContainingAll("pid-server", "cannot find my glasses", "exit code 0");
		assertThat(newDirectories(before)).isEmpty();
	}

	private static Set<Path> newDirectories(Set<Path> before) throws IOException {
		Set<Path> directories = new HashSet<>(directories());
		directories.removeAll(before);
		return directories;
	}

	private static Set<Path> directories() throws IOException {
		try (Stream<Path> paths = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
			return paths.filter((path) -> path.getFileName().toString().startsWith("concord-pid-server-"))
				.collect(Collectors.toSet());
		}
	}

}
