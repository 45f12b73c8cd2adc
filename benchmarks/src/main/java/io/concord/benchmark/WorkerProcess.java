package io.concord.benchmark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.concord.test.process.JavaCommand;
import io.concord.test.process.WatchedProcess;

/**
 * A {@link Worker} in a JVM of its own. For one thread at a time.
 */
final class WorkerProcess implements AutoCloseable {

	private static final int START_BOUND_MILLIS = 30_000;

	/** Longer than anything that is measured at one go. */
	private static final int ANSWER_BOUND_MILLIS = 300_000;

	private final WatchedProcess process;

	private final Socket socket;

	private final BufferedReader in;

	private final PrintWriter out;

	private WorkerProcess(WatchedProcess process, Socket socket) throws IOException {
		this.process = process;
		this.socket = socket;
		this.in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
		this.out = new PrintWriter(socket.getOutputStream(), true, StandardCharsets.UTF_8);
	}

	/**
	 * Starts one.
	 * @param jvmArguments for its JVM
	 */
	static WorkerProcess start(Addresses addresses, String... jvmArguments) throws IOException {
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			server.setSoTimeout(START_BOUND_MILLIS);
			WatchedProcess process = JavaCommand.mainClass(Worker.class)
				.jvmArguments(jvmArguments)
				.arguments(Integer.toString(server.getLocalPort()), addresses.encode())
				.start();
			try {
				Socket socket = server.accept();
				socket.setSoTimeout(ANSWER_BOUND_MILLIS);
				socket.setTcpNoDelay(true);
				return new WorkerProcess(process, socket);
			}
			catch (IOException ex) {
				String description = process.describe();
				process.close();
				throw new IOException(description, ex);
			}
		}
	}

	/** Sends a line of the protocol. */
	void ask(Object... words) {
		this.out.println(String.join("\t", Arrays.stream(words).map(String::valueOf).toList()));
	}

	/**
	 * Waits for the answer.
	 * @throws IllegalStateException if it tells of a failure, or there is none
	 */
	String answer() {
		try {
			String line = this.in.readLine();
			if (line == null || !line.startsWith("ok ")) {
				throw new IllegalStateException(line + "; " + this.process.describe());
			}
			return line.substring("ok ".length());
		}
		catch (IOException ex) {
			throw new IllegalStateException(this.process.describe(), ex);
		}
	}

	/** The numbers of an answer. */
	List<Long> numbers() {
		return Stream.of(answer().split(",")).filter((part) -> !part.isEmpty()).map(Long::valueOf).toList();
	}

	void pause() {
		this.process.pause();
	}

	void resume() {
		this.process.resume();
	}

	/** It answers no more. */
	void kill() {
		this.process.kill();
	}

	@Override
	public void close() throws IOException {
		this.socket.close();
		this.process.close();
	}

	/** When to begin, on the host's monotonic clock: when the threads stand ready. */
	static long soon() {
		return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(10);
	}

}
