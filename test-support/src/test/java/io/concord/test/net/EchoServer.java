package io.concord.test.net;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends back what it gets, and counts it.
 */
final class EchoServer implements AutoCloseable {

	private final ServerSocket listener;

	private final AtomicLong received = new AtomicLong();

	EchoServer() throws IOException {
		this.listener = FreePorts.listen();
		start(this::accept);
	}

	int port() {
		return this.listener.getLocalPort();
	}

	long received() {
		return this.received.get();
	}

	private void accept() {
		while (!this.listener.isClosed()) {
			try {
				Socket socket = this.listener.accept();
				start(() -> echo(socket));
			}
			catch (IOException ex) {
				// Closed.
			}
		}
	}

	private void echo(Socket accepted) {
		try (Socket socket = accepted) {
			byte[] buffer = new byte[64 * 1024];
			for (int length = socket.getInputStream().read(buffer); length != -1; length = socket.getInputStream()
				.read(buffer)) {
				this.received.addAndGet(length);
				socket.getOutputStream().write(buffer, 0, length);
			}
		}
		catch (IOException ex) {
			// Reset.
		}
	}

	private static void start(Runnable task) {
		Thread thread = new Thread(task, "echo");
		thread.setDaemon(true);
		thread.start();
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
	}

}
