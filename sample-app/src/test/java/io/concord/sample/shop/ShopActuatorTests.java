package io.concord.sample.shop;

import java.time.Duration;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;

import io.concord.lock.DistributedLocks;
import io.concord.lock.HeldLock;
import io.concord.ratelimit.RateLimits;
import io.concord.ratelimit.RateRule;
import io.concord.testing.LocalConcord;

import static io.concord.testing.ConcordAssertions.assertThatLock;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What operators see of the shop.
 */
@SpringBootTest(properties = "spring.datasource.url=jdbc:h2:mem:shop-actuator-tests")
@AutoConfigureMockMvc
@LocalConcord
class ShopActuatorTests {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private DistributedLocks locks;

	@Test
	void listsLocksThatAreHeldHere() {
		try (HeldLock lock = this.locks.labelled("stock").acquire("stock:mug", Duration.ZERO)) {
			assertThat(this.mvc.get().uri("/actuator/concord/locks")).hasStatusOk()
				.bodyJson()
				.isLenientlyEqualTo("""
						{"held": [{"name": "stock", "lock": "stock:mug", "fencingToken": "%d", "waiters": 0}]}"""
					.formatted(lock.fencingToken()));
		}
		assertThat(this.mvc.get().uri("/actuator/concord/locks")).hasStatusOk().bodyJson().isStrictlyEqualTo("""
				{"held": []}""");
	}

	@Test
	void tellsWhoHoldsALock() {
		try (HeldLock lock = this.locks.acquire("stock:mug", Duration.ZERO)) {
			assertThat(this.mvc.get().uri("/actuator/concord/locks?name={name}", lock.name())).hasStatusOk()
				.bodyJson()
				.isLenientlyEqualTo("""
						{"lock": "stock:mug", "holders": [{"fencingToken": "%d", "here": true}], "waiters": 0}"""
					.formatted(lock.fencingToken()));
		}
	}

	@Test
	void listsFeatures() {
		// Load balancing is there for tests only.
		assertThat(this.mvc.get().uri("/actuator/concord")).hasStatusOk().bodyJson().isStrictlyEqualTo("""
				{"features": ["elections", "ids", "loadbalancer", "locks", "ratelimits"]}""");
		assertThat(this.mvc.get().uri("/actuator/concord/clocks")).hasStatus(HttpStatus.NOT_FOUND);
		assertThat(this.mvc.get().uri("/actuator/concord/locks?name=")).hasStatus(HttpStatus.BAD_REQUEST);
	}

	@Test
	void releasesNothingByForceUnlessThatIsGranted() {
		try (HeldLock lock = this.locks.acquire("stock:mug", Duration.ZERO)) {
			assertThat(this.mvc.delete().uri("/actuator/concord/locks?name={name}", lock.name()))
				.hasStatus(HttpStatus.METHOD_NOT_ALLOWED);
			assertThat(lock.isHeld()).isTrue();
		}
	}

	@Test
	void tellsTheHealthOfTheStore() {
		assertThat(this.mvc.get().uri("/actuator/health")).hasStatusOk()
			.bodyJson()
			.extractingPath("$.components.concordStores.status")
			.isEqualTo("UP");
	}

	@Test
	void measuresLocks() {
		this.locks.labelled("stock").acquire("stock:mug", Duration.ZERO).close();
		assertThat(this.mvc.get().uri("/actuator/metrics/concord.lock.acquire?tag=name:stock")).hasStatusOk()
			.bodyJson()
			.extractingPath("$.availableTags[*].tag")
			.asArray()
			.contains("store", "outcome");
	}

	@Test
	void changesNoRuleUnlessThatIsGranted() {
		assertThat(changeOfRule("rate=7/m")).hasStatus(HttpStatus.METHOD_NOT_ALLOWED);
	}

	private MvcTestResult changeOfRule(String values) {
		return this.mvc.post().uri("/actuator/concord/ratelimits").contentType(MediaType.APPLICATION_JSON).content("""
				{"name": "checkout", "values": "%s"}""".formatted(values)).exchange();
	}

	@Nested
	@TestPropertySource(properties = "management.endpoint.concord.access=unrestricted")
	class WithWriteAccess {

		@Test
		void changesRules(@Autowired RateLimits limits) {
			RateRule rule = limits.rule("checkout").orElseThrow();
			try {
				assertThat(changeOfRule("rate=7/m; burst=3")).hasStatusOk().bodyJson().isLenientlyEqualTo("""
						{"rule": {"name": "checkout", "rates": ["7/m"], "burst": 3, "onFailure": "OPEN"}}""");
				assertThat(limits.rule("checkout"))
					.contains(RateRule.builder("checkout").rate("7/m").burst(3).onFailure(rule.onFailure()).build());
				assertThat(changeOfRule("rate=7/fortnight")).hasStatus(HttpStatus.BAD_REQUEST);
			}
			finally {
				limits.define(rule);
			}
		}

		@Test
		void releasesByForce() {
			DistributedLocks locks = ShopActuatorTests.this.locks;
			HeldLock lock = locks.acquire("stock:mug", Duration.ZERO);
			assertThat(ShopActuatorTests.this.mvc.delete().uri("/actuator/concord/locks?name={name}", lock.name()))
				.hasStatusOk()
				.bodyJson()
				.isLenientlyEqualTo("""
						{"lock": "stock:mug", "released": [{"fencingToken": "%d", "here": true}]}"""
					.formatted(lock.fencingToken()));
			assertThatLock(locks, lock.name()).isFree();
			assertThat(lock.isHeld()).isFalse();
		}

	}

}
