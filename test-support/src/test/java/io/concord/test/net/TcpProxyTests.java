package io.concord.test.net;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.test.Await;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

@Timeout(60)
class TcpProxyTests {

	private static final Duration BOUND = Duration.ofSeconds(10);

	private EchoServer server;

	private TcpProxy proxy;

	@BeforeEach
	void start() throws IOException {
		this.server = new EchoServer();
		this.proxy = TcpProxy.to("127.0.0.1", this.server.port());
	}

	@AfterEach
	void stop() throws IOException {
		this.proxy.close();
		this.server.close();
	}

	@Test
	void forwardsBothWays() throws IOException {
		try (Socket client = connect()) {
			assertThat(echo(client, "one")).isEqualTo("one");
			assertThat(echo(client, "two")).isEqualTo("two");
		}
	}

	@Test
	void forwardsMoreThanBuffersHoldUnchanged() throws Exception {
		byte[] sent = new byte[40 * 1024 * 1024];
		new Random(1).nextBytes(sent);
		try (Socket client = connect()) {
			Thread writer = new Thread(() -> {
				try {
					client.getOutputStream().write(sent);
					client.shutdownOutput();
				}
				catch (IOException ex) {
					// The comparison below fails.
				}
			});
			writer.start();
			assertThat(client.getInputStream().readAllBytes()).isEqualTo(sent);
			writer.join();
		}
		Await.until("the connection is gone", BOUND, () -> this.proxy.connections() == 0);
	}

	@Test
	void delaysRequestsAndRepliesWithoutAddingUp() throws IOException {
		this.proxy.delay(Duration.ofMillis(100), Duration.ofMillis(150));
		try (Socket client = connect()) {
			long start = System.nanoTime();
			assertThat(echo(client, "one")).isEqualTo("one");
			assertThat(elapsed(start)).isGreaterThanOrEqualTo(Duration.ofMillis(250));

			start = System.nanoTime();
			for (int i = 0; i < 20; i++) {
				send(client, "x");
				long received = this.server.received();
				if (i % 5 == 0) {
					Await.until("the server got more", BOUND, () -> this.server.received() > received);
				}
			}
			assertThat(receive(client, 20)).isEqualTo("x".repeat(20));
			assertThat(elapsed(start)).isLessThan(Duration.ofMillis(20 * 250));
		}
	}

