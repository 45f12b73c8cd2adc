package io.concord.autoconfigure.loadbalancer;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;

import io.concord.autoconfigure.loadbalancer.Clients.ReactiveStock;
import io.concord.autoconfigure.loadbalancer.Clients.Stock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Real calls by each kind of client: they are distributed, and whatever becomes of them,
 * none is in flight at the end.
 */
class LoadBalancedCallsTests {

	private final TestInstance a = new TestInstance("a");

	private final TestInstance b = new TestInstance("b");

	private ApplicationContextRunner runner = Clients.runner();

	@BeforeEach
	void configure() {
		this.runner = this.runner.withUserConfiguration(Clients.class)
			.withPropertyValues(Clients.instances("stock", this.a, this.b))
			.withPropertyValues(Clients.instances("reactive-stock", this.a, this.b));
	}

	@AfterEach
	void stop() {
		this.a.close();
		this.b.close();
	}

	@Test
	void allClientsAreBalanced() {
		this.runner.run((context) -> {
			for (Kind kind : Kind.values()) {
				Map<String, Integer> names = new TreeMap<>();
				for (int i = 0; i < 6; i++) {
					names.merge(kind.call(context, "name"), 1, Integer::sum);
				}
				assertThat(names).as(kind.name()).isEqualTo(Map.of("a", 3, "b", 3));
				assertThat(inFlight(context)).isZero();
			}
			assertThat(context.getBean(RestTemplate.class).getForObject("http://stock/name", String.class)).isIn("a",
					"b");
			assertThat(inFlight(context)).isZero();
		});
	}

	@Test
	void errorsLeaveNothingInFlight() {
		this.runner.withPropertyValues("concord.loadbalancer.retry.enabled=false").run((context) -> {
			for (Kind kind : Kind.values()) {
				assertThatException().isThrownBy(() -> kind.call(context, "error")).withMessageContaining("500");
				assertThat(inFlight(context)).as(kind.name()).isZero();
			}
			assertThat(failures(context)).isEqualTo(Kind.values().length);
		});
	}

	@Test
	void failuresToConnectLeaveNothingInFlight() {
		this.a.close();
		this.b.close();
		this.runner.withPropertyValues("concord.loadbalancer.ejection.enabled=false").run((context) -> {
			for (Kind kind : Kind.values()) {
				assertThatException().isThrownBy(() -> kind.call(context, "name"));
				assertThat(inFlight(context)).as(kind.name()).isZero();
			}
			// Each was tried at both.
			assertThat(failures(context)).isEqualTo(2 * Kind.values().length);
		});
	}

	@Test
	void timeOutsLeaveNothingInFlight() {
		this.runner.withPropertyValues("concord.loadbalancer.retry.enabled=false", "test.read-timeout-millis=300",
				"spring.http.clients.read-timeout=300ms", "spring.http.serviceclient.reactive-stock.read-timeout=300ms")
			.run((context) -> {
				for (Kind kind : Kind.values()) {
					assertThatException().as(kind.name()).isThrownBy(() -> kind.call(context, "hang"));
					assertThat(inFlight(context)).as(kind.name()).isZero();
				}
				assertThat(failures(context)).as("two cancel").isBetween(2L, 4L);
			});
	}

	@ParameterizedTest
	@EnumSource
	void callsInFlightAreSeen(Kind kind) {
		this.runner
			.withPropertyValues("spring.http.clients.read-timeout=20s", "concord.loadbalancer.retry.enabled=false")
			.run((context) -> {
				CompletableFuture<String> call = CompletableFuture.supplyAsync(() -> kind.patient(context));
				until(() -> inFlight(context) == 1);
				until(() -> this.a.calls() + this.b.calls() == 1);
				this.a.goOn();
				this.b.goOn();
				assertThat(call.get(10, TimeUnit.SECONDS)).isIn("a", "b");
				assertThat(inFlight(context)).isZero();
			});
	}

	@ParameterizedTest
	@EnumSource(names = { "WEB_CLIENT", "REACTIVE_INTERFACE" })
	void cancelledCallsAreNotInFlight(Kind kind) {
		this.runner.withPropertyValues("concord.loadbalancer.ejection.cancelled-after=1h").run((context) -> {
			Disposable call = kind.mono(context, "hang").subscribe();
			until(() -> this.a.calls() + this.b.calls() == 1);
			assertThat(inFlight(context)).isOne();
			call.dispose();
			assertThat(inFlight(context)).isZero();
			assertThat(failures(context)).isZero();
		});
	}

	@ParameterizedTest
	@EnumSource(names = { "REST_CLIENT", "BLOCKING_INTERFACE" })
	void interruptedCallsAreNotInFlight(Kind kind) {
		this.runner
			.withPropertyValues("spring.http.clients.read-timeout=20s",
					"concord.loadbalancer.ejection.cancelled-after=1h")
			.run((context) -> {
				CompletableFuture<Throwable> thrown = new CompletableFuture<>();
				Thread caller = new Thread(() -> {
					try {
						kind.patient(context);
						thrown.complete(new AssertionError("Was not interrupted"));
					}
					catch (RuntimeException ex) {
						thrown.complete(ex);
					}
				});
				caller.start();
				until(() -> this.a.calls() + this.b.calls() == 1);
				caller.interrupt();
				assertThat(thrown.get(10, TimeUnit.SECONDS)).isInstanceOf(RuntimeException.class);
				assertThat(inFlight(context)).isZero();
				assertThat(failures(context)).isZero();
			});
	}

