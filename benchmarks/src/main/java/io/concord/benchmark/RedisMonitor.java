package io.concord.benchmark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Counts what a Redis is asked, by its own {@code MONITOR}: what clients send, and apart
 * from that what scripts run. For one thread.
 */
final class RedisMonitor implements AutoCloseable {

	/** Sent by clients when they connect, and by this class. */
	private static final Set<String> NOT_COUNTED = Set.of("\"HELLO\"", "\"CLIENT\"", "\"PING\"", "\"INFO\"",
			"\"COMMAND\"");

	private static final int QUIET_MILLIS = 300;

	private final Socket socket;

	private final BufferedReader in;

	private long calls;

	private long commands;

	/**
	 * Begins to count.
	 * @param port of the server on loopback
	 */
	RedisMonitor(int port) throws IOException {
		this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
		this.socket.setSoTimeout(QUIET_MILLIS);
		this.in = new BufferedReader(new InputStreamReader(this.socket.getInputStream(), StandardCharsets.ISO_8859_1));
		this.socket.getOutputStream().write("MONITOR\r\n".getBytes(StandardCharsets.US_ASCII));
		if (!"+OK".equals(this.in.readLine())) {
			throw new IOException("The server does not let itself be monitored");
		}
	}

	/** Reads what has come until nothing more comes. */
	void drain() throws IOException {
		try {
			for (String line = this.in.readLine(); line != null; line = this.in.readLine()) {
				count(line);
			}
		}
		catch (SocketTimeoutException ex) {
			// Nothing more.
		}
	}

	/** Reads what comes for some time. */
	void read(long millis) throws IOException {
		long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
		while (System.nanoTime() - end < 0) {
			try {
				String line = this.in.readLine();
				if (line == null) {
					throw new IOException("The server has ended");
				}
				count(line);
			}
			catch (SocketTimeoutException ex) {
				// Nothing for a while.
			}
		}
	}

	/** Such as {@code +1700000000.000001 [0 lua] "GET" "key"}. */
	void count(String line) {
		int bracket = line.indexOf("] ");
		if (bracket < 0) {
			return;
		}
		String command = line.substring(bracket + 2).split(" ", 2)[0];
		if (!NOT_COUNTED.contains(command.toUpperCase(Locale.ROOT))) {
			this.commands++;
			if (!line.substring(0, bracket).endsWith(" lua")) {
				this.calls++;
			}
		}
	}

	/** What clients have sent. */
	long calls() {
		return this.calls;
	}

	/** The same and what scripts have run. */
	long commands() {
		return this.commands;
	}

	@Override
	public void close() throws IOException {
		this.socket.close();
	}

}
