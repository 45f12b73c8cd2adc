package io.concord.testing;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.concord.lease.LeaseEngine;
import io.concord.lease.local.LocalLeaseStore;
import io.concord.lock.DistributedLocks;
import io.concord.lock.HeldLock;
import io.concord.lock.LockSettings;

import static io.concord.testing.ConcordAssertions.assertThatLock;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class LockAssertTests {

	private static final String NAME = "stock:42";

	private final LeaseEngine engine = LeaseEngine.builder(new LocalLeaseStore())
		.shutdownTimeout(Duration.ZERO)
		.build();

	private final DistributedLocks locks = DistributedLocks.create(this.engine, LockSettings.defaults());

	@AfterEach
	void close() {
		this.engine.close();
	}

	@Test
	void passesOnWhatIsHeld() {
		try (HeldLock lock = this.locks.acquire(NAME, Duration.ZERO)) {
			assertThatLock(this.locks, NAME).isHeld()
				.isHeldByThisThread()
				.hasFencingToken(lock.fencingToken())
				.hasFencingTokenGreaterThan(lock.fencingToken() - 1);
		}
	}

	@Test
	void passesOnWhatIsFree() {
		this.locks.acquire(NAME, Duration.ZERO).close();
		assertThatLock(this.locks, NAME).isFree().isNotHeldByThisThread();
	}

	@Test
	void tellsThreadsApart() {
		try (HeldLock lock = CompletableFuture.supplyAsync(() -> this.locks.acquire(NAME, Duration.ZERO)).join()) {
			assertThatLock(this.locks, NAME).isHeld().isNotHeldByThisThread();
			assertFails(() -> assertThatLock(this.locks, NAME).isHeldByThisThread(),
					"Expected the lock to be held by this thread, '" + Thread.currentThread().getName()
							+ "', but it is held by claim '",
					"with fencing token " + lock.fencingToken());
		}
	}

	@Test
	void failsOnWhatIsFree() {
		String reason = "but nobody holds it. The name of a lock of @DistributedLock is 'name:key'";
		assertFails(() -> assertThatLock(this.locks, NAME).isHeld(), "[Lock 'stock:42'] ",
				"Expected the lock to be held, " + reason);
		assertFails(() -> assertThatLock(this.locks, NAME).isHeldByThisThread(), reason);
		assertFails(() -> assertThatLock(this.locks, NAME).hasFencingToken(7),
				"Expected the lock to be held with fencing token 7, " + reason);
		assertFails(() -> assertThatLock(this.locks, NAME).hasFencingTokenGreaterThan(7),
				"Expected the lock to be held with a fencing token greater than 7, " + reason);
	}

	@Test
	void failsOnWhatIsHeld() {
		try (HeldLock lock = this.locks.acquire(NAME, Duration.ZERO)) {
			long token = lock.fencingToken();
			assertFails(() -> assertThatLock(this.locks, NAME).isFree(),
					"Expected the lock to be free, but it is held by claim '", "ms unless it is renewed");
			assertFails(() -> assertThatLock(this.locks, NAME).isNotHeldByThisThread(), "but it is: ");
			assertFails(() -> assertThatLock(this.locks, NAME).hasFencingToken(token + 1), "but it is held by claim '",
					"with fencing token " + token);
			assertFails(() -> assertThatLock(this.locks, NAME).hasFencingTokenGreaterThan(token),
					"greater than " + token, "with fencing token " + token);
		}
	}

	private static void assertFails(ThrowingCallable assertion, String... messages) {
		assertThatExceptionOfType(AssertionError.class).isThrownBy(assertion)
			.satisfies(
					(failure) -> org.assertj.core.api.Assertions.assertThat(failure).hasMessageContainingAll(messages));
	}

}
