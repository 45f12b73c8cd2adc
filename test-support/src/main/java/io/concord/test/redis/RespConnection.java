package io.concord.test.redis;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
		send(command);
		return readText(readHead(command), command);
	}

	/**
	 * Call a command that answers with a list of strings and numbers.
	 */
	List<String> list(String... command) throws IOException {
		send(command);
		String head = readHead(command);
		if (!head.startsWith("*")) {
			throw new IOException("Redis answered " + abbreviate(command) + " with " + head);
		}
		List<String> answer = new ArrayList<>();
		int length = Integer.parseInt(head.substring(1));
		for (int i = 0; i < length; i++) {
			answer.add(readText(readHead(command), command));
		}
		return answer;
	}

	private void send(String... command) throws IOException {
		StringBuilder request = new StringBuilder("*").append(command.length).append("\r\n");
		for (String part : command) {
			request.append('$').append(part.getBytes(StandardCharsets.UTF_8).length).append("\r\n");
			request.append(part).append("\r\n");
		}
		this.socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
	}

	private String readHead(String... command) throws IOException {
		String head = readLine();
		if (head.startsWith("-")) {
			throw new IOException("Redis answered " + abbreviate(command) + " with " + head);
		}
		return head;
	}

	private String readText(String head, String... command) throws IOException {
		if (head.startsWith("+") || head.startsWith(":")) {
			return head.substring(1);
		}
		if (head.startsWith("$") && !head.equals("$-1")) {
			byte[] bytes = new byte[Integer.parseInt(head.substring(1))];
			this.in.readFully(bytes);
			readLine();
			return new String(bytes, StandardCharsets.UTF_8);
		}
		throw new IOException("Redis answered " + abbreviate(command) + " with " + head);
	}

	/** Thousands of slots are no help in a message. */
	private static String abbreviate(String... command) {
		String text = String.join(" ", command);
		return (text.length() <= 200) ? text : text.substring(0, 200) + "…";
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
