package io.concord.benchmark;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class RedisMonitorTests {

	@Test
	void tellsWhatClientsSendFromWhatScriptsRun() throws Exception {
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			CompletableFuture<String> asked = CompletableFuture.supplyAsync(() -> serve(server));
			try (RedisMonitor monitor = new RedisMonitor(server.getLocalPort())) {
				assertThat(asked.get(10, TimeUnit.SECONDS)).isEqualTo("MONITOR");
				monitor.drain();
				assertThat(monitor.calls()).isEqualTo(1);
				assertThat(monitor.commands()).isEqualTo(3);
			}
		}
	}

	private static String serve(ServerSocket server) {
		try {
			Socket socket = server.accept();
			String asked = new BufferedReader(new InputStreamReader(socket.getInputStream())).readLine();
			socket.getOutputStream().write("""
					+OK\r
					+1700000000.000001 [0 127.0.0.1:5000] "EVALSHA" "abc" "1" "key] x"\r
					+1700000000.000002 [0 lua] "GET" "key"\r
					+1700000000.000003 [0 lua] "del" "key"\r
					+1700000000.000004 [0 127.0.0.1:5000] "ping"\r
					""".getBytes(StandardCharsets.US_ASCII));
			return asked;
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

}
