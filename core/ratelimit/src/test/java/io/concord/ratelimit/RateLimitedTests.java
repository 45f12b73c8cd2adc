package io.concord.ratelimit;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.beans.factory.BeanCreationException;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;

import io.concord.invocation.InvalidAnnotationException;
import io.concord.invocation.Otherwise;
import io.concord.lease.Conditions;
import io.concord.lease.LeaseEngine;
import io.concord.lease.local.LocalLeaseStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Timeout(60)
class RateLimitedTests {

	private final LeaseEngine engine = LeaseEngine.builder(new LocalLeaseStore()).build();

	private final StubStore store = new StubStore();

	private final DefaultRateLimits limits = new DefaultRateLimits(() -> this.store,
			new LeasedConcurrency(() -> this.engine, Duration.ofSeconds(30)), () -> this.store, () -> 1,
			RateLimitSettings.DEFAULT);

	private @Nullable AnnotationConfigApplicationContext context;

	RateLimitedTests() {
		this.limits.define(RateRule.builder("checkout").rate("2/h").build());
		this.limits.define(RateRule.builder("total").rate("3/h").build());
		this.limits.define(RateRule.builder("one").algorithm(RateAlgorithm.CONCURRENCY).limit(1).build());
	}

	@AfterEach
	void close() {
		if (this.context != null) {
			this.context.close();
		}
		this.limits.close();
		this.engine.close();
	}

	private <T> T bean(Class<T> type) {
		AnnotationConfigApplicationContext started = new AnnotationConfigApplicationContext();
		this.context = started;
		started.getEnvironment()
			.getPropertySources()
			.addFirst(new MapPropertySource("test", Map.of("rate", "1/h", "cost", "2")));
		started.registerBean(RateLimitedBeanPostProcessor.class,
				() -> new RateLimitedBeanPostProcessor(() -> this.limits));
		started.registerBean(type);
		started.refresh();
		return started.getBean(type);
	}

	@Test
	void limitsEachKeyApart() {
		Shop shop = bean(Shop.class);
		assertThat(shop.buy("ann")).isEqualTo("ann");
		assertThat(shop.buy("ann")).isEqualTo("ann");
		assertThatExceptionOfType(RateLimitedException.class).isThrownBy(() -> shop.buy("ann"))
			.satisfies((ex) -> assertThat(ex.getRule().name()).isEqualTo("checkout"));
		assertThat(shop.buy("bob")).isEqualTo("bob");
	}

	@Test
	void allLimitsOfAMethodHaveToLetItThrough() {
		Shop shop = bean(Shop.class);
		shop.buyBoth("ann");
		shop.buyBoth("ann");
		assertThat(shop.buyBoth("ann")).isEqualTo("refused by checkout");
		shop.buyBoth("bob");
		assertThatExceptionOfType(RateLimitedException.class).isThrownBy(() -> shop.buyBoth("bob"))
			.satisfies((ex) -> assertThat(ex.getRule().name()).isEqualTo("total"));
	}

	@Test
	void describesARuleRightHere() {
		Shop shop = bean(Shop.class);
		assertThat(shop.inline()).contains("done");
		assertThat(shop.inline()).isEmpty();
		assertThat(this.limits.rules()).anyMatch((rule) -> rule.name().endsWith("Shop.inline"));
		assertThatExceptionOfType(RateLimitedException.class).isThrownBy(() -> {
			shop.expensive();
			shop.expensive();
		});
	}

	@Test
	void futuresKeepTheirPermitUntilTheyComplete() throws Exception {
		Shop shop = bean(Shop.class);
		CompletableFuture<String> work = new CompletableFuture<>();
		CompletionStage<String> first = shop.later(work);
		// It asks on a thread of its own, and the second must not come before it.
		Conditions.await(() -> this.limits.statistics("one").held() == 1);
		assertThatExceptionOfType(ExecutionException.class)
			.isThrownBy(() -> shop.later(new CompletableFuture<>()).toCompletableFuture().get(20, TimeUnit.SECONDS))
			.withCauseInstanceOf(RateLimitedException.class);
		work.complete("done");
		assertThat(first.toCompletableFuture().get(20, TimeUnit.SECONDS)).isEqualTo("done");
		awaitFree();
		assertThat(
				shop.later(CompletableFuture.completedFuture("next")).toCompletableFuture().get(20, TimeUnit.SECONDS))
			.isEqualTo("next");
	}

