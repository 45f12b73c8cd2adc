package io.concord.test;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class AwaitTests {

	private static final Duration BOUND = Duration.ofMinutes(1);

	@Test
	void returnsAFailureInTime() {
		IllegalStateException failure = new IllegalStateException("told");
		assertThat(Await.failure(RuntimeException.class, BOUND, () -> {
			throw failure;
		})).isSameAs(failure);
	}

	@Test
	void bearsNoSuccessNoOtherFailureAndNoLateOne() {
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> Await.failure(RuntimeException.class, BOUND, () -> {
			}))
			.withMessageContaining("Not a RuntimeException: null");
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> Await.failure(IllegalStateException.class, BOUND, () -> {
				throw new IllegalArgumentException("told");
			}))
			.withMessageContaining("told");
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> Await.failure(RuntimeException.class, Duration.ofNanos(1), () -> {
				LockSupport.parkNanos(1_000_000);
				throw new IllegalStateException("told");
			}))
			.withMessageContaining("not within PT0.000000001S");
	}

}
