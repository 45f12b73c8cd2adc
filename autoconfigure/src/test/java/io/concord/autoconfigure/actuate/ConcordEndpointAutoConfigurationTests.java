package io.concord.autoconfigure.actuate;

import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import io.concord.autoconfigure.UnreachableStore;
import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.autoconfigure.lock.LockAutoConfiguration;
import io.concord.autoconfigure.lock.LockEndpointAutoConfiguration;
import io.concord.lease.Claim;
import io.concord.lease.LeaseStore;
import io.concord.lease.local.LocalLeaseStore;
import io.concord.lock.DistributedLocks;
import io.concord.lock.HeldLock;
import io.concord.lock.LockInspector;
import io.concord.lock.LockLostException;
import io.concord.lock.LockRequest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.Mockito.mock;

@ExtendWith(OutputCaptureExtension.class)
class ConcordEndpointAutoConfigurationTests {

	private static final JsonMapper JSON = new JsonMapper();

	private final ApplicationContextRunner unexposed = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class, LockAutoConfiguration.class,
				LockEndpointAutoConfiguration.class, ConcordEndpointAutoConfiguration.class))
		.withPropertyValues("concord.backend=local");

	private final ApplicationContextRunner runner = this.unexposed
		.withPropertyValues("management.endpoints.web.exposure.include=concord");

	@Test
	void listsFeatures() {
		this.runner.run((context) -> assertThat(JSON.valueToTree(endpoint(context).features()).toString())
			.isEqualTo("{\"features\":[\"locks\"]}"));
	}

	@Test
	void listsWhatIsHeldHereWithoutKeys() {
		this.runner.run((context) -> {
			DistributedLocks locks = context.getBean(DistributedLocks.class);
			try (HeldLock first = locks.labelled("stock").acquire("stock:42", Duration.ZERO);
					HeldLock second = locks.labelled("till").acquire("till", Duration.ZERO)) {
				JsonNode held = locks(context, null).get("held");
				assertThat(held).hasSize(2);
				JsonNode stock = held.get(0);
				assertThat(stock.get("name").asString()).isEqualTo("stock");
				assertThat(stock.get("lock").isNull()).isTrue();
				assertThat(stock.get("lockHash").asString()).matches("[0-9a-f]{16}");
				assertThat(stock.get("owner").asString()).isNotBlank();
				assertThat(stock.get("fencingToken").asString()).isEqualTo(Long.toString(first.fencingToken()));
				assertThat(stock.get("waiters").asInt()).isZero();
				assertThat(stock.has("since")).isTrue();
				assertThat(stock.has("validUntil")).isTrue();
				assertThat(held.get(1).get("lock").asString()).isEqualTo("till");
				assertThat(held.get(1).get("lockHash").isNull()).isTrue();
				assertThat(held.toString()).doesNotContain("42\"");
				assertThat(second.isHeld()).isTrue();
			}
			assertThat(locks(context, null).get("held")).isEmpty();
		});
	}

	@Test
	void showsKeysIfToldSo() {
		this.runner.withPropertyValues("concord.endpoint.show-keys=always").run((context) -> {
			try (HeldLock lock = context.getBean(DistributedLocks.class).acquire("stock:42", Duration.ZERO)) {
				JsonNode held = locks(context, null).get("held").get(0);
				assertThat(held.get("name").asString()).isEqualTo("by-hand");
				assertThat(held.get("lock").asString()).isEqualTo(lock.name());
				assertThat(held.get("lockHash").isNull()).isTrue();
			}
		});
	}

	@Test
	void showsKeysToThoseWhoAreAuthorizedIfToldSo() {
		this.runner.withPropertyValues("concord.endpoint.show-keys=when-authorized").run((context) -> {
			try (HeldLock lock = context.getBean(DistributedLocks.class).acquire("stock:42", Duration.ZERO)) {
				assertThat(JSON.valueToTree(endpoint(context).feature(as("ann"), "locks", null)).toString())
					.contains(lock.name());
				assertThat(locks(context, null).toString()).doesNotContain(lock.name());
			}
		});
	}

	@Test
	void tellsWhoHoldsALockAnywhere() {
		this.runner.run((context) -> {
			try (HeldLock lock = context.getBean(DistributedLocks.class).acquire("stock:42", Duration.ZERO)) {
				JsonNode status = locks(context, "stock:42");
				assertThat(status.get("lock").asString()).isEqualTo("stock:42");
				assertThat(status.get("waiters").asInt()).isZero();
				assertThat(status.get("holders")).hasSize(1);
				JsonNode holder = status.get("holders").get(0);
				assertThat(holder.get("fencingToken").asString()).isEqualTo(Long.toString(lock.fencingToken()));
				assertThat(holder.get("here").asBoolean()).isTrue();
			}
			assertThat(locks(context, "stock:42").get("holders")).isEmpty();
		});
	}

	@Test
	void tellsSinceWhenAndUntilWhenALockIsHeldAndHowManyWait() {
		LocalLeaseStore store = new LocalLeaseStore();
		this.runner.withBean(LeaseStore.class, () -> store)
			.withPropertyValues("concord.lock.lease-time=10m")
			.run((context) -> {
				DistributedLocks locks = context.getBean(DistributedLocks.class);
				Instant before = Instant.now().truncatedTo(ChronoUnit.MILLIS);
				HeldLock lock = locks.acquire("stock:42", Duration.ZERO);
				CompletableFuture<HeldLock> next = locks
					.acquireAsync(LockRequest.of("stock:42").waitTime(Duration.ofMinutes(5)));
				// Of other processes, which the store alone knows of.
				for (String other : List.of("other-1", "other-2")) {
					store.claim(new Claim("lock:stock:42", other, 1, Duration.ofMinutes(10), Duration.ofMinutes(10)),
							Duration.ofSeconds(1));
				}
				// The thread that finds out that it has to wait is another one.
				long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
				while (held(context).get("waiters").asInt() != 1) {
					assertThat(System.nanoTime()).isLessThan(end);
					Thread.onSpinWait();
				}
				JsonNode here = held(context);
				JsonNode anywhere = locks(context, "stock:42");
				Instant after = Instant.now();
				assertThat(anywhere.get("waiters").asInt()).isEqualTo(2);
				assertThat(instant(here, "since")).isBetween(before, after);
				// The holder stops a little before its lease ends.
				assertThat(instant(here, "validUntil")).isBetween(before.plus(Duration.ofMinutes(9)),
						after.plus(Duration.ofMinutes(10)));
				assertThat(instant(anywhere.get("holders").get(0), "validUntil"))
					.isBetween(before.plus(Duration.ofMinutes(9)), after.plus(Duration.ofMinutes(10)));
				next.cancel(true);
				lock.close();
			});
	}

	private static JsonNode held(AssertableApplicationContext context) {
		return locks(context, null).get("held").get(0);
	}

	private static Instant instant(JsonNode node, String field) {
		return Instant.parse(node.get(field).asString());
	}

	@Test
	void answersNothingForUnknownFeature() {
		this.runner
			.run((context) -> assertThat(endpoint(context).feature(SecurityContext.NONE, "clocks", null)).isNull());
	}

	@Test
	void refusesNamesThatNothingCanHave() {
		this.runner.run((context) -> {
			ConcordEndpoint endpoint = endpoint(context);
			assertThatExceptionOfType(InvalidEndpointRequestException.class)
				.isThrownBy(() -> endpoint.feature(SecurityContext.NONE, "locks", ""))
				.withMessageContaining("must not be empty");
			assertThatExceptionOfType(InvalidEndpointRequestException.class)
				.isThrownBy(() -> endpoint.release(SecurityContext.NONE, "clocks", "stock"))
				.withMessageContaining("no feature 'clocks'");
		});
	}

	@Test
	void releasesByForceAndLogsWhoDidIt(CapturedOutput output) {
		this.runner.run((context) -> {
			HeldLock lock = context.getBean(DistributedLocks.class).acquire("stock:42", Duration.ZERO);
			JsonNode answer = JSON.valueToTree(endpoint(context).release(as("ann\nforged line"), "locks", "stock:42"));
			assertThat(answer.get("released").get(0).get("fencingToken").asString())
				.isEqualTo(Long.toString(lock.fencingToken()));
			assertThat(lock.isHeld()).isFalse();
			assertThatExceptionOfType(LockLostException.class).isThrownBy(lock::close);
			assertThat(output).contains("'ann?forged line' releases 'stock:42' of locks by force")
				.contains("'ann?forged line' has released 'stock:42' of locks by force");
		});
	}

	@Test
	void changesNothingOfLocks() {
		this.runner.run((context) -> {
			assertThatExceptionOfType(InvalidEndpointRequestException.class)
				.isThrownBy(() -> endpoint(context).change(SecurityContext.NONE, "locks", "stock:42", "limit=3"))
				.withMessageContaining("Nothing of locks can be changed");
			assertThatExceptionOfType(InvalidEndpointRequestException.class)
				.isThrownBy(() -> endpoint(context).change(SecurityContext.NONE, "clocks", "stock", "limit=3"))
				.withMessageContaining("no feature 'clocks'");
		});
	}

	@Test
	void saysThatTheStoreIsDown() {
		this.runner.withBean(UnreachableStore.class).run((context) -> {
			Object answer = endpoint(context).feature(SecurityContext.NONE, "locks", "stock:42");
			assertThat(answer).isInstanceOfSatisfying(WebEndpointResponse.class, (response) -> {
				assertThat(response.getStatus()).isEqualTo(503);
				assertThat(String.valueOf(response.getContentType())).isEqualTo("application/problem+json");
				assertThat(JSON.valueToTree(response.getBody()).get("status").asInt()).isEqualTo(503);
			});
			assertThat(endpoint(context).release(SecurityContext.NONE, "locks", "stock:42")).isInstanceOfSatisfying(
					WebEndpointResponse.class, (response) -> assertThat(response.getStatus()).isEqualTo(503));
		});
	}

	@Test
	void readsOnlyUnlessWritingIsGranted() {
		assertThat(ConcordEndpoint.class.getAnnotation(Endpoint.class).defaultAccess()).isEqualTo(Access.READ_ONLY);
	}

	@Test
	void isOffUnlessExposed() {
		this.unexposed.run((context) -> assertThat(context).doesNotHaveBean(ConcordEndpoint.class));
		this.runner.withPropertyValues("management.endpoint.concord.access=NONE")
			.run((context) -> assertThat(context).doesNotHaveBean(ConcordEndpoint.class));
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "org.springframework.boot.actuate.endpoint", "org.springframework.boot.actuate.autoconfigure" })
	void isOffWithoutActuator(String missing) {
		this.runner.withClassLoader(new FilteredClassLoader(missing))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean("concordEndpoint")
				.hasSingleBean(DistributedLocks.class));
	}

	@Test
	void hasNoLocksWithoutLockLibrary() {
		this.runner.withClassLoader(new FilteredClassLoader("io.concord.lock"))
			.run((context) -> assertThat(endpoint(context).features().features()).isEmpty());
	}

	@Test
	void hasNoLocksIfTheyAreOffOrNotOfConcord() {
		this.runner.withPropertyValues("concord.lock.enabled=false")
			.run((context) -> assertThat(endpoint(context).features().features()).isEmpty());
		this.runner.withBean(DistributedLocks.class, () -> mock(DistributedLocks.class))
			.run((context) -> assertThat(context).doesNotHaveBean(LockInspector.class)
				.getBean(ConcordEndpoint.class)
				.satisfies((endpoint) -> assertThat(endpoint.features().features()).isEmpty()));
	}

	private static ConcordEndpoint endpoint(AssertableApplicationContext context) {
		return context.getBean(ConcordEndpoint.class);
	}

	private static JsonNode locks(AssertableApplicationContext context, @Nullable String name) {
		return JSON.valueToTree(endpoint(context).feature(SecurityContext.NONE, "locks", name));
	}

	private static SecurityContext as(String name) {
		return new SecurityContext() {

			@Override
			public Principal getPrincipal() {
				return () -> name;
			}

			@Override
			public boolean isUserInRole(String role) {
				return false;
			}

		};
	}

}
