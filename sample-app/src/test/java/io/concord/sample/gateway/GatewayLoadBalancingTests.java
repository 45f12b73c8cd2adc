package io.concord.sample.gateway;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.gateway.server.mvc.filter.LoadBalancerFilterFunctions;
import org.springframework.cloud.gateway.server.mvc.handler.GatewayRouterFunctions;
import org.springframework.cloud.gateway.server.mvc.handler.HandlerFunctions;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.web.servlet.function.RequestPredicates;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerResponse;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A gateway before two servers.
 */
class GatewayLoadBalancingTests {

	private final CountDownLatch goOn = new CountDownLatch(1);

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final HttpClient browser = HttpClient.newHttpClient();

	private final Map<String, HttpServer> servers = new HashMap<>();

	@BeforeEach
	void start() throws IOException {
		for (String name : new String[] { "a", "b" }) {
			HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
			server.setExecutor(this.threads);
			server.createContext("/", (exchange) -> answer(exchange, name));
			server.start();
			this.servers.put(name, server);
		}
	}

	@AfterEach
	void stop() {
		this.goOn.countDown();
		this.servers.values().forEach((server) -> server.stop(0));
		this.threads.shutdownNow();
	}

	private void answer(HttpExchange exchange, String name) throws IOException {
		byte[] body = name.getBytes(StandardCharsets.UTF_8);
		exchange.sendResponseHeaders(exchange.getRequestURI().getPath().equals("/error") ? 500 : 200, body.length);
		try (OutputStream out = exchange.getResponseBody()) {
			if (exchange.getRequestURI().getPath().equals("/late-body")) {
				out.flush();
				this.goOn.await();
			}
			out.write(body);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Test
	void callsAreBalancedAndInFlightUntilTheirBodyWasPassedOn() throws Exception {
		try (ConfigurableApplicationContext gateway = gateway("least-connections")) {
			Set<String> names = new HashSet<>();
			for (int i = 0; i < 30; i++) {
				names.add(get(gateway, "/name", null).body());
			}
			assertThat(names).containsExactlyInAnyOrder("a", "b");
			until(() -> inFlight(gateway) == 0);
			CompletableFuture<String> late = CompletableFuture
				.supplyAsync(() -> get(gateway, "/late-body", null).body(), this.threads);
			until(() -> inFlight(gateway) == 1);
			this.goOn.countDown();
			assertThat(late.get(10, TimeUnit.SECONDS)).isIn("a", "b");
			until(() -> inFlight(gateway) == 0);
		}
	}

	@Test
	void failuresEject() throws Exception {
		try (ConfigurableApplicationContext gateway = gateway("round-robin")) {
			server("a").stop(0);
			Set<Integer> statuses = new HashSet<>();
			for (int i = 0; i < 12; i++) {
				statuses.add(get(gateway, "/name", null).statusCode());
			}
			for (int i = 0; i < 6; i++) {
				assertThat(get(gateway, "/name", null).body()).isEqualTo("b");
			}
			assertThat(statuses).contains(200);
			until(() -> inFlight(gateway) == 0);
		}
	}

	@Test
	void cookieGoesToTheBrowserAndBack() throws Exception {
		try (ConfigurableApplicationContext gateway = gateway("sticky")) {
			HttpResponse<String> first = get(gateway, "/name", null);
			String cookie = first.headers().firstValue("Set-Cookie").orElseThrow();
			assertThat(cookie).startsWith("concord-lb-stock=");
			for (int i = 0; i < 6; i++) {
				HttpResponse<String> again = get(gateway, "/name", "x=1; " + cookie.substring(0, cookie.indexOf(';')));
				assertThat(again.body()).isEqualTo(first.body());
				assertThat(again.headers().firstValue("Set-Cookie")).isEmpty();
			}
			assertThat(get(gateway, "/name", "concord-lb-stock=;;").headers().firstValue("Set-Cookie")).isPresent();
		}
	}

	private HttpServer server(String name) {
		return Objects.requireNonNull(this.servers.get(name));
	}

	private ConfigurableApplicationContext gateway(String algorithm) {
		String prefix = "spring.cloud.discovery.client.simple.instances.stock";
		return new SpringApplicationBuilder(Gateway.class).properties("spring.config.name=none", "server.port=0",
				"server.address=127.0.0.1", "concord.backend=local", "spring.cloud.zookeeper.enabled=false",
				"concord.loadbalancer.algorithm=" + algorithm,
				prefix + "[0].uri=http://localhost:" + server("a").getAddress().getPort(), prefix + "[0].instance-id=a",
				prefix + "[1].uri=http://localhost:" + server("b").getAddress().getPort(), prefix + "[1].instance-id=b")
			.run();
	}

	private HttpResponse<String> get(ConfigurableApplicationContext gateway, String path, @Nullable String cookie) {
		HttpRequest.Builder request = HttpRequest
			.newBuilder(
					URI.create("http://127.0.0.1:" + gateway.getEnvironment().getProperty("local.server.port") + path))
			.timeout(Duration.ofSeconds(10));
		if (cookie != null) {
			request.header("Cookie", cookie);
		}
		try {
			return this.browser.send(request.build(), HttpResponse.BodyHandlers.ofString());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static double inFlight(ConfigurableApplicationContext gateway) {
		return gateway.getBean(MeterRegistry.class)
			.find("concord.loadbalancer.in.flight")
			.gauges()
			.stream()
			.mapToDouble(Gauge::value)
			.sum();
	}

	private static void until(BooleanSupplier condition) {
		long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
		while (!condition.getAsBoolean()) {
			assertThat(System.nanoTime()).as("has not happened in ten seconds").isLessThan(end);
			Thread.onSpinWait();
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Gateway {

		@Bean
		RouterFunction<ServerResponse> stock() {
			return GatewayRouterFunctions.route("stock")
				.route(RequestPredicates.path("/**"), HandlerFunctions.http())
				.filter(LoadBalancerFilterFunctions.lb("stock"))
				.build();
		}

		@Bean
		MeterRegistry meters() {
			return new SimpleMeterRegistry();
		}

	}

}