	@Test
	void blockingCallIsInFlightUntilItsBodyWasRead() {
		this.runner.run((context) -> {
			RestClient client = context.getBean(RestClient.Builder.class).build();
			ClientHttpResponse response = client.get()
				.uri("http://stock/name")
				.exchange((request, open) -> open, false);
			assertThat(inFlight(context)).isOne();
			try (InputStream body = response.getBody()) {
				assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8)).isIn("a", "b");
				assertThat(inFlight(context)).isZero();
			}
			ClientHttpResponse unread = client.get().uri("http://stock/name").exchange((request, open) -> open, false);
			assertThat(inFlight(context)).isOne();
			unread.close();
			assertThat(inFlight(context)).isZero();
		});
	}

	@Test
	void reactiveCallIsInFlightUntilItsBodyWasRead() {
		this.runner.run((context) -> {
			WebClient client = context.getBean(WebClient.Builder.class).build();
			ResponseEntity<Flux<String>> response = client.get()
				.uri("http://stock/name")
				.retrieve()
				.toEntityFlux(String.class)
				.block();
			Flux<String> body = Objects.requireNonNull(Objects.requireNonNull(response).getBody());
			assertThat(inFlight(context)).isOne();
			assertThat(body.blockFirst()).isIn("a", "b");
			assertThat(inFlight(context)).isZero();
			client.get().uri("http://stock/name").exchangeToMono((unread) -> Mono.just(unread.statusCode())).block();
			assertThat(inFlight(context)).isZero();
		});
	}

	@ParameterizedTest
	@EnumSource(names = { "REST_CLIENT", "WEB_CLIENT" })
	void bodyThatBreaksOffIsAFailure(Kind kind) {
		this.runner.run((context) -> {
			assertThatException().isThrownBy(() -> kind.call(context, "broken"));
			assertThat(inFlight(context)).isZero();
			assertThat(failures(context)).isOne();
		});
	}

	@Test
	void triesAnotherInstanceThatHasNotFailed() {
		this.a.answerWith(503);
		this.runner.run((context) -> {
			for (Kind kind : Kind.values()) {
				for (int i = 0; i < 4; i++) {
					assertThat(kind.call(context, "name")).as(kind.name()).isEqualTo("b");
				}
			}
			assertThat(inFlight(context)).isZero();
			assertThat(ejected(context)).isPositive();
		});
	}

	@Test
	void doesNotRetryWhatMayHaveHappened() {
		this.a.answerWith(503);
		this.b.answerWith(503);
		this.runner.run((context) -> {
			RestClient client = context.getBean(RestClient.Builder.class).build();
			assertThatException()
				.isThrownBy(() -> client.post().uri("http://stock/name").retrieve().toBodilessEntity());
			assertThat(this.a.calls() + this.b.calls()).isOne();
			assertThatException().isThrownBy(() -> client.get().uri("http://stock/name").retrieve().toBodilessEntity());
			assertThat(this.a.calls() + this.b.calls()).isEqualTo(3);
			assertThat(inFlight(context)).isZero();
		});
	}

	@Test
	void postsAreRetriedIfNobodyCanHaveGotThem() {
		this.a.close();
		this.runner.run((context) -> {
			RestClient client = context.getBean(RestClient.Builder.class).build();
			for (int i = 0; i < 6; i++) {
				assertThat(client.post().uri("http://stock/name").body("x").retrieve().body(String.class))
					.isEqualTo("b");
			}
		});
	}

	@Test
	void retriesEndWithTheBudget() {
		this.a.answerWith(503);
		this.b.answerWith(503);
		this.runner
			.withPropertyValues("concord.loadbalancer.retry.budget-ratio=0",
					"concord.loadbalancer.retry.budget-per-second=1", "concord.loadbalancer.ejection.enabled=false")
			.run((context) -> {
				for (Kind kind : new Kind[] { Kind.REST_CLIENT, Kind.WEB_CLIENT }) {
					for (int i = 0; i < 10; i++) {
						assertThatException().isThrownBy(() -> kind.call(context, "name"));
					}
				}
				assertThat(this.a.calls() + this.b.calls()).isEqualTo(20 + 10);
				assertThat(inFlight(context)).isZero();
			});
	}

	@Test
	void noInstanceIsWhatTheFrameworkMakesOfIt() {
		this.runner.run((context) -> {
			assertThatIllegalStateException()
				.isThrownBy(() -> context.getBean(RestClient.Builder.class)
					.build()
					.get()
					.uri("http://nobody/name")
					.retrieve()
					.body(String.class))
				.withMessageContaining("No instances available for nobody");
			assertThatException()
				.isThrownBy(() -> context.getBean(WebClient.Builder.class)
					.build()
					.get()
					.uri("http://nobody/name")
					.retrieve()
					.bodyToMono(String.class)
					.block())
				.withMessageContaining("503");
		});
	}

	@Test
	void sticksToTheInstanceOfTheCookie() {
		this.runner.withPropertyValues("concord.loadbalancer.clients.stock.algorithm=sticky").run((context) -> {
			RestClient blocking = context.getBean(RestClient.Builder.class).build();
			WebClient reactive = context.getBean(WebClient.Builder.class).build();
			var first = blocking.get().uri("http://stock/name").retrieve().toEntity(String.class);
			String cookie = String.valueOf(first.getHeaders().getFirst("Set-Cookie"));
			assertThat(cookie).matches("concord-lb-stock=[0-9a-f]{16}; Path=/; HttpOnly; SameSite=Lax");
			String sent = "other=1; " + cookie.substring(0, cookie.indexOf(';')) + "; last=2";
			for (int i = 0; i < 4; i++) {
				var again = blocking.get()
					.uri("http://stock/name")
					.header("Cookie", sent)
					.retrieve()
					.toEntity(String.class);
				assertThat(again.getBody()).isEqualTo(first.getBody());
				assertThat(again.getHeaders().headerNames()).doesNotContain("Set-Cookie");
				assertThat(reactive.get()
					.uri("http://stock/name")
					.header("Cookie", sent)
					.retrieve()
					.bodyToMono(String.class)
					.block()).isEqualTo(first.getBody());
			}
			var malformed = reactive.get()
				.uri("http://stock/name")
				.header("Cookie", "concord-lb-stock; =; concord-lb-stock=\"")
				.retrieve()
				.toEntity(String.class)
				.block();
			assertThat(Objects.requireNonNull(malformed).getHeaders().getFirst("Set-Cookie"))
				.startsWith("concord-lb-stock=");
		});
	}

	private static long inFlight(ApplicationContext context) {
		return context.getBean(ServiceBalancers.class)
			.all()
			.stream()
			.flatMap((service) -> service.balancer().status().stream())
			.mapToLong((status) -> status.inFlight())
			.sum();
	}

	private static long failures(ApplicationContext context) {
		return context.getBean(ServiceBalancers.class)
			.all()
			.stream()
			.flatMap((service) -> service.balancer().status().stream())
			.mapToLong((status) -> status.failures())
			.sum();
	}

	private static long ejected(ApplicationContext context) {
		return context.getBean(ServiceBalancers.class)
			.all()
			.stream()
			.flatMap((service) -> service.balancer().status().stream())
			.filter((status) -> status.ejectedFor() != null)
			.count();
	}

	private static void until(BooleanSupplier condition) throws TimeoutException {
		long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
		while (!condition.getAsBoolean()) {
			if (System.nanoTime() - end > 0) {
				throw new TimeoutException("Has not happened");
			}
			Thread.onSpinWait();
		}
	}

	/** Kinds of clients. */
	enum Kind {

		REST_CLIENT, BLOCKING_INTERFACE, WEB_CLIENT, REACTIVE_INTERFACE;

		@Nullable String call(ApplicationContext context, String path) {
			Supplier<@Nullable String> call = switch (this) {
				case REST_CLIENT -> () -> context.getBean(RestClient.Builder.class)
					.build()
					.get()
					.uri("http://stock/" + path)
					.retrieve()
					.body(String.class);
				case BLOCKING_INTERFACE -> () -> switch (path) {
					case "name" -> context.getBean(Stock.class).name();
					case "hang" -> context.getBean(Stock.class).hang();
					default -> context.getBean(Stock.class).error();
				};
				case WEB_CLIENT,
						REACTIVE_INTERFACE ->
					() -> mono(context, path)
						.timeout(path.equals("hang") ? Clients.READ_TIMEOUT : Duration.ofSeconds(10))
						.block();
			};
			return call.get();
		}

		/** A call that hangs, and waits for longer than a test. */
		@Nullable String patient(ApplicationContext context) {
			return switch (this) {
				case REST_CLIENT -> context.getBean(RestClient.Builder.class)
					.build()
					.mutate()
					.requestFactory(new JdkClientHttpRequestFactory())
					.build()
					.get()
					.uri("http://stock/hang")
					.retrieve()
					.body(String.class);
				case BLOCKING_INTERFACE -> context.getBean(Stock.class).hang();
				case WEB_CLIENT, REACTIVE_INTERFACE -> mono(context, "hang").block();
			};
		}

		Mono<String> mono(ApplicationContext context, String path) {
			if (this == WEB_CLIENT) {
				return context.getBean(WebClient.Builder.class)
					.build()
					.get()
					.uri("http://stock/" + path)
					.retrieve()
					.bodyToMono(String.class);
			}
			ReactiveStock client = context.getBean(ReactiveStock.class);
			return switch (path) {
				case "name" -> client.name();
				case "hang" -> client.hang();
				default -> client.error();
			};
		}

	}

}
