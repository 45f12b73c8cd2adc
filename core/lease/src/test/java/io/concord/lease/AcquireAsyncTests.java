package io.concord.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.lease.Lease.ReleaseOutcome;
import io.concord.lease.local.LocalLeaseStore;

import static io.concord.lease.Conditions.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Acquiring without a thread that waits.
 */
@Timeout(60)
class AcquireAsyncTests {

	private static final Duration TTL = Duration.ofSeconds(30);

	private final ScriptedStore scripted = new ScriptedStore();

	private final LocalLeaseStore shared = new LocalLeaseStore();

	private final List<LeaseEngine> engines = new ArrayList<>();

	@AfterEach
	void close() {
		this.scripted.answerAll();
		this.engines.forEach(LeaseEngine::close);
	}

	@Test
	void acquiresWhatIsFreeAndNotWhatIsTaken() throws Exception {
		LeaseEngine engine = engine(this.shared);
		LeaseEngine other = engine(this.shared);
		Lease lease = get(engine.acquireAsync(now("r"))).orElseThrow();
		assertThat(lease.isValid()).isTrue();
		assertThat(get(engine.acquireAsync(now("r")))).isEmpty();
		assertThat(get(other.acquireAsync(now("r")))).isEmpty();
		assertThat(get(other.acquireAsync(LeaseRequest.exclusive("r", Duration.ofMillis(50), TTL)))).isEmpty();
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.RELEASED);
		get(other.acquireAsync(now("r"))).orElseThrow().release();
	}

	@Test
	void waitsInTheLineOfTheStore() throws Exception {
		Lease lease = engine(this.shared).acquire(now("r")).orElseThrow();
		CompletableFuture<Optional<Lease>> waiting = engine(this.shared).acquireAsync(waiting("r"));
		awaitPlace("r", 1);
		assertThat(waiting).isNotDone();
		lease.release();
		assertThat(get(waiting).orElseThrow().token()).isGreaterThan(lease.token());
	}

	@Test
	void waitsWithThreadsOfTheProcessInOneOrder() throws Exception {
		LeaseEngine engine = engine(this.shared);
		Lease lease = engine.acquire(now("r")).orElseThrow();
		List<Integer> served = new CopyOnWriteArrayList<>();
		List<CompletableFuture<?>> all = new ArrayList<>();
		for (int i = 0; i < 10; i++) {
			int number = i;
			if (i % 2 == 0) {
				all.add(engine.acquireAsync(waiting("r")).thenAccept((next) -> {
					served.add(number);
					next.orElseThrow().release();
				}));
			}
			else {
				all.add(OwnThread.run(() -> {
					Lease next = engine.acquire(waiting("r")).orElseThrow();
					served.add(number);
					next.release();
				}));
			}
			await(() -> engine.localLines().waiting("r") == number + 1);
		}
		lease.release();
		for (CompletableFuture<?> one : all) {
			get(one);
		}
		assertThat(served).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
	}

	@Test
	void makesNoStoreCallOnTheThreadOfTheCaller() throws Exception {
		LeaseEngine engine = engine(this.scripted);
		AtomicReference<Thread> caller = new AtomicReference<>();
		CountDownLatch answer = new CountDownLatch(1);
		this.scripted.onClaim = () -> {
			caller.set(Thread.currentThread());
			ScriptedStore.pass(answer);
		};
		CompletableFuture<Optional<Lease>> waiting = engine.acquireAsync(now("r"));
		assertThat(waiting).isNotDone();
		answer.countDown();
		get(waiting).orElseThrow().release();
		assertThat(caller.get()).isNotEqualTo(Thread.currentThread());
	}

	@Test
	void failuresOfTheStoreComeThroughTheFuture() {
		LeaseEngine engine = engine(this.scripted);
		this.scripted.claimFailure = new LeaseStoreException("down");
		assertThat(engine.acquireAsync(now("r"))).failsWithin(10, TimeUnit.SECONDS)
			.withThrowableThat()
			.withCauseInstanceOf(LeaseStoreException.class)
			.withMessageContaining("down");
		await(() -> engine.localLines().size() == 0);
		assertThatIllegalArgumentException()
			.isThrownBy(() -> engine.acquireAsync(LeaseRequest.exclusive("r", Duration.ZERO, Duration.ofMillis(1))));
	}

	@Test
	void cancelledWaiterLeavesTheLine() {
		LeaseEngine holder = engine(this.shared);
		LeaseEngine engine = engine(this.shared);
		Lease lease = holder.acquire(now("r")).orElseThrow();
		CompletableFuture<Optional<Lease>> inStore = engine.acquireAsync(waiting("r"));
		awaitPlace("r", 1);
		CompletableFuture<Optional<Lease>> inProcess = engine.acquireAsync(waiting("r"));
		await(() -> engine.localLines().waiting("r") == 1);
		assertThat(inProcess.cancel(true)).isTrue();
		await(() -> engine.localLines().waiting("r") == 0);
		assertThat(inStore.cancel(true)).isTrue();
		awaitPlace("r", 0);
		await(() -> engine.localLines().size() == 0);
		lease.release();
		assertThat(engine.acquire(now("r"))).isPresent();
	}

	@Test
	void leaseThatComesAfterTheCancellationIsGivenBack() {
		LeaseEngine engine = engine(this.scripted);
		CountDownLatch answer = new CountDownLatch(1);
		this.scripted.onClaim = () -> ScriptedStore.pass(answer);
		CompletableFuture<Optional<Lease>> waiting = engine.acquireAsync(now("r"));
		await(() -> this.scripted.claims.get() == 1);
		waiting.cancel(true);
		answer.countDown();
		await(() -> this.scripted.releases.get() == 1 && engine.localLines().size() == 0);
	}

	@Test
	void closingEngineEndsAllWaits() {
		Lease lease = engine(this.shared).acquire(now("r")).orElseThrow();
		LeaseEngine engine = engine(this.shared);
		List<CompletableFuture<Optional<Lease>>> waiting = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			waiting.add(engine.acquireAsync(waiting("r")));
		}
		engine.close();
		waiting.add(engine.acquireAsync(waiting("r")));
		for (CompletableFuture<Optional<Lease>> one : waiting) {
			assertThat(one).failsWithin(10, TimeUnit.SECONDS)
				.withThrowableThat()
				.withCauseInstanceOf(LeaseEngineClosedException.class);
		}
		lease.release();
		assertThat(engine(this.shared).acquire(now("r"))).isPresent();
	}

	@Test
	void tenThousandWaitersCostNoThreads() throws Exception {
		LeaseEngine holder = engine(this.shared);
		LeaseEngine engine = engine(this.shared);
		int names = 100;
		List<Lease> held = new ArrayList<>();
		for (int i = 0; i < names; i++) {
			held.add(holder.acquire(now("name-" + i)).orElseThrow());
		}
		int before = Thread.activeCount();
		AtomicInteger served = new AtomicInteger();
		List<CompletableFuture<?>> all = new ArrayList<>();
		for (int i = 0; i < 10_000; i++) {
			all.add(engine.acquireAsync(waiting("name-" + i % names)).thenAccept((lease) -> {
				served.incrementAndGet();
				lease.orElseThrow().release();
			}));
		}
		for (int i = 0; i < names; i++) {
			String name = "name-" + i;
			await(() -> engine.localLines().waiting(name) == 99);
			awaitPlace(name, 1);
		}
		assertThat(Thread.activeCount() - before).as("threads of the engine").isLessThan(12);
		held.forEach(Lease::release);
		for (CompletableFuture<?> one : all) {
			get(one);
		}
		assertThat(served).hasValue(10_000);
		await(() -> engine.localLines().size() == 0);
	}

	private LeaseEngine engine(LeaseStore store) {
		LeaseEngine engine = LeaseEngine.builder(store).shutdownTimeout(Duration.ZERO).build();
		this.engines.add(engine);
		return engine;
	}

	/** Waits until so many stand in the line of the store. */
	private void awaitPlace(String name, int ahead) {
		Claim probe = new Claim(name, "probe-1", 1, TTL, TTL);
		await(() -> {
			ClaimAnswer answer = this.shared.claim(probe, TTL);
			this.shared.release(probe, Duration.ZERO, TTL);
			return answer instanceof ClaimAnswer.Waiting place && place.ahead() == ahead;
		});
	}

	private static LeaseRequest now(String name) {
		return LeaseRequest.exclusive(name, Duration.ZERO, TTL);
	}

	private static LeaseRequest waiting(String name) {
		return LeaseRequest.exclusive(name, Duration.ofSeconds(60), TTL);
	}

	private static <T> T get(CompletableFuture<T> future) throws Exception {
		return future.get(30, TimeUnit.SECONDS);
	}

}
