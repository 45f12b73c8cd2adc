package io.concord.test.memcached;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * As much of the text protocol of memcached as this package needs.
 */
final class MemcachedConnection implements AutoCloseable {

	private static final int TIMEOUT_MILLIS = 2_000;

	private final Socket socket;

	private final BufferedReader in;

	private MemcachedConnection(Socket socket) throws IOException {
		this.socket = socket;
		this.in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
	}

	static MemcachedConnection open(String host, int port) throws IOException {
		Socket socket = new Socket();
		try {
			socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
			socket.setSoTimeout(TIMEOUT_MILLIS);
			return new MemcachedConnection(socket);
		}
		catch (IOException ex) {
			socket.close();
			throw ex;
		}
	}

	String version() throws IOException {
		send("version");
		return after("VERSION ", readLine());
	}

	long pid() throws IOException {
		send("stats");
		long pid = -1;
		for (String line = readLine(); !line.equals("END"); line = readLine()) {
			if (line.startsWith("STAT pid ")) {
				pid = Long.parseLong(after("STAT pid ", line));
			}
		}
		return pid;
	}

	private static String after(String prefix, String line) throws IOException {
		if (!line.startsWith(prefix)) {
			throw new IOException("memcached answered " + line);
		}
		return line.substring(prefix.length());
	}

	private void send(String command) throws IOException {
		this.socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
	}

	private String readLine() throws IOException {
		String line = this.in.readLine();
		if (line == null) {
			throw new EOFException("The server has closed the connection");
		}
		return line;
	}

	@Override
	public void close() throws IOException {
		this.socket.close();
	}

}
