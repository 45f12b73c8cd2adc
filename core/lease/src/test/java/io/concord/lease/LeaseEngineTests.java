package io.concord.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.lease.Lease.ReleaseOutcome;
import io.concord.lease.local.LocalLeaseStore;

import static io.concord.lease.Conditions.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * What the engine does whatever the store: clocks that the test moves, a store that does
 * what the test says.
 */
@Timeout(60)
class LeaseEngineTests {

	private static final Duration TTL = Duration.ofSeconds(30);

	private static final Duration MARGIN = Duration.ofMillis(600);

	private final TestClock clock = new TestClock();

	private final ScriptedStore store = new ScriptedStore();

	private final List<LeaseEngine> engines = new ArrayList<>();

	@AfterEach
	void close() {
		this.store.answerAll();
		this.engines.forEach(LeaseEngine::close);
	}

	@Test
	void sendsTheGreatestTokenThatItKnowsOfAsAFloor() {
		List<Long> floors = new ArrayList<>();
		LeaseStore recording = new StoreDecorator(new LocalLeaseStore()) {

			@Override
			public ClaimAnswer claim(Claim claim, Duration timeout) {
				floors.add(claim.floor());
				return super.claim(claim, timeout);
			}

		};
		try (recording; LeaseEngine engine = LeaseEngine.builder(recording).build()) {
			Lease first = engine.acquire(LeaseRequest.exclusive("a", Duration.ZERO, TTL)).orElseThrow();
			Lease second = engine.acquire(LeaseRequest.exclusive("b", Duration.ZERO, TTL)).orElseThrow();
			long refusing = HandOver.grant(second.token()) + 1_000_000;
			second.fencedOutBy(HandOver.token(refusing, 7));
			second.fencedOutBy(0);
			Lease third = engine.acquire(LeaseRequest.exclusive("c", Duration.ZERO, TTL)).orElseThrow();
			assertThat(HandOver.grant(third.token())).isGreaterThan(refusing);
			third.fencedOutBy(Long.MAX_VALUE);
			Lease fourth = engine.acquire(LeaseRequest.exclusive("d", Duration.ZERO, TTL)).orElseThrow();
			assertThat(floors).containsExactly(0L, HandOver.grant(first.token()), refusing, (1L << 53) - 1);
			assertThat(HandOver.grant(fourth.token())).as("believed up to a day ahead")
				.isLessThan(HandOver.grant(first.token()) + Duration.ofHours(25).toNanos() / 1_000);
			List.of(first, second, third, fourth).forEach(Lease::release);
		}
	}

	@Test
	void countsTheDeadlineFromBeforeTheRequest() {
		LeaseEngine engine = engine();
		this.store.onClaim = () -> this.clock.pass(Duration.ofSeconds(10));
		Lease lease = engine.acquire(LeaseRequest.exclusive("r", Duration.ZERO, TTL).notRenewed()).orElseThrow();
		assertThat(lease.remaining()).isEqualTo(TTL.minusSeconds(10).minus(MARGIN));
		this.clock.pass(lease.remaining().minusNanos(1));
		assertThat(lease.isValid()).isTrue();
		this.clock.pass(Duration.ofNanos(1));
		assertThat(lease.isValid()).isFalse();
		assertThat(lease.remaining()).isZero();
	}

	@Test
	void addsTheMarginThatTheStoreAsksFor() {
		this.store.margin = Duration.ofSeconds(4);
		assertThat(acquire(engine()).remaining()).isEqualTo(TTL.minus(MARGIN).minusSeconds(4));
	}

	@Test
	void renewsAfterAThirdOfTheLeaseTimeAndCountsFromBeforeThat() {
		LeaseEngine engine = LeaseEngine.builder(this.store)
			.shutdownTimeout(Duration.ZERO)
			.storeTimeout(Duration.ofMillis(50))
			.nanoTime(this.clock::nanos)
			.wallMillis(this.clock::wallMillis)
			.build();
		this.engines.add(engine);
		Lease lease = engine.acquire(LeaseRequest.exclusive("r", Duration.ZERO, Duration.ofMillis(150))).orElseThrow();
		// The clock stands still, so that the first renewal is due by the clock of the
		// test only.
		this.clock.pass(Duration.ofMillis(49));
		assertThat(this.store.refreshes).hasValue(0);
		this.clock.pass(Duration.ofMillis(2));
		await(() -> this.store.refreshes.get() == 1);
		await(() -> lease.remaining().equals(Duration.ofMillis(145)));
	}

	@Test
	void leaseLastsNoLongerThanTheStoreSays() {
		this.store.claimAnswer = new ClaimAnswer.Granted(7, Duration.ofSeconds(10));
		this.store.refreshAnswer = new ClaimAnswer.Granted(7, Duration.ofSeconds(20));
		Lease lease = acquire(engine());
		Duration margin = Duration.ofMillis(200);
		assertThat(lease.remaining()).isEqualTo(Duration.ofSeconds(10).minus(margin));
		this.clock.jump(margin.toMillis() + 1);
		assertThat(lease.isValid()).isFalse();
		await(() -> lease.remaining().equals(Duration.ofSeconds(20).minus(margin.multipliedBy(2))));
	}

