package io.concord.test.faults;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

import io.concord.test.process.WatchedProcess;

/**
 * A worker as the runner sees it. Belongs to the runner's thread.
 */
final class FaultyWorker implements AutoCloseable {

	private final int number;

	private final WatchedProcess process;

	private final Socket socket;

	private final BufferedReader answers;

	/** Connects one that is ready. */
	FaultyWorker(int number, WatchedProcess process, Socket socket, BufferedReader answers, String greeting) {
		this.number = number;
		this.process = process;
		this.socket = socket;
		this.answers = answers;
		if (!greeting.equals(FaultWorker.READY + " " + number)) {
			throw new IllegalStateException("Worker " + number + " said " + greeting);
		}
	}

	int number() {
		return this.number;
	}

	WatchedProcess process() {
		return this.process;
	}

	/** Gives a command and waits until it is done. */
	void command(String command, Duration bound) {
		try {
			this.socket.setSoTimeout((int) bound.toMillis());
			this.socket.getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
			String answer = this.answers.readLine();
			if (!(FaultWorker.DONE + " " + command).equals(answer)) {
				throw new AssertionError("Worker " + this.number + " answered '" + answer + "' to '" + command + "'; "
						+ this.process.describe());
			}
		}
		catch (SocketTimeoutException ex) {
			throw new AssertionError("Worker " + this.number + " did not obey '" + command + "' within " + bound + "; "
					+ this.process.describe(), ex);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(this.process.describe(), ex);
		}
	}

	/** What went wrong in it that no fault explains. */
	List<String> unexpected() {
		return this.process.output()
			.stream()
			.filter((line) -> line.startsWith(FaultWorker.UNEXPECTED))
			.map((line) -> "worker " + this.number + ": " + line)
			.toList();
	}

	@Override
	public void close() {
		this.process.close();
		try {
			this.socket.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
