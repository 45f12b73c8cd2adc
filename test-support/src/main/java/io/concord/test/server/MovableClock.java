package io.concord.test.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The wall clock of a server that a test moves while it runs, by libfaketime, which not
 * every machine has. The monotonic clock is left alone. Thread-safe.
 */
public final class MovableClock implements AutoCloseable {

	private static final String PROPERTY = "concord.test.libfaketime";

	private static final String LIBRARY = "faketime/libfaketimeMT.so.1";

	private final Path library;

	private final Path file;

	private MovableClock(Path library, Path file) {
		this.library = library;
		this.file = file;
	}

	/**
	 * Create a clock that shows the time.
	 * @return the clock, to be closed; empty if there is no libfaketime where Linux
	 * distributions put it, nor at the path of {@code -Dconcord.test.libfaketime}
	 */
	public static Optional<MovableClock> create() {
		return library().map((library) -> {
			try {
				MovableClock clock = new MovableClock(library, Files.createTempFile("concord-clock-", ""));
				clock.move(Duration.ZERO);
				return clock;
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		});
	}

	private static Optional<Path> library() {
		String named = System.getProperty(PROPERTY);
		if (named != null) {
			return Optional.of(Path.of(named)).filter(Files::isReadable);
		}
		return Stream
			.of("/usr/lib/x86_64-linux-gnu/", "/usr/lib/aarch64-linux-gnu/", "/usr/lib/", "/usr/lib64/",
					"/usr/local/lib/")
			.map((directory) -> Path.of(directory + LIBRARY))
			.filter(Files::isReadable)
			.findFirst();
	}

	/**
	 * Let the clock show another time from now on.
	 * @param offset how much it is ahead of the time; negative for behind
	 */
	public void move(Duration offset) {
		try {
			// At once: it is read at every look at the clock.
			Path next = Files.writeString(Path.of(this.file + ".next"),
					(offset.isNegative() ? "" : "+") + offset.toSeconds() + "\n");
			Files.move(next, this.file, StandardCopyOption.ATOMIC_MOVE);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * A definition of the same server with this clock.
	 * @param definition the server
	 * @return the same but for its clock
	 */
	public ServerDefinition under(ServerDefinition definition) {
		return new ServerDefinition() {

			@Override
			public String name() {
				return definition.name();
			}

			@Override
			public void prepare(Path directory) throws IOException {
				definition.prepare(directory);
			}

			@Override
			public List<String> prefix() {
				return definition.prefix();
			}

			@Override
			public List<String> command(int port, Path directory) {
				List<String> command = new ArrayList<>(List.of("env", "LD_PRELOAD=" + MovableClock.this.library,
						"FAKETIME_TIMESTAMP_FILE=" + MovableClock.this.file, "FAKETIME_NO_CACHE=1",
						"FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1"));
				command.addAll(definition.command(port, directory));
				return command;
			}

			@Override
			public boolean isReady(int port, long pid, Path directory) throws IOException {
				return definition.isReady(port, pid, directory);
			}

			@Override
			public String stopSignal() {
				return definition.stopSignal();
			}

		};
	}

	@Override
	public void close() {
		try {
			Files.deleteIfExists(this.file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