	@Test
	void renewsAfterAThirdOfTheTimeThatTheStoreSays() {
		LeaseEngine engine = LeaseEngine.builder(this.store)
			.shutdownTimeout(Duration.ZERO)
			.storeTimeout(Duration.ofMillis(50))
			.nanoTime(this.clock::nanos)
			.wallMillis(this.clock::wallMillis)
			.build();
		this.engines.add(engine);
		this.store.claimAnswer = new ClaimAnswer.Granted(7, Duration.ofMillis(150));
		acquire(engine);
		this.clock.pass(Duration.ofMillis(49));
		assertThat(this.store.refreshes).hasValue(0);
		this.clock.pass(Duration.ofMillis(2));
		await(() -> this.store.refreshes.get() == 1);
	}

	@Test
	void leaseOfFixedLengthIsConfirmedIfTheStoreDoesNotKeepItForSoLong() throws Exception {
		LeaseEngine engine = LeaseEngine.builder(this.store)
			.shutdownTimeout(Duration.ZERO)
			.storeTimeout(Duration.ofMillis(20))
			.build();
		this.engines.add(engine);
		this.store.claimAnswer = new ClaimAnswer.Granted(7, Duration.ofMillis(600));
		this.store.refreshAnswer = this.store.claimAnswer;
		Duration ttl = Duration.ofMillis(2_000);
		long begin = System.nanoTime();
		Lease lease = engine.acquire(LeaseRequest.exclusive("r", Duration.ZERO, ttl).notRenewed()).orElseThrow();
		CompletableFuture<String> lost = new CompletableFuture<>();
		lease.onLost(lost::complete);
		assertThat(lost.get(10, TimeUnit.SECONDS)).isEqualTo("its lease time of 2000 ms has passed");
		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isBetween(Duration.ofMillis(1_900),
				Duration.ofMillis(5_000));
		assertThat(this.store.refreshes.get()).isGreaterThanOrEqualTo(3);
		assertThat(this.store.lastRefreshed.ttl()).isLessThan(ttl);
		assertThat(lease.isValid()).isFalse();
	}