	@Test
	void refusesNegativeDelay() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.proxy.delay(Duration.ofMillis(-1), Duration.ofMillis(5)))
			.withMessageContaining("PT-0.001S");
	}

	@Test
	void dropsRepliesAfterTheRequestArrived() throws IOException {
		try (Socket client = connect()) {
			assertThat(echo(client, "one")).isEqualTo("one");
			this.proxy.dropReplies();
			send(client, "lost");
			Await.until("the reply is dropped", BOUND, () -> this.proxy.droppedReplyBytes() == 4);
			assertThat(this.server.received()).isEqualTo(7);
			assertNothingArrives(client);

			this.proxy.pass();
			assertThatExceptionOfType(SocketException.class).isThrownBy(() -> echo(client, "two"))
				.isNotInstanceOf(SocketTimeoutException.class);
		}
		try (Socket client = connect()) {
			assertThat(echo(client, "three")).isEqualTo("three");
		}
	}

	@Test
	void keepsConnectionsThatLostNothing() throws IOException {
		try (Socket client = connect()) {
			assertThat(echo(client, "one")).isEqualTo("one");
			this.proxy.dropReplies();
			this.proxy.pass();
			assertThat(echo(client, "two")).isEqualTo("two");
		}
	}

	@Test
	void blackholeHoldsEverythingBackUntilItEnds() throws IOException {
		try (Socket before = connect()) {
			assertThat(echo(before, "one")).isEqualTo("one");
			this.proxy.blackhole();
			try (Socket during = connect()) {
				send(before, "late");
				send(during, "later");
				assertNothingArrives(before);
				assertNothingArrives(during);
				assertThat(this.server.received()).isEqualTo(3);

				this.proxy.pass();
				assertThat(receive(before, 4)).isEqualTo("late");
				assertThat(receive(during, 5)).isEqualTo("later");
			}
		}
	}

	@Test
	void blackholeDeliversTheRequestOfAClientThatHasGone() throws IOException {
		this.proxy.blackhole();
		try (Socket client = connect()) {
			send(client, "bye");
		}
		this.proxy.pass();
		Await.until("the server got it", BOUND, () -> this.server.received() == 3);
		Await.until("the connection is gone", BOUND, () -> this.proxy.connections() == 0);
	}

	@Test
	void resetsOpenConnectionsOnly() throws IOException {
		try (Socket client = connect()) {
			assertThat(echo(client, "one")).isEqualTo("one");
			this.proxy.reset();
			assertThatExceptionOfType(SocketException.class).isThrownBy(() -> echo(client, "two"))
				.isNotInstanceOf(SocketTimeoutException.class);
		}
		try (Socket client = connect()) {
			assertThat(echo(client, "three")).isEqualTo("three");
		}
	}

	@Test
	void refusesAndListensAgainOnTheSamePort() throws IOException {
		try (Socket client = connect()) {
			assertThat(echo(client, "one")).isEqualTo("one");
			this.proxy.refuse();
			this.proxy.refuse();
			assertThatExceptionOfType(SocketException.class).isThrownBy(() -> echo(client, "two"))
				.isNotInstanceOf(SocketTimeoutException.class);
		}
		assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> {
			try (Socket client = connect()) {
				client.getOutputStream().write(1);
			}
		});

		this.proxy.pass();
		try (Socket client = connect()) {
			assertThat(echo(client, "three")).isEqualTo("three");
		}
	}

	@Test
	void resetsClientsOfATargetThatIsDown() throws IOException {
		try (TcpProxy toNothing = TcpProxy.to("127.0.0.1", FreePorts.find());
				Socket client = connect(toNothing.port())) {
			assertThatExceptionOfType(IOException.class).isThrownBy(() -> echo(client, "one"))
				.isNotInstanceOf(SocketTimeoutException.class);
		}
	}

	@Test
	void closeEndsConnectionsThreadsAndPort() throws IOException {
		int port = this.proxy.port();
		this.proxy.blackhole();
		try (Socket client = connect()) {
			send(client, "held");
			Await.until("threads run", BOUND, () -> threads(port) == 5);
			this.proxy.close();
			assertThatExceptionOfType(IOException.class).isThrownBy(() -> receive(client, 1))
				.isNotInstanceOf(SocketTimeoutException.class);
		}
		assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> connect(port).close());
		Await.until("no thread is left", BOUND, () -> threads(port) == 0);
		assertThatIllegalStateException().isThrownBy(this.proxy::pass).withMessageContaining("closed");
	}

	private static long threads(int port) {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("tcp-proxy-" + port + "-"))
			.count();
	}

	private Socket connect() throws IOException {
		return connect(this.proxy.port());
	}

	private Socket connect(int port) throws IOException {
		Socket socket = new Socket();
		try {
			socket.connect(new InetSocketAddress(this.proxy.host(), port), 5_000);
			socket.setSoTimeout(10_000);
			return socket;
		}
		catch (IOException ex) {
			socket.close();
			throw ex;
		}
	}

	private static String echo(Socket client, String text) throws IOException {
		send(client, text);
		return receive(client, text.length());
	}

	private static void send(Socket client, String text) throws IOException {
		client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
	}

	private static String receive(Socket client, int length) throws IOException {
		byte[] bytes = client.getInputStream().readNBytes(length);
		if (bytes.length < length) {
			throw new SocketException("The stream has ended");
		}
		return new String(bytes, StandardCharsets.US_ASCII);
	}

	private static void assertNothingArrives(Socket client) throws IOException {
		client.setSoTimeout(300);
		assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> receive(client, 1));
		client.setSoTimeout(10_000);
	}

	private static Duration elapsed(long start) {
		return Duration.ofNanos(System.nanoTime() - start);
	}

}
