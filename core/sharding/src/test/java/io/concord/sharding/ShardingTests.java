package io.concord.sharding;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import io.concord.hashing.NoNodeException;
import io.concord.hashing.Node;
import io.concord.hashing.Partitioners;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

@Timeout(60)
class ShardingTests {

	private static final Duration LONG = Duration.ofSeconds(50);

	private final Shardings shardings = new Shardings(Map.of("customers",
			Partitioners.mapping(Map.of("ann", "a", "bob", "b"), List.of(Node.of("a"), Node.of("b")))));

	private final Sharding sharding = this.shardings.get("customers");

	@AfterEach
	void close() {
		this.shardings.close();
		if (TransactionSynchronizationManager.isSynchronizationActive()) {
			TransactionSynchronizationManager.clearSynchronization();
		}
		TransactionSynchronizationManager.setActualTransactionActive(false);
	}

	@Test
	void isOnTheShardOfTheKeyWhileInside() {
		assertThat(this.sharding.current()).isEmpty();
		String inside = this.sharding.call("ann", () -> {
			String inner = this.sharding.call("bob", this.sharding::requireCurrent);
			return inner + this.sharding.requireCurrent();
		});
		assertThat(inside).isEqualTo("ba");
		assertThat(this.sharding.current()).isEmpty();
		assertThat(this.sharding.callOn("b", this.sharding::current)).isEqualTo(Optional.of("b"));
	}

	@Test
	void leavesTheShardIfTheWorkFails() {
		assertThatIllegalStateException().isThrownBy(() -> this.sharding.call("ann", () -> {
			throw new IllegalStateException("work");
		}));
		assertThatExceptionOfType(NoShardException.class).isThrownBy(this.sharding::requireCurrent)
			.withMessageContaining("No shard of 'customers' is chosen")
			.withMessageContaining("@ShardBy");
	}

	@Test
	void knowsNoOtherShardsThanItsOwn() {
		assertThat(this.sharding.shards()).containsExactly("a", "b");
		assertThatExceptionOfType(NoNodeException.class).isThrownBy(() -> this.sharding.call("eve", () -> 1))
			.withMessage("The key 'eve' is mapped to no node");
		assertThatExceptionOfType(NoNodeException.class).isThrownBy(() -> this.sharding.callOn("c", () -> 1))
			.withMessage("There is no shard 'c' of 'customers'. The shards are [a, b]");
		assertThatExceptionOfType(UnknownShardingException.class).isThrownBy(() -> this.shardings.get("orders"))
			.withMessageContaining("Known are: customers")
			.withMessageContaining("'concord.sharding.orders'");
	}

	@Test
	void refusesAnotherShardWhileATransactionIsUnderWay() {
		this.sharding.call("ann", () -> {
			TransactionSynchronizationManager.initSynchronization();
			assertThat(this.sharding.call("ann", this.sharding::requireCurrent)).isEqualTo("a");
			assertThatExceptionOfType(ShardChangeException.class)
				.isThrownBy(() -> this.sharding.call("bob", this.sharding::requireCurrent))
				.withMessageContaining("works on shard 'a' of 'customers', and can't go on with shard 'b'");
			return 0;
		});
	}

	/**
	 * The transaction that was begun inside has a connection to that shard, also after it
	 * was left.
	 */
	@Test
	void keepsTheShardOfATransactionThatOutlivesIt() {
		this.sharding.call("ann", () -> {
			TransactionSynchronizationManager.initSynchronization();
			return 0;
		});
		assertThatExceptionOfType(ShardChangeException.class).isThrownBy(() -> this.sharding.call("bob", () -> 1));
		end();
		assertThat(this.sharding.call("bob", this.sharding::requireCurrent)).isEqualTo("b");
		assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
	}

