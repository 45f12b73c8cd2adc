package io.concord.test.postgres;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import io.concord.test.jdbc.DatabaseAddress;
import io.concord.test.process.WatchedProcess;
import io.concord.test.server.ServerDefinition;

/**
 * A PostgreSQL of a directory of programs, for one server.
 */
final class PostgresDefinition implements ServerDefinition {

	private static final Duration INITDB_BOUND = Duration.ofSeconds(120);

	private static final String USERNAME = "concord";

	/** A user that every system has and that owns nothing. */
	private static final String UNPRIVILEGED = "nobody";

	private static final int ROOT = 0;

	private static final int STATUS_LINES = 8;

	private final Path binaries;

	private final Optional<Path> setpriv;

	private final boolean durable;

	// Other users of this machine reach the port, and who may log in may run programs.
	private final String password = UUID.randomUUID().toString();

	/** What commands begin with, known once the directory is laid out. */
	private List<String> asUnprivileged = List.of();

	PostgresDefinition(Path binaries, Optional<Path> setpriv, boolean durable) {
		this.binaries = binaries;
		this.setpriv = setpriv;
		this.durable = durable;
	}

	DatabaseAddress address(int port) {
		return new DatabaseAddress("127.0.0.1", port, USERNAME, this.password, "");
	}

	@Override
	public String name() {
		return "postgres";
	}

	@Override
	public void prepare(Path directory) throws IOException {
		Path initdb = this.binaries.resolve("initdb");
		if (!Files.isExecutable(initdb)) {
			throw new FileNotFoundException("there is no program " + initdb);
		}
		Path passwordFile = Files.writeString(directory.resolve("password"), this.password);
		if (isOwnedByRoot(directory)) {
			giveAway(directory, passwordFile);
		}
		List<String> command = new ArrayList<>(this.asUnprivileged);
		command.addAll(List.of(initdb.toString(), "--pgdata", data(directory).toString(), "--username", USERNAME,
				"--pwfile", passwordFile.toString(), "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C",
				// What it has written is in the system's memory when it ends, which is
				// enough: tests kill processes, not the machine.
				"--no-sync"));
		try (WatchedProcess process = WatchedProcess.start("initdb", command, Map.of("LC_ALL", "C"), directory,
				directory)) {
			if (process.awaitExit(INITDB_BOUND) != 0) {
				throw new IOException("initdb failed: " + process.describe());
			}
		}
		catch (AssertionError ex) {
			throw new IOException(ex.getMessage(), ex);
		}
		Files.delete(passwordFile);
	}

	@Override
	public List<String> prefix() {
		return this.asUnprivileged;
	}

	@Override
	public List<String> command(int port, Path directory) {
		List<String> command = new ArrayList<>(
				List.of(this.binaries.resolve("postgres").toString(), "-D", data(directory).toString()));
		setting(command, "port", Integer.toString(port));
		setting(command, "listen_addresses", "127.0.0.1");
		setting(command, "unix_socket_directories", "");
		// In its directory, which is deleted, and not in the system's memory.
		setting(command, "dynamic_shared_memory_type", "mmap");
		setting(command, "max_connections", "200");
		if (!this.durable) {
			// Nobody kills a shared server, and most of a commit's time is the disk. A
			// private
			// one is killed, and its tests are to meet what a user's server does: an
			// acknowledgement that comes after the disk, and a recovery from a log whose
			// order the disk has kept.
			setting(command, "fsync", "off");
			setting(command, "full_page_writes", "off");
		}
		return command;
	}

	private static void setting(List<String> command, String name, String value) {
		command.addAll(List.of("-c", name + "=" + value));
	}

	private static Path data(Path directory) {
		return directory.resolve("data");
	}

	/**
	 * PostgreSQL refuses to run as root.
	 */
	private void giveAway(Path... paths) throws IOException {
		Path program = this.setpriv
			.orElseThrow(() -> new FileNotFoundException("PostgreSQL refuses to run as root, and there is no setpriv "
					+ "on the PATH to run it as " + UNPRIVILEGED + "; it is part of util-linux"));
		Object user = 0;
		for (Path path : paths) {
			Files.setOwner(path,
					path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(UNPRIVILEGED));
			user = Files.getAttribute(path, "unix:uid");
		}
		this.asUnprivileged = List.of(program.toString(), "--reuid=" + user, "--regid=" + user, "--clear-groups");
	}

	private static boolean isOwnedByRoot(Path directory) throws IOException {
		return Integer.valueOf(ROOT).equals(Files.getAttribute(directory, "unix:uid"));
	}

	/**
	 * By its status file, which begins with the process id, as the port alone could be
	 * another's. A client that came earlier would be refused.
	 */
	@Override
	public boolean isReady(int port, long pid, Path directory) throws IOException {
		List<String> status = Files.readAllLines(data(directory).resolve("postmaster.pid"));
		return status.size() >= STATUS_LINES && status.get(0).equals(Long.toString(pid))
				&& status.get(3).equals(Integer.toString(port)) && status.get(STATUS_LINES - 1).strip().equals("ready");
	}

	@Override
	public String stopSignal() {
		// Immediate shutdown: it takes its children and its piece of System V memory
		// along.
		return "QUIT";
	}

}
