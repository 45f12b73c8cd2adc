package io.concord.autoconfigure.loadbalancer;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * A server that answers, fails, breaks off, or waits until it is told to go on.
 */
final class TestInstance implements AutoCloseable {

	private final String name;

	private final HttpServer server;

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final AtomicInteger calls = new AtomicInteger();

	private final CountDownLatch goOn = new CountDownLatch(1);

	private volatile int status = 200;

	TestInstance(String name) {
		this.name = name;
		try {
			this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.server.setExecutor(this.threads);
		this.server.createContext("/", this::answer);
		this.server.start();
	}

	private void answer(HttpExchange exchange) throws IOException {
		this.calls.incrementAndGet();
		byte[] body = this.name.getBytes(StandardCharsets.UTF_8);
		String path = exchange.getRequestURI().getPath();
		if (path.equals("/hang")) {
			await();
		}
		exchange.sendResponseHeaders(path.equals("/error") ? 500 : this.status,
				path.equals("/broken") ? 1000 : body.length);
		try (OutputStream out = exchange.getResponseBody()) {
			if (path.equals("/late-body")) {
				out.flush();
				await();
			}
			out.write(body);
			// Or nothing arrives at all where the rest of the body is missing.
			out.flush();
		}
	}

	private void await() {
		try {
			this.goOn.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/** From now on nobody waits. */
	void goOn() {
		this.goOn.countDown();
	}

	void answerWith(int other) {
		this.status = other;
	}

	int calls() {
		return this.calls.get();
	}

	String name() {
		return this.name;
	}

	int port() {
		return this.server.getAddress().getPort();
	}

	@Override
	public void close() {
		goOn();
		this.server.stop(0);
		this.threads.shutdownNow();
	}

}