	@Test
	void theFirstShardOfATransactionStays() {
		TransactionSynchronizationManager.initSynchronization();
		this.sharding.call("bob", () -> 1);
		assertThatExceptionOfType(ShardChangeException.class).isThrownBy(() -> this.sharding.call("ann", () -> 1));
		TransactionSynchronizationManager.getSynchronizations().forEach(TransactionSynchronization::suspend);
		assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
		TransactionSynchronizationManager.getSynchronizations().forEach(TransactionSynchronization::resume);
		assertThatExceptionOfType(ShardChangeException.class).isThrownBy(() -> this.sharding.call("ann", () -> 1));
		end();
		assertThat(this.sharding.call("ann", this.sharding::requireCurrent)).isEqualTo("a");
	}

	private static void end() {
		List<TransactionSynchronization> ended = TransactionSynchronizationManager.getSynchronizations();
		TransactionSynchronizationManager.clearSynchronization();
		ended.forEach((one) -> one.afterCompletion(TransactionSynchronization.STATUS_COMMITTED));
	}

	@Test
	void callsAllShardsAtTheSameTime() throws Exception {
		CyclicBarrier together = new CyclicBarrier(2);
		Map<String, String> results = this.sharding.callAll(LONG, () -> {
			together.await(30, TimeUnit.SECONDS);
			return this.sharding.requireCurrent() + "!";
		});
		assertThat(results).containsExactly(Map.entry("a", "a!"), Map.entry("b", "b!"));
	}

	@Test
	void allowsForNoResult() throws Exception {
		assertThat(this.sharding.callAll(LONG, () -> null)).containsOnlyKeys("a", "b").containsEntry("a", null);
	}

	@Test
	void tellsWhichShardsFailed() {
		assertThatExceptionOfType(ShardFanOutException.class).isThrownBy(() -> this.sharding.callAll(LONG, () -> {
			if (this.sharding.requireCurrent().equals("b")) {
				throw new IllegalStateException("down");
			}
			return 1;
		})).withMessage("Of 2 shards of 'customers', 1 failed: b").satisfies((ex) -> {
			assertThat(ex.getResults()).isEqualTo(Map.of("a", 1));
			assertThat(ex.getFailures()).containsOnlyKeys("b");
			assertThat(ex.getCause()).hasMessage("down");
		});
		assertThatExceptionOfType(ShardFanOutException.class).isThrownBy(() -> this.sharding.callAll(LONG, () -> {
			throw new IllegalStateException(this.sharding.requireCurrent());
		})).satisfies((ex) -> assertThat(ex.getSuppressed()).hasSize(1));
	}

	@Test
	void waitsNoLongerThanTheTimeout() {
		assertThatExceptionOfType(ShardFanOutException.class)
			.isThrownBy(() -> this.sharding.callAll(Duration.ofMillis(100), () -> {
				new CountDownLatch(1).await();
				return 1;
			}))
			.satisfies((ex) -> assertThat(ex.getFailures().values())
				.allMatch((failure) -> failure instanceof CancellationException)
				.hasSize(2));
	}

	@Test
	void refusesToCallAllInsideATransaction() {
		TransactionSynchronizationManager.setActualTransactionActive(true);
		assertThatExceptionOfType(ShardChangeException.class).isThrownBy(() -> this.sharding.callAll(LONG, () -> 1))
			.withMessageContaining("works on no shard of 'customers', and can't go on with all shards");
	}

	@Test
	void refusesToCallAllInsideOfTheSame() {
		List<Throwable> refused = new ArrayList<>();
		assertThatExceptionOfType(ShardFanOutException.class)
			.isThrownBy(() -> this.sharding.callAll(LONG, () -> this.sharding.callAll(LONG, () -> 1)))
			.satisfies((ex) -> refused.addAll(ex.getFailures().values()));
		assertThat(refused).hasSize(2).allMatch((ex) -> ex instanceof IllegalStateException);
	}

	@Test
	void refusesTimeoutsThatAreNone() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.sharding.callAll(Duration.ZERO, () -> 1))
			.withMessageContaining("not PT0S");
	}

	@Test
	void callsNothingAfterClose() {
		this.shardings.close();
		assertThatExceptionOfType(RejectedExecutionException.class)
			.isThrownBy(() -> this.sharding.callAll(LONG, () -> 1));
	}

}