	@Test
	void publishersAreLimitedWithEachSubscription() {
		Shop shop = bean(Shop.class);
		Mono<String> mono = shop.mono("ann");
		assertThat(mono.block()).isEqualTo("ann");
		assertThat(mono.block()).isEqualTo("ann");
		assertThat(mono.block()).isEqualTo("instead");
		Flux<Integer> flux = shop.flux();
		assertThat(flux.collectList().block()).containsExactly(1, 2);
		awaitFree();
		assertThat(flux.collectList().block()).containsExactly(1, 2);
		awaitFree();
		RateDecision held = this.limits.tryAcquire("one", "").orElseThrow();
		assertThatExceptionOfType(RateLimitedException.class).isThrownBy(flux::blockLast);
		held.close();
	}

	/** To look is not enough: the engine may yet be at work when the store is done. */
	private void awaitFree() {
		this.limits.acquire("one", "", 1, Duration.ofSeconds(20)).orElseThrow().close();
	}

	@Test
	void refusesWhatCannotWorkAtStart() {
		refused(NoRule.class, "names no rule");
		refused(UnknownRule.class, "'nowhere', which does not exist");
		refused(BadRate.class, "10/fortnight");
		refused(TooMany.class, "grants 1 to 2");
		refused(NoNumber.class, "no number");
		refused(NegativePermits.class, "for -1 permits");
		refused(WaitsForAWindow.class, "can't tell how long to wait");
		refused(NoFallback.class, "names no fallback");
		refused(DescribedTwice.class, "otherwise than it is described elsewhere");
	}

	private void refused(Class<?> type, String message) {
		assertThatExceptionOfType(BeanCreationException.class).isThrownBy(() -> bean(type))
			.withRootCauseInstanceOf(InvalidAnnotationException.class)
			.withStackTraceContaining(message);
	}

	static class Shop {

		@RateLimited(rule = "checkout", key = "#p0")
		public String buy(String customer) {
			return customer;
		}

		@RateLimited(rule = "checkout", key = "#p0", otherwise = Otherwise.FALLBACK, fallback = "refused")
		@RateLimited("total")
		public String buyBoth(String customer) {
			return customer;
		}

		private String refused(String customer, RateLimitedException ex) {
			return "refused by " + ex.getRule().name();
		}

		@RateLimited(rate = "${rate}", otherwise = Otherwise.SKIP)
		public Optional<String> inline() {
			return Optional.of("done");
		}

		@RateLimited(rule = "total", permits = "${cost}")
		public void expensive() {
		}

		@RateLimited("one")
		public CompletionStage<String> later(CompletionStage<String> work) {
			return work;
		}

		@RateLimited(rule = "checkout", key = "#p0", otherwise = Otherwise.FALLBACK, fallback = "instead")
		public Mono<String> mono(String customer) {
			return Mono.just(customer);
		}

		Mono<String> instead(String customer) {
			return Mono.just("instead");
		}

		@RateLimited("one")
		public Flux<Integer> flux() {
			return Flux.just(1, 2);
		}

	}

	static class NoRule {

		@RateLimited
		public void run() {
		}

	}

	static class UnknownRule {

		@RateLimited("nowhere")
		public void run() {
		}

	}

	static class BadRate {

		@RateLimited(rate = "10/fortnight")
		public void run() {
		}

	}

	static class TooMany {

		@RateLimited(rule = "checkout", permits = "3")
		public void run() {
		}

	}

	static class NoNumber {

		@RateLimited(rule = "checkout", permits = "many")
		public void run() {
		}

	}

	static class NegativePermits {

		@RateLimited(rule = "checkout", permits = "-1")
		public void run() {
		}

	}

	static class WaitsForAWindow {

		@RateLimited(rate = "1/s", algorithm = RateAlgorithm.FIXED_WINDOW, maxWait = "1s")
		public void run() {
		}

	}

	static class NoFallback {

		@RateLimited(rule = "checkout", otherwise = Otherwise.FALLBACK)
		public void run() {
		}

	}

	static class DescribedTwice {

		@RateLimited(rule = "checkout", rate = "9/s")
		public void run() {
		}

	}

}
