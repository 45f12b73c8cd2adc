package io.concord.test.memcached;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.test.Await;
import io.concord.test.process.JavaCommand;
import io.concord.test.process.WatchedProcess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What {@link MemcachedServerTest} and {@link PrivateMemcachedServer} promise.
 */
@MemcachedServerTest
@Timeout(120)
class MemcachedServerIT {

	private static final Duration BOUND = Duration.ofSeconds(30);

	private final MemcachedServer shared;

	MemcachedServerIT(MemcachedServer shared) {
		this.shared = shared;
	}

	@Test
	void sharedServerAnswers() throws IOException {
		try (MemcachedConnection connection = MemcachedConnection.open(this.shared.host(), this.shared.port())) {
			assertThat(connection.version()).isEqualTo(this.shared.version()).matches("\\d+\\.\\d+.*");
		}
	}

	@Test
	void privateServerPausesRestartsAndGoes() throws IOException {
		long pid;
		try (PrivateMemcachedServer server = PrivateMemcachedServer.start()) {
			pid = server.pid();
			server.pause();
			assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> ask(server));
			server.resume();
			assertThat(ask(server)).isEqualTo(pid);
			server.kill();
			assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> ask(server));
			server.restart();
			assertThat(ask(server)).isEqualTo(server.pid()).isNotEqualTo(pid);
			pid = server.pid();
		}
		assertThat(WatchedProcess.isRunning(pid)).isFalse();
	}

	@Test
	void serversAreGoneWhenTheirJvmIsKilled() {
		try (WatchedProcess jvm = JavaCommand.mainClass(Holder.class).passOnProperties("concord.test.").start()) {
			long pid = Long.parseLong(jvm.awaitLine("server ", BOUND).split(" ")[1]);
			assertThat(WatchedProcess.isRunning(pid)).isTrue();
			jvm.kill();
			Await.until("memcached " + pid + " is gone", BOUND, () -> !WatchedProcess.isRunning(pid));
		}
	}

	private static long ask(MemcachedServer server) throws IOException {
		try (MemcachedConnection connection = MemcachedConnection.open(server.host(), server.port())) {
			return connection.pid();
		}
	}

	static final class Holder {

		private Holder() {
		}

		public static void main(String[] args) throws InterruptedException {
			System.out.println("server " + PrivateMemcachedServer.start().pid());
			Thread.sleep(Long.MAX_VALUE);
		}

	}

}
