package io.concord.test.jdbc;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.concord.test.process.WatchedProcess;
import io.concord.test.server.ServerDefinition;

/**
 * A server of the family of MySQL, for one server. What its members have in common.
 */
public abstract class MySqlFamilyDefinition implements ServerDefinition {

	private static final String HOST = "127.0.0.1";

	private static final String USERNAME = "concord";

	private static final int ROOT = 0;

	private static final int TIMEOUT_MILLIS = 2_000;

	private static final Duration INSTALL_BOUND = Duration.ofSeconds(120);

	private final boolean durable;

	// Other users of this machine reach the port, and who may log in may write files.
	private final String password = UUID.randomUUID().toString();

	/**
	 * Create a definition.
	 * @param durable whether a commit waits for the disk
	 */
	protected MySqlFamilyDefinition(boolean durable) {
		this.durable = durable;
	}

	/**
	 * The command that lays out a data directory.
	 * @param data the data directory, which does not exist
	 * @return the program and its arguments
	 * @throws IOException if there is no such program
	 */
	protected abstract List<String> installCommand(Path data) throws IOException;

	/**
	 * The program and the arguments that only this member of the family has or needs.
	 * @return the program and those arguments
	 */
	protected abstract List<String> program();

	/**
	 * Where the server is once it runs.
	 * @param port the port
	 * @return the address
	 */
	public final DatabaseAddress address(int port) {
		return new DatabaseAddress(HOST, port, USERNAME, this.password, "");
	}

	@Override
	public final void prepare(Path directory) throws IOException {
		List<String> command = new ArrayList<>(installCommand(data(directory)));
		command.addAll(asRoot(directory));
		try (WatchedProcess process = WatchedProcess.start("install " + name(), command, Map.of(), directory,
				directory)) {
			if (process.awaitExit(INSTALL_BOUND) != 0) {
				throw new IOException("Cannot lay out a data directory: " + process.describe());
			}
		}
		catch (AssertionError ex) {
			throw new IOException(ex.getMessage(), ex);
		}
		// Run at every start, before the first client; one statement a line.
		Files.write(init(directory),
				List.of("CREATE USER IF NOT EXISTS '" + USERNAME + "'@'%' IDENTIFIED BY '" + this.password + "';",
						"GRANT ALL PRIVILEGES ON *.* TO '" + USERNAME + "'@'%' WITH GRANT OPTION;",
						"DROP USER IF EXISTS 'root'@'localhost';"));
	}

	@Override
	public final List<String> command(int port, Path directory) {
		List<String> command = new ArrayList<>(program());
		command.addAll(List.of("--datadir=" + data(directory), "--tmpdir=" + directory, "--bind-address=" + HOST,
				"--port=" + port, "--socket=" + directory.resolve("socket"), "--pid-file=" + pid(directory),
				"--init-file=" + init(directory), "--skip-name-resolve", "--max-connections=200",
				"--character-set-server=utf8mb4", "--innodb-buffer-pool-size=64M"));
		// With 2 a commit is in the system's memory, where it survives the process.
		// Nobody
		// kills a shared server; the tests of a private one are to meet what a user's
		// server
		// does, whose acknowledgements come after the disk.
		command.add("--innodb-flush-log-at-trx-commit=" + (this.durable ? 1 : 2));
		command.addAll(asRoot(directory));
		return command;
	}

	private static Path data(Path directory) {
		return directory.resolve("data");
	}

	private static Path init(Path directory) {
		return directory.resolve("init.sql");
	}

	private static Path pid(Path directory) {
		return directory.resolve("pid");
	}

	/**
	 * Root must say that it means it.
	 */
	private static List<String> asRoot(Path directory) {
		try {
			return Integer.valueOf(ROOT).equals(Files.getAttribute(directory, "unix:uid")) ? List.of("--user=root")
					: List.of();
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * By its file, which has the process id once the port is its own, and its greeting,
	 * which comes once it takes clients.
	 */
	@Override
	public final boolean isReady(int port, long pid, Path directory) throws IOException {
		if (!Files.readString(pid(directory)).strip().equals(Long.toString(pid))) {
			return false;
		}
		try (Socket socket = new Socket()) {
			socket.connect(new InetSocketAddress(HOST, port), TIMEOUT_MILLIS);
			socket.setSoTimeout(TIMEOUT_MILLIS);
			return socket.getInputStream().read() != -1;
		}
	}

}
