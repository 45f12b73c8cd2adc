package io.concord.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.lease.Lease.ReleaseOutcome;
import io.concord.lease.local.LocalLeaseStore;

import static io.concord.lease.Conditions.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Leases that are passed on within a process.
 */
@Timeout(60)
class HandOverTests {

	private static final Duration TTL = Duration.ofSeconds(30);

	private static final Duration TURN = Duration.ofMillis(50);

	private static final HandOver WIDE = new HandOver(HandOver.MOST_TURNS, Duration.ofHours(1));

	private final TestClock clock = new TestClock();

	private final ScriptedStore store = new ScriptedStore();

	private final List<LeaseEngine> engines = new ArrayList<>();

	@AfterEach
	void close() {
		this.store.answerAll();
		this.engines.forEach(LeaseEngine::close);
	}

	@Test
	void turnsCostNoStoreCallAndTheirTokensGrow() throws Exception {
		LeaseEngine engine = engine();
		Lease lease = engine.acquire(request(WIDE)).orElseThrow();
		List<Long> tokens = new CopyOnWriteArrayList<>(List.of(lease.token()));
		List<CompletableFuture<ReleaseOutcome>> turns = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			turns.add(OwnThread.supply(() -> {
				Lease turn = engine.acquire(request(WIDE)).orElseThrow();
				assertThat(turn.isValid()).isTrue();
				tokens.add(turn.token());
				return turn.release();
			}));
			awaitWaiting(engine, i + 1);
		}
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.RELEASED);
		assertThat(lease.isValid()).isFalse();
		for (CompletableFuture<ReleaseOutcome> turn : turns) {
			assertThat(turn.get(10, TimeUnit.SECONDS)).isEqualTo(ReleaseOutcome.RELEASED);
		}
		assertThat(tokens).hasSize(21).isSorted().doesNotHaveDuplicates().first().isEqualTo(42L * 1_024);
		assertThat(this.store.claims).hasValue(1);
		assertThat(this.store.releases).hasValue(1);
		assertThat(engine.localLines().size()).isZero();
	}

	@Test
	void turnsEndWithTheirNumber() throws Exception {
		LeaseEngine engine = engine();
		HandOver two = new HandOver(2, Duration.ofHours(1));
		serve(engine, two, 6);
		// Three holders a grant, seven in all.
		assertThat(this.store.claims).hasValue(3);
		assertThat(this.store.releases).hasValue(3);
	}

	@Test
	void turnsEndWithTheirTime() throws Exception {
		LeaseEngine engine = engine();
		HandOver brief = new HandOver(100, Duration.ofSeconds(1));
		Lease lease = engine.acquire(request(brief)).orElseThrow();
		CompletableFuture<Lease> next = OwnThread.supply(() -> engine.acquire(request(brief)).orElseThrow());
		awaitWaiting(engine, 1);
		this.clock.pass(Duration.ofSeconds(1));
		lease.release();
		next.get(10, TimeUnit.SECONDS).release();
		assertThat(this.store.claims).hasValue(2);
	}

	@Test
	void nothingIsPassedOnIfSwitchedOff() throws Exception {
		LeaseEngine engine = engine();
		serve(engine, HandOver.NONE, 3);
		assertThat(this.store.claims).hasValue(4);
		assertThat(this.store.releases).hasValue(4);
	}

	@Test
	void onlyWhoAsksForTheSameInherits() throws Exception {
		for (LeaseRequest other : List.of(request(WIDE).notRenewed(), request(HandOver.NONE),
				LeaseRequest.exclusive("r", Duration.ofSeconds(60), TTL.plusSeconds(1)).withHandOver(WIDE))) {
			LeaseEngine engine = engine();
			this.store.claims.set(0);
			Lease lease = engine.acquire(request(WIDE)).orElseThrow();
			CompletableFuture<Lease> next = OwnThread.supply(() -> engine.acquire(other).orElseThrow());
			awaitWaiting(engine, 1);
			lease.release();
			next.get(10, TimeUnit.SECONDS).release();
			assertThat(this.store.claims).as(other.toString()).hasValue(2);
		}
	}

	@Test
	void leaseNearItsEndIsNotPassedOn() throws Exception {
		LeaseEngine engine = engine();
		Lease lease = engine.acquire(request(WIDE)).orElseThrow();
		CompletableFuture<Lease> next = OwnThread.supply(() -> engine.acquire(request(WIDE)).orElseThrow());
		awaitWaiting(engine, 1);
		this.clock.pass(TTL.minusSeconds(9));
		lease.release();
		next.get(10, TimeUnit.SECONDS).release();
		assertThat(this.store.claims).hasValue(2);
	}

	@Test
	void suspectLeaseIsNotPassedOn() throws Exception {
		LeaseEngine engine = engine();
		Lease lease = engine.acquire(request(WIDE)).orElseThrow();
		CompletableFuture<Lease> next = OwnThread.supply(() -> engine.acquire(request(WIDE)).orElseThrow());
		awaitWaiting(engine, 1);
		this.clock.jump(3_600_000);
		lease.release();
		next.get(10, TimeUnit.SECONDS).release();
		assertThat(this.store.claims).hasValue(2);
	}

	@Test
	void heirIsRenewedAndToldOfALoss() throws Exception {
		LeaseEngine engine = LeaseEngine.builder(this.store)
			.shutdownTimeout(Duration.ZERO)
			.storeTimeout(Duration.ofMillis(50))
			.build();
		this.engines.add(engine);
		LeaseRequest request = LeaseRequest.exclusive("r", Duration.ofSeconds(60), Duration.ofMillis(1_500))
			.withHandOver(WIDE);
		Lease lease = engine.acquire(request).orElseThrow();
		CompletableFuture<Lease> next = OwnThread.supply(() -> engine.acquire(request).orElseThrow());
		awaitWaiting(engine, 1);
		lease.release();
		Lease heir = next.get(10, TimeUnit.SECONDS);
		assertThat(this.store.claims).hasValue(1);
		int before = this.store.refreshes.get();
		await(() -> this.store.refreshes.get() >= before + 3);
		assertThat(heir.isValid()).isTrue();
		CompletableFuture<String> lost = new CompletableFuture<>();
		heir.onLost(lost::complete);
		lease.onLost((reason) -> lost.completeExceptionally(new AssertionError("told who had released")));
		this.store.refreshAnswer = new ClaimAnswer.Gone();
		assertThat(lost.get(10, TimeUnit.SECONDS)).contains("no record");
		assertThat(heir.release()).isEqualTo(ReleaseOutcome.LOST);
		await(() -> engine.localLines().size() == 0);
	}

	@Test
	void heirThatHasGivenUpPassesItOn() throws Exception {
		LeaseEngine engine = engine();
		for (int round = 0; round < 200; round++) {
			Lease lease = engine.acquire(request(WIDE)).orElseThrow();
			CompletableFuture<Boolean> gone = new CompletableFuture<>();
			Thread impatient = new Thread(() -> {
				try {
					engine.acquire(request(WIDE)).orElseThrow().release();
					gone.complete(true);
				}
				catch (LeaseInterruptedException ex) {
					gone.complete(false);
				}
			});
			impatient.start();
			awaitWaiting(engine, 1);
			CompletableFuture<ReleaseOutcome> patient = OwnThread
				.supply(() -> engine.acquire(request(WIDE)).orElseThrow().release());
			awaitWaiting(engine, 2);
			Thread interrupter = new Thread(impatient::interrupt);
			interrupter.start();
			lease.release();
			gone.get(10, TimeUnit.SECONDS);
			assertThat(patient.get(10, TimeUnit.SECONDS)).isEqualTo(ReleaseOutcome.RELEASED);
			interrupter.join();
			await(() -> engine.localLines().size() == 0);
			assertThat(this.store.releases.get()).isEqualTo(this.store.claims.get());
		}
	}

	@Test
	void anotherProcessIsServedWithinTheBoundOfTurns() throws Exception {
		assertThat(turnsBeforeAnotherProcess(new HandOver(8, Duration.ofHours(1)))).isEqualTo(8);
	}

	@Test
	void anotherProcessIsServedWithinTheBoundOfTime() throws Exception {
		// The turn in which the time ends is the last.
		Duration time = TURN.multipliedBy(8).minusMillis(1);
		assertThat(turnsBeforeAnotherProcess(new HandOver(HandOver.MOST_TURNS, time))).isEqualTo(8);
	}

	/**
	 * Lets many of one process and one of another wait behind a holder.
	 * @return how many were served before the one, each of which took its turn's time
	 */
	private long turnsBeforeAnotherProcess(HandOver bounds) throws Exception {
		LocalLeaseStore shared = new LocalLeaseStore();
		LeaseEngine busy = engine(shared);
		LeaseEngine other = LeaseEngine.builder(shared).build();
		this.engines.add(other);
		Lease first = busy.acquire(request(bounds)).orElseThrow();
		AtomicLong turnsOfOthers = new AtomicLong();
		AtomicLong turnsWhenServed = new AtomicLong(-1);
		List<CompletableFuture<Void>> all = new ArrayList<>();
		for (int i = 0; i < 40; i++) {
			all.add(OwnThread.run(() -> {
				Lease turn = busy.acquire(request(bounds)).orElseThrow();
				turnsOfOthers.incrementAndGet();
				this.clock.pass(TURN);
				turn.release();
			}));
			awaitWaiting(busy, i + 1);
		}
		CompletableFuture<Void> remote = OwnThread.run(() -> {
			Lease turn = other.acquire(request(bounds)).orElseThrow();
			turnsWhenServed.set(turnsOfOthers.get());
			turn.release();
		});
		Claim probe = new Claim("r", "probe-1", 1, TTL, TTL);
		await(() -> {
			ClaimAnswer answer = shared.claim(probe, TTL);
			shared.release(probe, Duration.ZERO, TTL);
			return answer instanceof ClaimAnswer.Waiting place && place.ahead() == 1;
		});
		first.release();
		remote.get(10, TimeUnit.SECONDS);
		for (CompletableFuture<Void> turn : all) {
			turn.get(10, TimeUnit.SECONDS);
		}
		assertThat(turnsOfOthers).hasValue(40);
		return turnsWhenServed.get();
	}

	@Test
	void closingEngineEndsTheTurns() throws Exception {
		LeaseEngine engine = LeaseEngine.builder(this.store).shutdownTimeout(Duration.ofSeconds(30)).build();
		this.engines.add(engine);
		Lease lease = engine.acquire(request(WIDE)).orElseThrow();
		CompletableFuture<Lease> next = OwnThread.supply(() -> engine.acquire(request(WIDE)).orElseThrow());
		awaitWaiting(engine, 1);
		CompletableFuture<Void> closing = OwnThread.run(engine::close);
		assertThat(next).failsWithin(10, TimeUnit.SECONDS)
			.withThrowableThat()
			.withCauseInstanceOf(LeaseEngineClosedException.class);
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.RELEASED);
		closing.get(10, TimeUnit.SECONDS);
		assertThat(this.store.releases).hasValue(1);
	}

	@Test
	void heirThatWasJustChosenHearsOfTheEndOfTheEngine() throws Exception {
		AtomicInteger reads = new AtomicInteger(Integer.MIN_VALUE);
		List<Runnable> close = new CopyOnWriteArrayList<>();
		LeaseEngine engine = LeaseEngine.builder(this.store)
			.shutdownTimeout(Duration.ZERO)
			.nanoTime(this.clock::nanos)
			.wallMillis(() -> {
				// The first is the look whether the machine was suspended, the second is
				// for the heir.
				if (reads.incrementAndGet() == 2) {
					close.forEach(Runnable::run);
				}
				return this.clock.wallMillis();
			})
			.build();
		Thread closing = new Thread(engine::close);
		close.add(() -> {
			closing.start();
			await(() -> closing.getState() == Thread.State.TIMED_WAITING);
		});
		Lease lease = engine.acquire(request(WIDE)).orElseThrow();
		CompletableFuture<Lease> next = OwnThread.supply(() -> engine.acquire(request(WIDE)).orElseThrow());
		awaitWaiting(engine, 1);
		reads.set(0);
		lease.release();
		assertThat(next).failsWithin(10, TimeUnit.SECONDS)
			.withThrowableThat()
			.withCauseInstanceOf(LeaseEngineClosedException.class);
		closing.join();
		assertThat(this.store.releases).hasValue(1);
		assertThat(engine.localLines().size()).isZero();
	}

	@Test
	void refusesBoundsThatTokensHaveNoRoomFor() {
		assertThatIllegalArgumentException().isThrownBy(() -> new HandOver(1_024, Duration.ZERO))
			.withMessageContaining("1023");
		assertThatIllegalArgumentException().isThrownBy(() -> new HandOver(-1, Duration.ZERO));
		assertThatIllegalArgumentException().isThrownBy(() -> new HandOver(1, Duration.ofMillis(-1)));
		assertThat(HandOver.token((1L << 53) - 1, HandOver.MOST_TURNS)).isEqualTo(Long.MAX_VALUE);
	}

	/** Lets some wait behind a holder, and serves them all. */
	private void serve(LeaseEngine engine, HandOver bounds, int waiters) throws Exception {
		Lease lease = engine.acquire(request(bounds)).orElseThrow();
		List<CompletableFuture<ReleaseOutcome>> turns = new ArrayList<>();
		for (int i = 0; i < waiters; i++) {
			turns.add(OwnThread.supply(() -> engine.acquire(request(bounds)).orElseThrow().release()));
			awaitWaiting(engine, i + 1);
		}
		lease.release();
		for (CompletableFuture<ReleaseOutcome> turn : turns) {
			assertThat(turn.get(10, TimeUnit.SECONDS)).isEqualTo(ReleaseOutcome.RELEASED);
		}
	}

	private LeaseEngine engine() {
		return engine(this.store);
	}

	private LeaseEngine engine(LeaseStore store) {
		LeaseEngine engine = LeaseEngine.builder(store)
			.shutdownTimeout(Duration.ZERO)
			.nanoTime(this.clock::nanos)
			.wallMillis(this.clock::wallMillis)
			.build();
		this.engines.add(engine);
		return engine;
	}

	private static LeaseRequest request(HandOver bounds) {
		return LeaseRequest.exclusive("r", Duration.ofSeconds(60), TTL).withHandOver(bounds);
	}

	private static void awaitWaiting(LeaseEngine engine, int count) {
		await(() -> engine.localLines().waiting("r") == count);
	}

}
