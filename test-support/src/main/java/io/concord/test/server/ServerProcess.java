package io.concord.test.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

import io.concord.test.net.FreePorts;
import io.concord.test.process.WatchedProcess;

/**
 * A server that runs as a child process on a free port of the loopback address, with its
 * data in a temporary directory. Process and directory are gone when it is closed, and
 * also when this JVM is killed. Thread-safe.
 */
public final class ServerProcess implements AutoCloseable {

	private static final Duration START_BOUND = Duration.ofSeconds(60);

	private static final int START_ATTEMPTS = 3;

	private final ServerDefinition definition;

	private final Path directory;

	private final ReentrantLock lock = new ReentrantLock();

	private final int port;

	private WatchedProcess process;

	private boolean paused;

	private boolean closed;

	private ServerProcess(ServerDefinition definition, Path directory, int port, WatchedProcess process) {
		this.definition = definition;
		this.directory = directory;
		this.port = port;
		this.process = process;
	}

	/**
	 * Start a server and wait until it answers.
	 * @param definition what to run
	 * @return the server, to be closed by the caller
	 * @throws IllegalStateException with the output of the server, if it does not start
	 */
	public static ServerProcess start(ServerDefinition definition) {
		try {
			Path directory = Files.createTempDirectory("concord-" + definition.name() + "-");
			try {
				definition.prepare(directory);
				return start(definition, directory);
			}
			catch (IOException | RuntimeException | Error ex) {
				delete(directory);
				throw ex;
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static ServerProcess start(ServerDefinition definition, Path directory) throws IOException {
		for (int attempt = 1;; attempt++) {
			int port = FreePorts.find();
			try {
				return new ServerProcess(definition, directory, port, run(definition, directory, port));
			}
			catch (IllegalStateException ex) {
				// Somebody else may have taken the port meanwhile.
				if (attempt == START_ATTEMPTS) {
					throw ex;
				}
			}
		}
	}

	private static WatchedProcess run(ServerDefinition definition, Path directory, int port) throws IOException {
		List<String> command = new ArrayList<>(definition.prefix());
		command.addAll(definition.command(port, directory));
		WatchedProcess process = WatchedProcess.startFamily(definition.name(), command, directory, directory,
				definition.stopSignal());
		try {
			process.awaitCondition("it answers on port " + port, START_BOUND,
					() -> isReady(definition, port, process.pid(), directory));
			return process;
		}
		catch (AssertionError ex) {
			process.kill();
			throw new IllegalStateException(ex.getMessage(), ex);
		}
	}

	private static boolean isReady(ServerDefinition definition, int port, long pid, Path directory) {
		try {
			return definition.isReady(port, pid, directory);
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * The port on which the server listens, the same after a restart.
	 * @return the port
	 */
	public int port() {
		return this.port;
	}

	/**
	 * The process id, another one after a restart.
	 * @return the process id
	 */
	public long pid() {
		return current().pid();
	}

	/**
	 * Whether the process has not ended; a paused one is alive.
	 * @return whether it is alive
	 */
	public boolean isAlive() {
		return current().isAlive();
	}

	/**
	 * What the server has written since its last start.
	 * @return the lines
	 */
	public List<String> output() {
		return current().output();
	}

	/**
	 * Stop the server and its children where they are ({@code SIGSTOP}): connections stay
	 * open, and nothing answers. Has no effect on one that is paused.
	 */
	public void pause() {
		this.lock.lock();
		try {
			if (!this.paused) {
				this.process.pause();
				this.paused = true;
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Let a paused server go on. Has no effect on one that is not paused.
	 */
	public void resume() {
		this.lock.lock();
		try {
			if (this.paused) {
				this.process.resume();
				this.paused = false;
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * End the server without giving it a chance to write anything ({@code SIGKILL}).
	 */
	public void kill() {
		this.lock.lock();
		try {
			this.process.kill();
			this.paused = false;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Kill the server unless it has ended, start it again on the same port and the same
	 * directory, and wait until it answers.
	 * @throws IllegalStateException with the output of the server, if it does not start,
	 * or if it was closed
	 */
	public void restart() {
		this.lock.lock();
		try {
			if (this.closed) {
				throw new IllegalStateException("The server " + this + " is closed and its data deleted");
			}
			kill();
			this.process = run(this.definition, this.directory, this.port);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * End the server, whether it obeys or not, and delete its directory.
	 */
	@Override
	public void close() {
		this.lock.lock();
		try {
			this.process.close();
			this.paused = false;
			this.closed = true;
			delete(this.directory);
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public String toString() {
		return this.definition.name() + " on port " + this.port + ", pid " + pid();
	}

	private WatchedProcess current() {
		this.lock.lock();
		try {
			return this.process;
		}
		finally {
			this.lock.unlock();
		}
	}

	private static void delete(Path directory) {
		if (!Files.exists(directory)) {
			return;
		}
		try (Stream<Path> paths = Files.walk(directory)) {
			for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
				Files.deleteIfExists(path);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot delete " + directory, ex);
		}
	}

}
