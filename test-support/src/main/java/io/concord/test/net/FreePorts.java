package io.concord.test.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds ports for servers. Thread-safe.
 */
public final class FreePorts {

	/*
	 * Below the range from which systems take the ports of outgoing connections (Linux:
	 * 32768, others: 49152). A client that reconnects to a server which is down could
	 * otherwise be given the server's own port, connect to itself and keep the server
	 * from coming back.
	 */
	private static final int FIRST = 15_000;

	private static final int END = 32_000;

	private static final int ATTEMPTS = 200;

	private FreePorts() {
	}

	/**
	 * A port of the loopback address on which nobody listens now. Another process may
	 * take it before it is used, so be ready to ask again.
	 * @return the port
	 */
	public static int find() {
		return find(1).get(0);
	}

	/**
	 * Some ports of the loopback address on which nobody listens now, all of them
	 * different. Another process may take one before it is used, so be ready to ask
	 * again.
	 * @param count how many
	 * @return the ports
	 */
	public static List<Integer> find(int count) {
		List<ServerSocket> sockets = new ArrayList<>();
		try {
			while (sockets.size() < count) {
				sockets.add(listen());
			}
			return sockets.stream().map(ServerSocket::getLocalPort).toList();
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		finally {
			for (ServerSocket socket : sockets) {
				close(socket);
			}
		}
	}

	private static void close(ServerSocket socket) {
		try {
			socket.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	static ServerSocket listen() throws IOException {
		IOException last = new IOException("not tried");
		for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
			try {
				return listen(ThreadLocalRandom.current().nextInt(FIRST, END));
			}
			catch (IOException ex) {
				last = ex;
			}
		}
		throw new IOException(
				"No free loopback port found between " + FIRST + " and " + END + " in " + ATTEMPTS + " attempts", last);
	}

	static ServerSocket listen(int port) throws IOException {
		ServerSocket socket = new ServerSocket();
		try {
			socket.setReuseAddress(true);
			socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
			return socket;
		}
		catch (IOException ex) {
			socket.close();
			throw ex;
		}
	}

}
