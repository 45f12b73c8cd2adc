package io.concord.lease;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Timeout(30)
class BoundedCallsTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private static final Duration SHORT = Duration.ofMillis(50);

	private final BoundedCalls calls = new BoundedCalls("store", 1);

	private final CountDownLatch stuck = new CountDownLatch(1);

	@AfterEach
	void close() {
		this.stuck.countDown();
		this.calls.close();
	}

	@Test
	void returnsWhatTheCallReturns() {
		String thread = this.calls.call((gate) -> {
			gate.pass();
			return Thread.currentThread().getName();
		}, LONG);
		assertThat(thread).startsWith("concord-store-");
	}

	@Test
	void callThatWasSentAndNotAnsweredHasAnUnknownOutcome() {
		assertThatExceptionOfType(LeaseOutcomeUnknownException.class).isThrownBy(() -> this.calls.call((gate) -> {
			gate.pass();
			return hang();
		}, SHORT)).withMessageContaining("store").withMessageContaining("50 ms");
	}

	@Test
	void callThatNeverGotToSendIsWithdrawn() throws Exception {
		CompletableFuture<Boolean> sent = new CompletableFuture<>();
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> this.calls.call((gate) -> {
			hang();
			try {
				gate.pass();
				sent.complete(true);
			}
			catch (LeaseStoreException ex) {
				sent.complete(false);
			}
			return "";
		}, SHORT)).isNotInstanceOf(LeaseOutcomeUnknownException.class).withMessageContaining("Nothing was sent");
		this.stuck.countDown();
		assertThat(sent.get(20, TimeUnit.SECONDS)).isFalse();
	}

	@Test
	void callThatFindsAllThreadsBusyIsNeverBegun() {
		assertThatExceptionOfType(LeaseOutcomeUnknownException.class).isThrownBy(() -> this.calls.call((gate) -> {
			gate.pass();
			return hang();
		}, SHORT));
		AtomicBoolean begun = new AtomicBoolean();
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> this.calls.call((gate) -> {
			begun.set(true);
			return "";
		}, SHORT)).isNotInstanceOf(LeaseOutcomeUnknownException.class);
		this.stuck.countDown();
		String next = this.calls.call((gate) -> "next", LONG);
		assertThat(next).isEqualTo("next");
		assertThat(begun).isFalse();
	}

	@Test
	void interruptionNeitherReachesTheCallNorGetsLost() {
		Thread.currentThread().interrupt();
		boolean seen = this.calls.call((gate) -> Thread.currentThread().isInterrupted(), LONG);
		assertThat(seen).isFalse();
		assertThat(Thread.interrupted()).isTrue();
	}

	@Test
	void failuresOfTheStorePassAsTheyAre() {
		LeaseStoreException failure = new LeaseStoreException("down");
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> this.calls.call((gate) -> {
			throw failure;
		}, LONG)).isSameAs(failure);
	}

	@Test
	void anyOtherFailureLeavesTheOutcomeUnknown() {
		assertThatExceptionOfType(LeaseOutcomeUnknownException.class).isThrownBy(() -> this.calls.call((gate) -> {
			throw new IllegalStateException("half-way");
		}, LONG)).withMessageContaining("half-way");
	}

	@Test
	void closedCallsAreRefused() {
		this.calls.close();
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> this.calls.call((gate) -> "", LONG))
			.withMessageContaining("closed");
	}

	private String hang() {
		try {
			this.stuck.await();
			return "";
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
