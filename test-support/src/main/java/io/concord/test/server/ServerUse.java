package io.concord.test.server;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * Which servers the tests of a JVM, or of several, used and which they missed.
 * Thread-safe.
 */
final class ServerUse {

	// JUnit creates the listener that reads it and the extensions that write it apart.
	private static final ServerUse OF_JVM = new ServerUse();

	private static final String STARTED = ".started";

	private static final String REASON = ".missed.reason";

	private static final String CLASSES = ".missed.classes";

	private static final String TESTS = ".missed.tests";

	private static final String SEPARATOR = "\n";

	private final ReentrantLock lock = new ReentrantLock();

	private final Map<ServerKind, Set<String>> started = new EnumMap<>(ServerKind.class);

	private final Map<String, ServerAbsentException> absentFor = new TreeMap<>();

	private final Map<ServerKind, Missed> missed = new EnumMap<>(ServerKind.class);

	static ServerUse ofJvm() {
		return OF_JVM;
	}

	/**
	 * A server was started, for a test class or a single test.
	 */
	void started(ServerKind kind, String version, String source) {
		this.lock.lock();
		try {
			this.started.computeIfAbsent(kind, (key) -> new TreeSet<>()).add(version + " (" + source + ")");
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * A test class is going to be skipped, which only its extension can tell why.
	 */
	void absentFor(String uniqueId, ServerAbsentException reason) {
		this.lock.lock();
		try {
			this.absentFor.put(uniqueId, reason);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * A test class was skipped, for whatever reason.
	 */
	void classSkipped(String uniqueId, long tests) {
		this.lock.lock();
		try {
			ServerAbsentException reason = this.absentFor.get(uniqueId);
			if (reason != null) {
				missed(reason).add(1, tests);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * A single test was aborted because it could not have a server.
	 */
	void testAborted(ServerAbsentException reason) {
		this.lock.lock();
		try {
			missed(reason).add(0, 1);
		}
		finally {
			this.lock.unlock();
		}
	}

	private Missed missed(ServerAbsentException reason) {
		return this.missed.computeIfAbsent(reason.kind(), (kind) -> new Missed(String.valueOf(reason.getMessage())));
	}

	/**
	 * Adds what other JVMs have left in a file, and leaves there what all have used.
	 * @param file made if there is none
	 */
	void addOthers(Path file) throws IOException {
		this.lock.lock();
		try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
				StandardOpenOption.WRITE)) {
			// Released with the channel.
			channel.lock();
			Properties all = new Properties();
			all.load(Channels.newInputStream(channel));
			for (ServerKind kind : ServerKind.values()) {
				read(kind, all);
				write(kind, all);
			}
			channel.truncate(0);
			all.store(Channels.newOutputStream(channel), null);
		}
		finally {
			this.lock.unlock();
		}
	}

	private void read(ServerKind kind, Properties all) {
		String used = all.getProperty(kind + STARTED, "");
		if (!used.isEmpty()) {
			this.started.computeIfAbsent(kind, (key) -> new TreeSet<>()).addAll(List.of(used.split(SEPARATOR)));
		}
		String reason = all.getProperty(kind + REASON);
		if (reason != null) {
			this.missed.computeIfAbsent(kind, (key) -> new Missed(reason))
				.add(Long.parseLong(all.getProperty(kind + CLASSES)), Long.parseLong(all.getProperty(kind + TESTS)));
		}
	}

	private void write(ServerKind kind, Properties all) {
		Set<String> used = this.started.get(kind);
		if (used != null) {
			all.setProperty(kind + STARTED, String.join(SEPARATOR, used));
		}
		Missed missed = this.missed.get(kind);
		if (missed != null) {
			all.setProperty(kind + REASON, missed.reason);
			all.setProperty(kind + CLASSES, Long.toString(missed.classes));
			all.setProperty(kind + TESTS, Long.toString(missed.tests));
		}
	}

	/**
	 * The summary, empty if no test asked for any server.
	 */
	List<String> summary() {
		this.lock.lock();
		try {
			if (this.started.isEmpty() && this.missed.isEmpty()) {
				return List.of();
			}
			List<String> lines = new ArrayList<>(List.of("Servers that these tests used:"));
			for (ServerKind kind : ServerKind.values()) {
				Set<String> started = this.started.get(kind);
				Missed missed = this.missed.get(kind);
				String used = (started != null) ? String.join(", ", started)
						: "NOT EXERCISED" + ((missed != null) ? "" : ", no test asked for it");
				lines.add("  %-10s %s".formatted(kind.title(), used));
				if (missed != null) {
					lines.add("             skipped: " + missed.classes + " classes, " + missed.tests + " tests");
					missed.reason.lines().map("             "::concat).forEach(lines::add);
				}
			}
			return lines;
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public String toString() {
		return summary().stream().collect(Collectors.joining(System.lineSeparator()));
	}

	private static final class Missed {

		private final String reason;

		private long classes;

		private long tests;

		Missed(String reason) {
			this.reason = reason;
		}

		void add(long classes, long tests) {
			this.classes += classes;
			this.tests += tests;
		}

	}

}
