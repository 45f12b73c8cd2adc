package io.concord.test.redis;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * As much of the protocol of Redis as this package needs, so that test support brings no
 * client along.
 */
final class RespConnection implements AutoCloseable {

	private static final int TIMEOUT_MILLIS = 2_000;

	private final Socket socket;

	private final DataInputStream in;

	private RespConnection(Socket socket) throws IOException {
		this.socket = socket;
		this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
	}

	static RespConnection open(String host, int port) throws IOException {
		Socket socket = new Socket();
		try {
			socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
			socket.setSoTimeout(TIMEOUT_MILLIS);
			return new RespConnection(socket);
		}
		catch (IOException ex) {
			socket.close();
			throw ex;
		}
	}

	/**
	 * Call a command that answers with a string or a number.
	 */
	String call(String... command) throws IOException {
		StringBuilder request = new StringBuilder("*").append(command.length).append("\r\n");
		for (String part : command) {
			request.append('$').append(part.getBytes(StandardCharsets.UTF_8).length).append("\r\n");
			request.append(part).append("\r\n");
		}
		this.socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
		String head = readLine();
		if (head.startsWith("+") || head.startsWith(":")) {
			return head.substring(1);
		}
		if (head.startsWith("$")) {
			byte[] bytes = new byte[Integer.parseInt(head.substring(1))];
			this.in.readFully(bytes);
			readLine();
			return new String(bytes, StandardCharsets.UTF_8);
		}
		throw new IOException("Redis answered " + String.join(" ", command) + " with " + head);
	}

	/**
	 * The entries of a section of {@code INFO}.
	 */
	Map<String, String> info(String section) throws IOException {
		Map<String, String> entries = new LinkedHashMap<>();
		call("INFO", section).lines().forEach((line) -> {
			int colon = line.indexOf(':');
			if (colon > 0) {
				entries.put(line.substring(0, colon), line.substring(colon + 1).trim());
			}
		});
		return entries;
	}

	private String readLine() throws IOException {
		StringBuilder line = new StringBuilder();
		for (int character = this.in.readUnsignedByte(); character != '\n'; character = this.in.readUnsignedByte()) {
			line.append((char) character);
		}
		return line.substring(0, line.length() - 1);
	}

	@Override
	public void close() throws IOException {
		this.socket.close();
	}

}
