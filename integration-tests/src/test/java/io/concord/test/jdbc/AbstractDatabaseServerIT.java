package io.concord.test.jdbc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

import io.concord.test.Await;
import io.concord.test.process.JavaCommand;
import io.concord.test.process.WatchedProcess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What the shared and the private server of a database product promise.
 *
 * @param <P> the private server
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(240)
public abstract class AbstractDatabaseServerIT<P extends DatabaseServer & PrivateDatabaseServer> {

	private static final Duration BOUND = Duration.ofSeconds(60);

	private final DatabaseServer shared;

	private final Class<?> holder;

	private @Nullable P own;

	/**
	 * Create the tests.
	 * @param shared the shared server
	 * @param holder the main class of a JVM that calls {@link #hold} and is killed
	 */
	protected AbstractDatabaseServerIT(DatabaseServer shared, Class<?> holder) {
		this.shared = shared;
		this.holder = holder;
	}

	/**
	 * Start a private server.
	 * @return the server
	 */
	protected abstract P start();

	@AfterAll
	void closeOwn() {
		if (this.own != null) {
			this.own.close();
		}
	}

	private P own() {
		P server = this.own;
		if (server == null) {
			server = start();
			this.own = server;
		}
		return server;
	}

	@Test
	void createsDatabasesThatShareNothing() throws SQLException {
		String one = this.shared.createDatabase("same");
		String other = this.shared.createDatabase("same");
		assertThat(one).isNotEqualTo(other).contains(this.shared.host() + ":" + this.shared.port() + "/same_");
		execute(this.shared, one, "CREATE TABLE t (id INT PRIMARY KEY)");
		execute(this.shared, other, "CREATE TABLE t (id INT PRIMARY KEY)");
		execute(this.shared, one, "INSERT INTO t VALUES (1)");
		assertThat(count(this.shared, one)).isEqualTo(1);
		assertThat(count(this.shared, other)).isZero();
		assertThat(this.shared.version()).matches("\\d+\\.\\d+.*");
	}

	@Test
	void refusesNamesThatAreNone() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.shared.createDatabase("a; DROP"))
			.withMessageContaining("a; DROP");
	}

	@Test
	void wrongPasswordIsRefused() {
		String url = this.shared.createDatabase("locked");
		assertThatExceptionOfType(SQLException.class)
			.isThrownBy(() -> DriverManager.getConnection(url, this.shared.username(), "guess").close());
	}

	@Test
	void privateServerIsOnLoopbackOnly() throws IOException {
		P server = own();
		assertThat(server.host()).isEqualTo("127.0.0.1");
		assertThat(server.port()).isNotEqualTo(this.shared.port());
		new Socket(server.host(), server.port()).close();
		for (InetAddress address : otherAddresses()) {
			assertThatExceptionOfType(ConnectException.class)
				.isThrownBy(() -> new Socket(address, server.port()).close());
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
	void acknowledgedCommitsSurviveKill() throws SQLException {
		P server = own();
		String url = server.createDatabase("kept");
		execute(server, url, "CREATE TABLE t (id INT PRIMARY KEY)");
		int port = server.port();
		long pid = server.pid();
		try (Connection connection = connect(server, url); Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			for (int i = 0; i < 50; i++) {
				statement.execute("INSERT INTO t VALUES (" + i + ")");
				connection.commit();
			}
			statement.execute("INSERT INTO t VALUES (50)");
			server.kill();
			assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class);
		}
		assertThat(WatchedProcess.isRunning(pid)).isFalse();
		assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> new Socket(server.host(), port).close());

		server.restart();
		assertThat(server.port()).isEqualTo(port);
		assertThat(server.pid()).isNotEqualTo(pid);
		assertThat(count(server, url)).isEqualTo(50);
	}

	@Test
	void pausesAllProcesses() throws Exception {
		P server = own();
		String url = server.createDatabase("paused");
		try (Connection open = connect(server, url); Statement statement = open.createStatement()) {
			statement.execute("CREATE TABLE t (id INT PRIMARY KEY)");
			server.pause();
			server.pause();
			Future<Integer> answer = CompletableFuture.supplyAsync(() -> update(statement, "INSERT INTO t VALUES (1)"));
			assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> answer.get(1, TimeUnit.SECONDS));
			server.resume();
			server.resume();
			assertThat(answer.get(BOUND.toSeconds(), TimeUnit.SECONDS)).isEqualTo(1);
		}
		server.pause();
		server.restart();
		assertThat(count(server, url)).isEqualTo(1);
	}

	private static int update(Statement statement, String sql) {
		try {
			return statement.executeUpdate(sql);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void closedServersLeaveNothing() throws SQLException {
		P server = start();
		try {
			String url = server.createDatabase("closed");
			try (Connection open = connect(server, url)) {
				Trace trace = Trace.of(server.pid());
				assertThat(trace.isGone()).isFalse();
				server.pause();
				server.close();
				assertThat(trace.isGone()).isTrue();
				assertThat(open.isValid(1)).isFalse();
			}
		}
		finally {
			server.close();
		}
	}

	@Test
	void serversAreGoneWhenTheirJvmIsKilled() {
		try (WatchedProcess jvm = JavaCommand.mainClass(this.holder).passOnProperties("concord.test.").start()) {
			String[] pids = jvm.awaitLine("the servers ", BOUND).split(" ");
			Trace running = Trace.of(Long.parseLong(pids[2]));
			Trace paused = Trace.of(Long.parseLong(pids[3]));
			assertThat(running.isGone()).isFalse();
			assertThat(paused.isGone()).isFalse();
			jvm.kill();
			Await.until(running + " is gone", BOUND, running::isGone);
			Await.until("paused " + paused + " is gone", BOUND, paused::isGone);
		}
	}

	/**
	 * What {@link #serversAreGoneWhenTheirJvmIsKilled()} kills.
	 * @param running a server
	 * @param paused another
	 * @throws InterruptedException never, until killed
	 */
	protected static void hold(DatabaseServer running, DatabaseServer paused) throws InterruptedException {
		paused.pause();
		System.out.println("the servers " + running.pid() + " " + paused.pid());
		Thread.sleep(Long.MAX_VALUE);
	}

	private static void execute(DatabaseServer server, String url, String sql) throws SQLException {
		try (Connection connection = connect(server, url); Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private static int count(DatabaseServer server, String url) throws SQLException {
		try (Connection connection = connect(server, url);
				Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("SELECT COUNT(*) FROM t")) {
			result.next();
			return result.getInt(1);
		}
	}

	private static Connection connect(DatabaseServer server, String url) throws SQLException {
		return DriverManager.getConnection(url, server.username(), server.password());
	}

	/**
	 * What a server has in the system.
	 */
	private record Trace(List<Long> pids, Path directory) {

		static Trace of(long pid) {
			try {
				Path directory = Path.of("/proc", Long.toString(pid), "cwd").toRealPath();
				// PostgreSQL changes to its data directory, inside of ours.
				Path ours = String.valueOf(directory.getFileName()).startsWith("concord-") ? directory
						: Objects.requireNonNull(directory.getParent());
				List<Long> pids = ProcessHandle.of(pid)
					.map((server) -> Stream.concat(Stream.of(server), server.descendants())
						.map(ProcessHandle::pid)
						.toList())
					.orElseThrow();
				return new Trace(pids, ours);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		boolean isGone() {
			return this.pids.stream().noneMatch(WatchedProcess::isRunning) && Files.notExists(this.directory);
		}

	}

}
