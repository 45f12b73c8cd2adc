package io.concord.autoconfigure;

import java.time.Duration;

import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import io.concord.autoconfigure.election.ElectionAutoConfiguration;
import io.concord.autoconfigure.idgen.IdgenAutoConfiguration;
import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.autoconfigure.lock.LockAutoConfiguration;
import io.concord.election.LeaderElections;
import io.concord.election.LeaderOnly;
import io.concord.idgen.LongIdGenerators;
import io.concord.invocation.Otherwise;
import io.concord.lease.LeaseStore;
import io.concord.lease.local.LocalLeaseStore;
import io.concord.lock.DistributedLock;
import io.concord.lock.DistributedLocks;
import io.concord.lock.LockRequest;
import io.concord.testing.LocalConcord;

import static io.concord.testing.ConcordAssertions.assertThatLock;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link LocalConcord} in an application whose backend can't be reached.
 */
@SpringBootTest(classes = LocalConcordTests.Application.class,
		properties = { "concord.backend=redis", "spring.data.redis.port=1", "concord.store-timeout=500ms",
				"concord.idgen.generators.orders.type=snowflake", "concord.idgen.generators.numbers.type=segment",
				"concord.idgen.generators.tickets.type=sequence" },
		webEnvironment = SpringBootTest.WebEnvironment.NONE)
@LocalConcord
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ExtendWith(OutputCaptureExtension.class)
class LocalConcordTests {

	@Autowired
	private DistributedLocks locks;

	@Autowired
	private Shop shop;

	@Test
	@Order(1)
	void locksInMemory() {
		this.shop.sell("42", () -> assertThatLock(this.locks, "stock:42").isHeldByThisThread());
		assertThatLock(this.locks, "stock:42").isFree();
	}

	@Test
	@Order(2)
	void takesPrecedenceOverStoresOfTheApplication(@Autowired LeaseStore store) {
		assertThat(store).isInstanceOf(LocalLeaseStore.class);
	}

	@Test
	@Order(3)
	void leavesALockBehind() {
		this.locks.acquire("till", Duration.ZERO);
		assertThatLock(this.locks, "till").isHeldByThisThread();
	}

	@Test
	@Order(4)
	void findsNothingOfTheTestBefore(CapturedOutput output) {
		assertThatLock(this.locks, "till").isFree().isNotHeldByThisThread();
		assertThat(output).contains("The test leavesALockBehind left locks behind, which are given back: [till]");
	}

	@Test
	@Order(5)
	void leavesWhatBelongsToNoThreadBehind() {
		this.locks.acquireAsync(LockRequest.of("future")).join();
		this.locks.semaphore("permits", 1).acquire(Duration.ZERO);
		this.locks.acquireAsync(LockRequest.of("future").waitTime(Duration.ofMinutes(1)));
	}

	@Test
	@Order(6)
	void findsNothingOfThatEither() {
		assertThatLock(this.locks, "future").isFree();
		assertThatLock(this.locks, "permits").isFree();
	}

	@Test
	void leadsInMemory(@Autowired LeaderElections elections) {
		assertThat(elections.get("till").awaitLeadership(Duration.ofSeconds(20))).isTrue();
		assertThat(this.shop.count()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "orders", "numbers", "tickets" })
	void issuesIdsInMemory(String generator, @Autowired LongIdGenerators ids) {
		assertThat(ids.get(generator).next()).isPositive();
	}

	@Nested
	class NestedTests {

		@Test
		void locksInMemory() {
			LocalConcordTests.this.locks.acquire("nested", Duration.ZERO).close();
			assertThatLock(LocalConcordTests.this.locks, "nested").isFree();
		}

	}

	static class Shop {

		@DistributedLock(name = "stock", key = "#sku")
		void sell(String sku, Runnable meanwhile) {
			meanwhile.run();
		}

		@LeaderOnly(value = "till", otherwise = Otherwise.THROW)
		boolean count() {
			return true;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ LeaseAutoConfiguration.class, LockAutoConfiguration.class,
			ElectionAutoConfiguration.class, IdgenAutoConfiguration.class, DataRedisAutoConfiguration.class })
	static class Application {

		@Bean
		Shop shop() {
			return new Shop();
		}

		@Bean
		LeaseStore unreachable() {
			return new UnreachableStore();
		}

	}

}