	@Test
	void answerThatComesAfterTheDeadlineExtendsNothing() throws Exception {
		LeaseEngine engine = engine();
		Lease lease = acquire(engine);
		CompletableFuture<String> lost = new CompletableFuture<>();
		lease.onLost(lost::complete);
		this.store.onRefresh = () -> this.clock.pass(TTL);
		this.clock.jump(3_600_000);
		assertThat(lease.isValid()).isFalse();
		assertThat(lost.get(10, TimeUnit.SECONDS)).contains("after its lease time had passed");
		assertThat(lease.isValid()).isFalse();
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.LOST);
	}

	@Test
	void renewalThatNeverReturnsDoesNotHideTheEnd() throws Exception {
		LeaseEngine engine = LeaseEngine.builder(this.store)
			.shutdownTimeout(Duration.ZERO)
			.storeTimeout(Duration.ofMillis(20))
			.build();
		this.engines.add(engine);
		CountDownLatch stuck = this.store.blockRefreshes();
		Lease lease = engine.acquire(LeaseRequest.exclusive("r", Duration.ZERO, Duration.ofMillis(120))).orElseThrow();
		CompletableFuture<String> lost = new CompletableFuture<>();
		lease.onLost(lost::complete);
		assertThat(lost.get(10, TimeUnit.SECONDS)).contains("could not be renewed in time");
		assertThat(lease.isValid()).isFalse();
		stuck.countDown();
	}

	@Test
	void leaseIsSuspectAfterTheWallClockJumpedAheadUntilTheStoreConfirmsIt() {
		LeaseEngine engine = engine();
		Lease lease = acquire(engine);
		CountDownLatch stuck = this.store.blockRefreshes();
		this.clock.jump(MARGIN.toMillis());
		assertThat(lease.isValid()).isTrue();
		this.clock.jump(1);
		assertThat(lease.isValid()).isFalse();
		assertThat(lease.remaining()).isZero();
		stuck.countDown();
		await(lease::isValid);
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.RELEASED);
	}

	/** Which is common where there is much to do, and no jump of the wall clock. */
	@Test
	void threadThatStandsStillBetweenTheClocksMakesNoLeaseSuspect() {
		AtomicBoolean standsStill = new AtomicBoolean();
		LeaseEngine engine = LeaseEngine.builder(this.store)
			.storeTimeout(Duration.ofSeconds(2))
			.shutdownTimeout(Duration.ZERO)
			.nanoTime(this.clock::nanos)
			.wallMillis(() -> {
				long read = this.clock.wallMillis();
				if (standsStill.compareAndSet(true, false)) {
					this.clock.pass(MARGIN.plusMillis(1));
				}
				return read;
			})
			.build();
		this.engines.add(engine);
		CountDownLatch stuck = this.store.blockRefreshes();
		standsStill.set(true);
		Lease lease = acquire(engine);
		assertThat(standsStill).isFalse();
		assertThat(lease.isValid()).as("stood still as it acquired").isTrue();
		standsStill.set(true);
		assertThat(lease.isValid()).as("stands still as it looks").isTrue();
		assertThat(standsStill).isFalse();
		stuck.countDown();
	}

	@Test
	void suspectLeaseOfFixedLengthIsConfirmedForWhatIsLeftOfIt() {
		LeaseEngine engine = engine();
		Lease lease = engine.acquire(LeaseRequest.exclusive("r", Duration.ZERO, TTL).notRenewed()).orElseThrow();
		this.clock.pass(Duration.ofSeconds(10));
		this.clock.jump(3_600_000);
		assertThat(lease.isValid()).isFalse();
		await(lease::isValid);
		assertThat(this.store.lastRefreshed.ttl()).isEqualTo(TTL.minusSeconds(10));
		assertThat(lease.remaining()).isEqualTo(TTL.minusSeconds(10).minus(MARGIN));
	}

	@Test
	void stepBackOfTheWallClockChangesNothing() {
		Lease lease = acquire(engine());
		this.clock.jump(-3_600_000);
		assertThat(lease.isValid()).isTrue();
	}

	@Test
	void suspectLeaseThatTheStoreHasNoRecordOfIsLost() throws Exception {
		Lease lease = acquire(engine());
		CompletableFuture<String> lost = new CompletableFuture<>();
		lease.onLost(lost::complete);
		this.store.refreshAnswer = new ClaimAnswer.Gone();
		this.clock.jump(3_600_000);
		assertThat(lease.isValid()).isFalse();
		assertThat(lost.get(10, TimeUnit.SECONDS)).contains("no record");
	}

	@Test
	void renewalThatComesBackWithAnotherTokenMeansLoss() throws Exception {
		Lease lease = acquire(engine());
		CompletableFuture<String> lost = new CompletableFuture<>();
		lease.onLost(lost::complete);
		this.store.refreshAnswer = new ClaimAnswer.Granted(lease.token() + 1);
		this.clock.jump(3_600_000);
		assertThat(lease.isValid()).isFalse();
		assertThat(lost.get(10, TimeUnit.SECONDS)).contains("no record");
	}

	@Test
	void renewalGoesOnAfterWhateverIsThrown() {
		LeaseEngine engine = LeaseEngine.builder(this.store)
			.shutdownTimeout(Duration.ZERO)
			.storeTimeout(Duration.ofMillis(50))
			.build();
		this.engines.add(engine);
		Lease lease = engine.acquire(LeaseRequest.exclusive("r", Duration.ZERO, Duration.ofSeconds(3))).orElseThrow();
		this.store.refreshFailures.add(new LeaseStoreException("down"));
		this.store.refreshFailures.add(new IllegalStateException("a bug"));
		this.store.refreshFailures.add(new NoClassDefFoundError("a broken installation"));
		await(() -> this.store.refreshFailures.isEmpty());
		int failed = this.store.refreshes.get();
		await(() -> this.store.refreshes.get() > failed);
		assertThat(lease.isValid()).isTrue();
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.RELEASED);
	}

	@Test
	void leaseOfFixedLengthIsNotRenewedAndEnds() throws Exception {
		LeaseEngine engine = LeaseEngine.builder(this.store)
			.shutdownTimeout(Duration.ZERO)
			.storeTimeout(Duration.ofMillis(20))
			.build();
		this.engines.add(engine);
		Lease lease = engine.acquire(LeaseRequest.exclusive("r", Duration.ZERO, Duration.ofMillis(60)).notRenewed())
			.orElseThrow();
		CompletableFuture<String> lost = new CompletableFuture<>();
		lease.onLost(lost::complete);
		assertThat(lost.get(10, TimeUnit.SECONDS)).contains("lease time of 60 ms has passed");
		assertThat(this.store.refreshes).hasValue(0);
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.LOST);
	}

	@Test
	void listenersAreToldOnceAfterTheLeaseHasTurnedInvalid() throws Exception {
		LeaseEngine engine = engine();
		Lease lease = acquire(engine);
		List<String> told = new CopyOnWriteArrayList<>();
		CountDownLatch all = new CountDownLatch(2);
		lease.onLost((reason) -> {
			told.add("first " + lease.isValid());
			all.countDown();
			throw new IllegalStateException("a listener that fails");
		});
		lease.onLost((reason) -> {
			told.add("second " + lease.isValid());
			all.countDown();
		});
		this.clock.pass(TTL);
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.LOST);
		assertThat(all.await(10, TimeUnit.SECONDS)).isTrue();
		assertThat(told).containsExactly("first false", "second false");
		lease.onLost((reason) -> told.add("late"));
		assertThat(told).containsExactly("first false", "second false", "late");
	}

	@Test
	void nobodyIsToldAfterARelease() {
		Lease lease = acquire(engine());
		List<String> told = new CopyOnWriteArrayList<>();
		lease.onLost(told::add);
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.RELEASED);
		this.clock.pass(TTL.multipliedBy(2));
		assertThat(lease.isValid()).isFalse();
		lease.onLost(told::add);
		assertThat(told).isEmpty();
	}

	@Test
	void secondReleaseReturnsWhatTheFirstDid() throws Exception {
		Lease lease = acquire(engine());
		CountDownLatch stuck = this.store.blockReleases();
		CompletableFuture<ReleaseOutcome> first = OwnThread.supply(lease::release);
		await(() -> this.store.releases.get() == 1);
		CompletableFuture<ReleaseOutcome> second = OwnThread.supply(lease::release);
		assertThat(lease.isValid()).isFalse();
		stuck.countDown();
		assertThat(first.get(10, TimeUnit.SECONDS)).isEqualTo(ReleaseOutcome.RELEASED);
		assertThat(second.get(10, TimeUnit.SECONDS)).isEqualTo(ReleaseOutcome.RELEASED);
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.RELEASED);
		assertThat(this.store.releases).hasValue(1);
	}

	@Test
	void releaseOfWhatTheStoreHasNoRecordOfIsALoss() throws Exception {
		Lease lease = acquire(engine());
		CompletableFuture<String> lost = new CompletableFuture<>();
		lease.onLost(lost::complete);
		this.store.releaseAnswer = new ReleaseAnswer(false, null);
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.LOST);
		assertThat(lost.get(10, TimeUnit.SECONDS)).contains("when it was released");
	}

	@Test
	void releaseThatFailsIsTriedAgainUntilItSucceeds() {
		Lease lease = acquire(engine());
		for (int i = 0; i < 3; i++) {
			this.store.releaseFailures.add(new LeaseStoreException("down"));
		}
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.UNCONFIRMED);
		assertThat(lease.isValid()).isFalse();
		await(() -> this.store.releases.get() == 4);
		assertThat(this.store.lastBar).isZero();
	}

	@Test
	void claimOfUnknownOutcomeIsWithdrawnAndBarred() {
		LeaseEngine engine = engine();
		this.store.claimFailure = new LeaseOutcomeUnknownException("no answer");
		this.store.onClaim = () -> this.clock.pass(Duration.ofSeconds(2));
		assertThatExceptionOfType(LeaseOutcomeUnknownException.class)
			.isThrownBy(() -> engine.acquire(LeaseRequest.exclusive("r", Duration.ofSeconds(60), TTL)));
		await(() -> this.store.releases.get() == 1);
		assertThat(this.store.claims).hasValue(1);
		assertThat(this.store.lastBar).isGreaterThan(TTL);
	}

	@Test
	void claimRefusedAfterOneOfUnknownOutcomeStaysUnknown() {
		LeaseEngine engine = engine();
		this.store.claimFailure = new LeaseOutcomeUnknownException("no answer");
		this.store.onClaim = () -> {
			if (this.store.claims.get() == 2) {
				this.store.claimFailure = new LeaseStoreException("refused");
			}
		};
		assertThatExceptionOfType(LeaseOutcomeUnknownException.class).isThrownBy(() -> acquire(engine))
			.withMessageContaining("refused");
		await(() -> this.store.releases.get() == 1);
		assertThat(this.store.lastBar).isPositive();
	}

	@Test
	void claimThatTheStoreRefusedNeedsNoCleaning() {
		LeaseEngine engine = engine();
		this.store.claimFailure = new LeaseStoreException("down");
		assertThatExceptionOfType(LeaseStoreException.class)
			.isThrownBy(() -> engine.acquire(LeaseRequest.exclusive("r", Duration.ofSeconds(60), TTL)))
			.withMessage("down");
		assertThat(this.store.releases).hasValue(0);
	}

	@Test
	void waiterBearsFailuresUntilItsTimeIsOver() {
		LeaseEngine engine = LeaseEngine.builder(this.store).shutdownTimeout(Duration.ZERO).build();
		this.engines.add(engine);
		this.store.claimAnswer = new ClaimAnswer.Waiting(0, Duration.ofMillis(1));
		for (int i = 0; i < 10_000; i++) {
			this.store.refreshFailures.add(new LeaseStoreException("down"));
		}
		assertThatExceptionOfType(LeaseStoreException.class)
			.isThrownBy(() -> engine.acquire(LeaseRequest.exclusive("r", Duration.ofMillis(200), TTL)))
			.withMessage("down");
		assertThat(this.store.refreshes.get()).isGreaterThan(1);
		await(() -> this.store.releases.get() == 1);
	}

	@Test
	void waiterThatLostItsPlaceJoinsAgain() {
		LeaseEngine engine = LeaseEngine.builder(this.store).shutdownTimeout(Duration.ZERO).build();
		this.engines.add(engine);
		this.store.claimAnswer = new ClaimAnswer.Waiting(0, Duration.ofMillis(1));
		this.store.refreshAnswer = new ClaimAnswer.Gone();
		this.store.onClaim = () -> {
			if (this.store.claims.get() == 3) {
				this.store.claimAnswer = new ClaimAnswer.Granted(7);
			}
		};
		assertThat(engine.acquire(LeaseRequest.exclusive("r", Duration.ofSeconds(60), TTL)).orElseThrow().token())
			.isEqualTo(7 * 1_024);
	}

	@Test
	void waiterLooksNoMoreOftenThanItMust() {
		LeaseEngine engine = LeaseEngine.builder(this.store)
			.shutdownTimeout(Duration.ZERO)
			.storeTimeout(Duration.ofMillis(100))
			.build();
		this.engines.add(engine);
		this.store.claimAnswer = new ClaimAnswer.Waiting(3, Duration.ofDays(1));
		this.store.refreshAnswer = this.store.claimAnswer;
		assertThat(engine.acquire(LeaseRequest.exclusive("r", Duration.ofMillis(1_000), Duration.ofMillis(900))))
			.isEmpty();
		assertThat(this.store.lastRefreshed.patience()).isEqualTo(Duration.ofMillis(900));
		assertThat(this.store.refreshes.get()).isBetween(1, 3);
		assertThat(this.store.releases).hasValue(1);
	}

	@Test
	void patienceOfAWaiterIsNeverLongerThanTheLease() {
		LeaseEngine engine = LeaseEngine.builder(this.store)
			.shutdownTimeout(Duration.ZERO)
			.storeTimeout(Duration.ofMillis(100))
			.build();
		this.engines.add(engine);
		this.store.claimAnswer = new ClaimAnswer.Waiting(0, Duration.ofMillis(1));
		engine.acquire(LeaseRequest.exclusive("r", Duration.ofMillis(50), TTL));
		assertThat(this.store.lastClaimed.patience()).isEqualTo(WaitingPace.DEFAULT.patience());
		engine.acquire(LeaseRequest.exclusive("other", Duration.ofMillis(50), Duration.ofMillis(700)));
		assertThat(this.store.lastClaimed.patience()).isEqualTo(Duration.ofMillis(700));
	}

	@Test
	void waitsAtThePaceOfTheRequest() {
		LeaseEngine engine = LeaseEngine.builder(this.store)
			.shutdownTimeout(Duration.ZERO)
			.storeTimeout(Duration.ofMillis(100))
			.build();
		this.engines.add(engine);
		this.store.claimAnswer = new ClaimAnswer.Waiting(0, Duration.ofMillis(1));
		this.store.refreshAnswer = this.store.claimAnswer;
		engine.acquire(LeaseRequest.exclusive("r", Duration.ofMillis(400), TTL)
			.withPace(new WaitingPace(Duration.ofSeconds(10), Duration.ofMillis(150))));
		assertThat(this.store.lastClaimed.patience()).isEqualTo(Duration.ofSeconds(10));
		assertThat(this.store.refreshes.get()).isBetween(1, 2);
	}

	@Test
	void claimsTellWhoAsks() {
		LeaseEngine engine = engine();
		Lease lease = engine.acquire(LeaseRequest.exclusive("r", Duration.ZERO, TTL).withNote("shop-1 @Zürich"))
			.orElseThrow();
		String owner = this.store.lastClaimed.owner();
		assertThat(owner).matches(".*\\.shop%2d1%20@Z%c3%bcrich").matches("[!-~]+");
		assertThat(Claim.noteOf(owner)).isEqualTo("shop-1 @Zürich");
		assertThat(Claim.engineOf(owner)).isEqualTo(engine.id());
		assertThat(owner).startsWith(lease.fence().owner() + ".");
		assertThat(Claim.noteOf(lease.fence().owner())).isEmpty();
	}

	@Test
	void refusesANoteThatNoStoreHasRoomFor() {
		LeaseRequest request = LeaseRequest.exclusive("r", Duration.ZERO, TTL);
		assertThat(request.withNote("a".repeat(200)).note()).hasSize(200);
		assertThatIllegalArgumentException().isThrownBy(() -> request.withNote("-".repeat(67)))
			.withMessageContaining("too long");
	}

	@Test
	void whatIsAbandonedIsLostAndLeftToItsEnd() throws Exception {
		Lease lease = acquire(engine());
		CompletableFuture<String> lost = new CompletableFuture<>();
		lease.onLost(lost::complete);
		lease.abandon("its body does not end");
		assertThat(lease.isValid()).isFalse();
		assertThat(lost.get(10, TimeUnit.SECONDS)).isEqualTo("its body does not end");
		assertThat(this.store.releases).hasValue(0);
	}

	@Test
	void everyClaimHasAnOwnerOfItsOwn() {
		LeaseEngine engine = engine();
		acquire(engine).release();
		String first = this.store.lastClaimed.owner();
		acquire(engine);
		acquire(engine());
		assertThat(this.store.lastClaimed.owner()).isNotEqualTo(first);
		assertThat(this.store.lastClaimed.engine()).isNotEqualTo(Claim.engineOf(first)).doesNotContain(" ");
	}

	@Test
	void refusesLeasesTooShortToBearALostRenewal() {
		LeaseEngine engine = engine();
		assertThat(engine.minLeaseTime()).isEqualTo(Duration.ofSeconds(4));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> engine.acquire(LeaseRequest.exclusive("orders", Duration.ZERO, Duration.ofMillis(3_999))))
			.withMessageContaining("'orders'")
			.withMessageContaining("3999 ms")
			.withMessageContaining("2000 ms");
	}

	@Test
	void refusesARequestThatMakesNoSense() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> LeaseRequest.exclusive("orders", Duration.ofMillis(-1), TTL))
			.withMessageContaining("'orders'")
			.withMessageContaining("negative");
		assertThatIllegalArgumentException().isThrownBy(() -> LeaseRequest.exclusive("", Duration.ZERO, TTL));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> LeaseRequest.exclusive("r", Duration.ZERO, Duration.ZERO));
		assertThat(LeaseRequest.exclusive("r", Duration.ofSeconds(Long.MAX_VALUE), TTL).waitTime())
			.isEqualTo(LeaseRequest.FOREVER);
		this.store.limits = false;
		assertThatIllegalArgumentException()
			.isThrownBy(() -> engine().acquire(LeaseRequest.limited("r", 2, Duration.ZERO, TTL)))
			.withMessageContaining("exclusive claims only");
	}

	@Test
	void closedEngineTakesNoClaimsAndLetsWaitersLeaveTheLine() throws Exception {
		LeaseEngine engine = engine();
		this.store.claimAnswer = new ClaimAnswer.Waiting(0, Duration.ofDays(1));
		this.store.refreshAnswer = this.store.claimAnswer;
		CompletableFuture<Throwable> waiting = OwnThread.supply(
				() -> catchThrowable(() -> engine.acquire(LeaseRequest.exclusive("r", Duration.ofSeconds(60), TTL))));
		await(() -> this.store.claims.get() == 1);
		engine.close();
		assertThat(waiting.get(10, TimeUnit.SECONDS)).isInstanceOf(LeaseEngineClosedException.class);
		assertThat(this.store.releases).hasValue(1);
		assertThatExceptionOfType(LeaseEngineClosedException.class).isThrownBy(() -> acquire(engine));
		assertThat(this.store.claims).hasValue(1);
	}

	@Test
	void closingWaitsForWhatIsHeld() throws Exception {
		LeaseEngine engine = engine(Duration.ofSeconds(60));
		Lease lease = acquire(engine);
		CompletableFuture<Void> closing = OwnThread.run(engine::close);
		await(() -> {
			try {
				assertThat(engine.acquire(LeaseRequest.exclusive("r", Duration.ZERO, TTL))).isEmpty();
				return false;
			}
			catch (LeaseEngineClosedException ex) {
				return true;
			}
		});
		assertThat(closing).isNotDone();
		assertThat(lease.isValid()).isTrue();
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.RELEASED);
		closing.get(10, TimeUnit.SECONDS);
	}

	@Test
	void whatIsHeldAfterClosingIsLostAndNotReleasedUnderTheBody() throws Exception {
		LeaseEngine engine = engine(Duration.ZERO);
		Lease lease = acquire(engine);
		CompletableFuture<String> lost = new CompletableFuture<>();
		lease.onLost(lost::complete);
		engine.close();
		assertThat(lease.isValid()).isFalse();
		assertThat(lost.get(10, TimeUnit.SECONDS)).contains("shut down");
		assertThat(this.store.releases).hasValue(0);
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.LOST);
		engine.close();
	}

	@Test
	void sweepsTheStoreNowAndThen() {
		LeaseEngine engine = LeaseEngine.builder(this.store).sweepInterval(Duration.ofMillis(5)).build();
		this.engines.add(engine);
		this.store.sweepFailure = true;
		await(() -> this.store.sweeps.get() >= 2);
	}

	@Test
	void engineOfAnotherProcessIsTheOtherEndOfALine() throws Exception {
		LocalLeaseStore shared = new LocalLeaseStore();
		LeaseEngine one = LeaseEngine.builder(shared).build();
		LeaseEngine two = LeaseEngine.builder(shared).build();
		this.engines.add(one);
		this.engines.add(two);
		Lease held = acquire(one);
		CompletableFuture<Lease> waiting = OwnThread
			.supply(() -> two.acquire(LeaseRequest.exclusive("r", Duration.ofSeconds(60), TTL)).orElseThrow());
		Claim probe = new Claim("r", "probe-1", 1, TTL, TTL);
		await(() -> {
			ClaimAnswer answer = shared.claim(probe, TTL);
			shared.release(probe, Duration.ZERO, TTL);
			return answer instanceof ClaimAnswer.Waiting place && place.ahead() == 1;
		});
		held.release();
		assertThat(waiting.get(10, TimeUnit.SECONDS).release()).isEqualTo(ReleaseOutcome.RELEASED);
	}

	@Test
	void threadsOfOneEngineTakeTurnsInTheOrderOfTheirArrival() throws Exception {
		LeaseEngine engine = engine();
		Lease lease = acquire(engine);
		List<Integer> served = new CopyOnWriteArrayList<>();
		List<CompletableFuture<Void>> waiting = new ArrayList<>();
		for (int i = 0; i < 8; i++) {
			int number = i;
			CompletableFuture<Void> done = new CompletableFuture<>();
			waiting.add(done);
			Thread waiter = new Thread(() -> {
				LeaseRequest request = LeaseRequest.exclusive("r", Duration.ofSeconds(60), TTL)
					.withHandOver(HandOver.NONE);
				Lease turn = engine.acquire(request).orElseThrow();
				served.add(number);
				turn.release();
				done.complete(null);
			});
			waiter.start();
			await(() -> waiter.getState() == Thread.State.TIMED_WAITING);
		}
		assertThat(this.store.claims).hasValue(1);
		assertThat(engine.acquire(LeaseRequest.exclusive("r", Duration.ZERO, TTL))).isEmpty();
		assertThat(this.store.claims).as("no store call for what this engine holds").hasValue(1);
		lease.release();
		for (CompletableFuture<Void> done : waiting) {
			done.get(10, TimeUnit.SECONDS);
		}
		assertThat(served).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
		assertThat(this.store.claims).hasValue(9);
		assertThat(engine.localLines().size()).isZero();
	}

	@Test
	void turnOfALostLeaseEndsWithItsLoss() {
		LeaseEngine engine = engine();
		Lease lost = acquire(engine);
		this.store.refreshAnswer = new ClaimAnswer.Gone();
		this.clock.jump(3_600_000);
		assertThat(lost.isValid()).isFalse();
		Lease next = engine.acquire(LeaseRequest.exclusive("r", Duration.ofSeconds(60), TTL)).orElseThrow();
		assertThat(lost.release()).isEqualTo(ReleaseOutcome.LOST);
		assertThat(engine.acquire(LeaseRequest.exclusive("r", Duration.ZERO, TTL))).isEmpty();
		next.release();
		assertThat(engine.localLines().size()).isZero();
	}

	@Test
	void turnEndsWithAnAttemptThatFails() {
		LeaseEngine engine = engine();
		this.store.claimFailure = new LeaseStoreException("down");
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> acquire(engine));
		this.store.claimFailure = null;
		this.store.claimAnswer = new ClaimAnswer.Refused();
		assertThat(engine.acquire(LeaseRequest.exclusive("r", Duration.ZERO, TTL))).isEmpty();
		assertThat(engine.localLines().size()).isZero();
	}

	@Test
	void localWaiterLeavesWhenItsTimeIsOverWhenInterruptedAndWhenTheEngineCloses() throws Exception {
		LeaseEngine engine = LeaseEngine.builder(this.store).shutdownTimeout(Duration.ZERO).build();
		this.engines.add(engine);
		Lease lease = acquire(engine);
		assertThat(engine.acquire(LeaseRequest.exclusive("r", Duration.ofMillis(20), TTL))).isEmpty();
		Thread.currentThread().interrupt();
		assertThatExceptionOfType(LeaseInterruptedException.class)
			.isThrownBy(() -> engine.acquire(LeaseRequest.exclusive("r", Duration.ofSeconds(60), TTL)));
		assertThat(Thread.interrupted()).isTrue();
		CompletableFuture<Throwable> thrown = new CompletableFuture<>();
		Thread waiter = new Thread(() -> thrown
			.complete(catchThrowable(() -> engine.acquire(LeaseRequest.exclusive("r", Duration.ofSeconds(60), TTL)))));
		waiter.start();
		await(() -> waiter.getState() == Thread.State.TIMED_WAITING);
		engine.close();
		assertThat(thrown.get(10, TimeUnit.SECONDS)).isInstanceOf(LeaseEngineClosedException.class);
		assertThat(this.store.claims).hasValue(1);
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.LOST);
		assertThat(engine.localLines().size()).isZero();
	}

	@Test
	void suspensionDuringACallMakesTheLeaseSuspect() {
		LeaseEngine engine = engine();
		this.store.onClaim = () -> this.clock.jump(3_600_000);
		Lease lease = acquire(engine);
		CountDownLatch stuck = this.store.blockRefreshes();
		assertThat(lease.isValid()).isFalse();
		this.store.onRefresh = () -> {
			if (this.store.refreshes.get() == 1) {
				this.clock.jump(3_600_000);
			}
		};
		stuck.countDown();
		await(() -> this.store.refreshes.get() == 1 && lease.isValid() || this.store.refreshes.get() == 2);
		await(lease::isValid);
		assertThat(this.store.refreshes).as("the first was suspended itself").hasValue(2);
	}

	@Test
	void whateverAStoreThrowsAfterAClaimCountsAsUnknown() {
		LeaseEngine engine = engine();
		this.store.claimFailure = new IllegalStateException("against the contract");
		this.store.onClaim = () -> this.clock.pass(Duration.ofSeconds(2));
		assertThatExceptionOfType(LeaseOutcomeUnknownException.class).isThrownBy(() -> acquire(engine))
			.withMessageContaining("against the contract");
		await(() -> this.store.releases.get() == 1);
		assertThat(this.store.lastBar).isPositive();
	}

	@Test
	void whateverAStoreThrowsAtAReleaseLeavesItUnconfirmed() {
		Lease lease = acquire(engine());
		this.store.releaseFailures.add(new IllegalStateException("against the contract"));
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.UNCONFIRMED);
		await(() -> this.store.releases.get() == 2);
	}

	@Test
	void withdrawalsThatHangKeepNoLeaseFromItsRenewal() {
		LeaseEngine engine = LeaseEngine.builder(this.store)
			.shutdownTimeout(Duration.ZERO)
			.storeTimeout(Duration.ofMillis(100))
			.build();
		this.engines.add(engine);
		Lease lease = engine.acquire(LeaseRequest.exclusive("healthy", Duration.ZERO, Duration.ofMillis(600)))
			.orElseThrow();
		this.store.blockReleases();
		this.store.claimFailure = new LeaseOutcomeUnknownException("no answer");
		for (int i = 0; i < 20; i++) {
			String name = "stuck" + i;
			assertThatExceptionOfType(LeaseOutcomeUnknownException.class)
				.isThrownBy(() -> engine.acquire(LeaseRequest.exclusive(name, Duration.ZERO, TTL)));
		}
		await(() -> this.store.refreshes.get() >= 4);
		assertThat(lease.isValid()).isTrue();
	}

	@Test
	void localWaitersSeeAStoreThatFailsAndNotATakenName() throws Exception {
		LeaseEngine engine = LeaseEngine.builder(this.store)
			.shutdownTimeout(Duration.ZERO)
			.storeTimeout(Duration.ofMillis(300))
			.build();
		this.engines.add(engine);
		CountDownLatch hanging = new CountDownLatch(1);
		this.store.onClaim = () -> {
			if (this.store.claims.get() == 1) {
				ScriptedStore.pass(hanging);
			}
		};
		this.store.claimFailure = new LeaseStoreException("down");
		CompletableFuture<Throwable> first = OwnThread.supply(
				() -> catchThrowable(() -> engine.acquire(LeaseRequest.exclusive("r", Duration.ofSeconds(60), TTL))));
		await(() -> this.store.claims.get() == 1);
		assertThatExceptionOfType(LeaseStoreException.class)
			.isThrownBy(() -> engine.acquire(LeaseRequest.exclusive("r", Duration.ofMillis(20), TTL)))
			.withMessage("down");
		hanging.countDown();
		assertThat(first.get(10, TimeUnit.SECONDS)).isInstanceOf(LeaseStoreException.class);
	}

	@Test
	void listenerThatNeverReturnsKeepsNobodyElseFromBeingTold() throws Exception {
		LeaseEngine engine = engine();
		Lease one = engine.acquire(LeaseRequest.exclusive("one", Duration.ZERO, TTL)).orElseThrow();
		Lease two = engine.acquire(LeaseRequest.exclusive("two", Duration.ZERO, TTL)).orElseThrow();
		CountDownLatch never = new CountDownLatch(1);
		one.onLost((reason) -> ScriptedStore.pass(never));
		CompletableFuture<String> told = new CompletableFuture<>();
		two.onLost((reason) -> {
			throw new NoClassDefFoundError("a broken listener");
		});
		two.onLost(told::complete);
		this.clock.pass(TTL);
		one.release();
		two.release();
		assertThat(told.get(10, TimeUnit.SECONDS)).isNotEmpty();
		never.countDown();
	}

	@Test
	void closingWaitsForAttemptsUnderWay() throws Exception {
		LeaseEngine engine = engine();
		CountDownLatch answer = new CountDownLatch(1);
		this.store.onClaim = () -> ScriptedStore.pass(answer);
		CompletableFuture<Throwable> attempt = OwnThread.supply(() -> catchThrowable(() -> acquire(engine)));
		await(() -> this.store.claims.get() == 1);
		CompletableFuture<Void> closing = OwnThread.run(engine::close);
		await(engine::isClosed);
		answer.countDown();
		closing.get(10, TimeUnit.SECONDS);
		assertThat(attempt.get(10, TimeUnit.SECONDS)).isInstanceOf(LeaseEngineClosedException.class);
		assertThat(this.store.releases).as("what was granted to nobody is given back").hasValue(1);
	}

	@Test
	void refusesTimesThatNoClockCanCount() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> LeaseRequest.exclusive("orders", Duration.ZERO, Duration.ofDays(110_000)))
			.withMessageContaining("366 days");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> LeaseEngine.builder(this.store).storeTimeout(Duration.ofHours(2)));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> LeaseEngine.builder(this.store).storeTimeout(Duration.ZERO));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> LeaseEngine.builder(this.store).shutdownTimeout(Duration.ofMillis(-1)));
	}

	private LeaseEngine engine() {
		return engine(Duration.ZERO);
	}

	private LeaseEngine engine(Duration shutdownTimeout) {
		LeaseEngine engine = LeaseEngine.builder(this.store)
			.storeTimeout(Duration.ofSeconds(2))
			.shutdownTimeout(shutdownTimeout)
			.nanoTime(this.clock::nanos)
			.wallMillis(this.clock::wallMillis)
			.build();
		this.engines.add(engine);
		return engine;
	}

	private static Lease acquire(LeaseEngine engine) {
		return engine.acquire(LeaseRequest.exclusive("r", Duration.ZERO, TTL)).orElseThrow();
	}

	/** Lets time pass on both clocks. */

}
