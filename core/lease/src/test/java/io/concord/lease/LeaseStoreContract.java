package io.concord.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * What every {@link LeaseStore} must do. A store that passes has every feature. Tests of
 * the store itself run on a clock that stands still; tests through the engine run in real
 * time on short leases and wait for conditions.
 */
@Timeout(120)
public abstract class LeaseStoreContract {

	protected static final Duration TIMEOUT = Duration.ofSeconds(5);

	private static final Duration TTL = Duration.ofSeconds(30);

	private static final Duration PATIENCE = Duration.ofSeconds(3);

	private static final AtomicInteger number = new AtomicInteger();

	protected final FakeTime time = new FakeTime();

	private final List<AutoCloseable> open = new ArrayList<>();

	private final String resource = "resource-" + number.incrementAndGet();

	/**
	 * Creates another store on the same data, as another process would.
	 * @return a store on its own clock
	 */
	protected abstract LeaseStore newStore();

	/**
	 * Creates another store on the same data whose clock is {@link #time}.
	 * @return a store on the clock of the test
	 */
	protected abstract LeaseStore newStoreOnFakeTime();

	/**
	 * Counts what is stored of names.
	 * @return the number of keys, rows or nodes that grow with the number of names
	 */
	protected abstract long countStored();

	/**
	 * Lets time pass for what ends by the server's own clock, whatever {@link #time}
	 * says.
	 */
	protected void letPass(Duration duration) {
	}

	/**
	 * Returns what the store can do today: what it doesn't declare is not tested, so that
	 * has to be meant.
	 * @return what it has to declare
	 */
	protected abstract StoreCapabilities expectedCapabilities();

	/** Lets the documented retention of idle names pass, and sweeps. */
	protected void passRetention(LeaseStore store) {
		store.sweep(TIMEOUT);
	}

	/** Closes what the test opened; again does nothing. */
	@AfterEach
	protected final void closeAll() throws Exception {
		while (!this.open.isEmpty()) {
			this.open.remove(this.open.size() - 1).close();
		}
	}

	// The store itself

	@Test
	void declaresWhatItCan() {
		assertThat(store().capabilities()).isEqualTo(expectedCapabilities());
	}

	@Test
	void grantsWhatIsFreeAndRefusesWhatIsTaken() {
		LeaseStore store = onFakeTime();
		assertThat(token(store.claim(claim("a"), TIMEOUT))).isBetween(1L, (1L << 53) - 1);
		assertThat(store.claim(impatient("b"), TIMEOUT)).isInstanceOf(ClaimAnswer.Refused.class);
		assertThat(store.claim(claim("c"), TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		assertThat(store.refresh(impatient("b"), TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
	}

	@Test
	void repeatedClaimKeepsItsPlaceAndToken() {
		LeaseStore store = onFakeTime();
		long token = token(store.claim(claim("a"), TIMEOUT));
		store.claim(claim("b"), TIMEOUT);
		store.claim(claim("c"), TIMEOUT);
		assertThat(token(store.claim(claim("a"), TIMEOUT))).isEqualTo(token);
		assertThat(store.claim(claim("b"), TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		store.release(claim("a"), Duration.ZERO, TIMEOUT);
		assertThat(store.claim(claim("c"), TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		assertThat(token(store.claim(claim("b"), TIMEOUT))).isGreaterThan(token);
	}

	@Test
	void repeatedClaimAloneIsGrantedForTheFullTimeAnew() {
		LeaseStore store = onFakeTime();
		long token = token(store.claim(claim("a"), TIMEOUT));
		this.time.pass(TTL.minusMillis(1));
		assertThat(token(store.claim(claim("a"), TIMEOUT))).isEqualTo(token);
		this.time.pass(TTL.minusMillis(1));
		assertThat(store.claim(impatient("b"), TIMEOUT)).isInstanceOf(ClaimAnswer.Refused.class);
	}

	@Test
	void servesTwentyWaitersInTheOrderOfTheirArrival() {
		LeaseStore store = onFakeTime();
		assumeTrue(store.capabilities().fifo());
		store.claim(claim("holder"), TIMEOUT);
		for (int i = 0; i < 20; i++) {
			assertThat(store.claim(claim("w" + i), TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		}
		String holder = "holder";
		long last = 0;
		for (int i = 0; i < 20; i++) {
			ReleaseAnswer answer = store.release(claim(holder), Duration.ZERO, TIMEOUT);
			assertThat(answer.held()).isTrue();
			if (answer.offeredTo() != null) {
				assertThat(answer.offeredTo()).isEqualTo("engine-w" + i);
			}
			for (int j = 19; j > i; j--) {
				assertThat(store.refresh(claim("w" + j), TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
			}
			long token = token(store.refresh(claim("w" + i), TIMEOUT));
			assertThat(token).isGreaterThan(last);
			last = token;
			holder = "w" + i;
		}
		assertThat(store.release(claim(holder), Duration.ZERO, TIMEOUT)).isEqualTo(new ReleaseAnswer(true, null));
		assertThat(token(store.claim(impatient("x"), TIMEOUT))).isGreaterThan(last);
	}

	@Test
	void newcomersDoNotOvertakeAnOfferThatIsNotTakenYet() {
		LeaseStore store = onFakeTime();
		store.claim(claim("a"), TIMEOUT);
		store.claim(claim("b"), TIMEOUT);
		store.release(claim("a"), Duration.ZERO, TIMEOUT);
		assertThat(store.claim(impatient("x"), TIMEOUT)).isInstanceOf(ClaimAnswer.Refused.class);
		assertThat(store.claim(claim("y"), TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		token(store.refresh(claim("b"), TIMEOUT));
	}

	@Test
	void whoGivesUpWhatItHasJustBeenOfferedTellsOfTheNext() {
		LeaseStore store = onFakeTime();
		store.claim(claim("a"), TIMEOUT);
		this.time.pass(Duration.ofMillis(10));
		Claim first = new Claim(this.resource, "engine-b", 1, TTL, TTL);
		Claim next = new Claim(this.resource, "engine-c", 1, TTL, TTL);
		store.claim(first, TIMEOUT);
		store.claim(next, TIMEOUT);
		this.time.pass(TTL.minusMillis(10));
		assertThat(store.release(first, Duration.ZERO, TIMEOUT).offeredTo()).isIn("engine-c", null);
		token(store.refresh(next, TIMEOUT));
	}

	@Test
	void tokensGrowOverReleaseExpiryAndIdleGap() {
		LeaseStore store = onFakeTime();
		assumeTrue(store.capabilities().tokens());
		long first = token(store.claim(claim("a"), TIMEOUT));
		store.release(claim("a"), Duration.ZERO, TIMEOUT);
		long second = token(store.claim(claim("b"), TIMEOUT));
		assertThat(second).isGreaterThan(first);
		this.time.pass(TTL);
		long third = token(store.claim(claim("c"), TIMEOUT));
		assertThat(third).isGreaterThan(second);
		store.release(claim("c"), Duration.ZERO, TIMEOUT);
		passRetention(store);
		long fourth = token(store.claim(claim("d"), TIMEOUT));
		assertThat(fourth).isGreaterThan(third);
		LeaseStore other = onFakeTime();
		other.release(claim("d"), Duration.ZERO, TIMEOUT);
		assertThat(token(other.claim(claim("e"), TIMEOUT))).isGreaterThan(fourth);
	}

	@Test
	void tokensGrowThoughTheClockStepsBack() {
		LeaseStore store = onFakeTime();
		assumeTrue(store.capabilities().tokens());
		long last = 0;
		for (int i = 0; i < 4; i++) {
			long token = token(store.claim(claim("o" + i), TIMEOUT));
			assertThat(token).isGreaterThan(last);
			last = token;
			store.release(claim("o" + i), Duration.ZERO, TIMEOUT);
			passRetention(store);
			this.time.pass(Duration.ofHours(-30));
		}
	}

	@Test
	void grantsMoreThanTheFloorThoughTheStoreKnowsNothingOfIt() {
		LeaseStore store = onFakeTime();
		assumeTrue(store.capabilities().floors());
		long floor = this.time.micros() + Duration.ofHours(23).toNanos() / 1_000;
		long token = token(store.claim(above(floor, "a", 1), TIMEOUT));
		assertThat(token).isGreaterThan(floor);
		assertThat(token(store.claim(above(floor, "a", 1), TIMEOUT))).isEqualTo(token);
		assertThat(token(store.refresh(claim("a"), TIMEOUT))).isEqualTo(token);
		store.claim(claim("b"), TIMEOUT);
		store.release(claim("a"), Duration.ZERO, TIMEOUT);
		assertThat(token(store.refresh(claim("b"), TIMEOUT))).isGreaterThan(token);
	}

	@Test
	void waiterTakesItsOfferAboveItsFloor() {
		LeaseStore store = onFakeTime();
		assumeTrue(store.capabilities().floors());
		long floor = this.time.micros() + Duration.ofHours(1).toNanos() / 1_000;
		token(store.claim(claim("a"), TIMEOUT));
		store.claim(above(floor, "b", 1), TIMEOUT);
		store.claim(claim("c"), TIMEOUT);
		store.release(claim("a"), Duration.ZERO, TIMEOUT);
		long token = token(store.refresh(above(floor, "b", 1), TIMEOUT));
		assertThat(token).isGreaterThan(floor);
		assertThat(token(store.refresh(above(floor, "b", 1), TIMEOUT))).isEqualTo(token);
		assertThat(token(store.refresh(claim("b"), TIMEOUT))).isEqualTo(token);
		store.release(claim("b"), Duration.ZERO, TIMEOUT);
		assertThat(token(store.refresh(claim("c"), TIMEOUT))).isGreaterThan(token);
	}

	@Test
	void thoseWhoHoldTogetherGetTokensOfTheirOwnAboveAFloor() {
		LeaseStore store = onFakeTime();
		assumeTrue(store.capabilities().floors() && store.capabilities().limits());
		long floor = this.time.micros() + Duration.ofHours(1).toNanos() / 1_000;
		token(store.claim(claim("a"), TIMEOUT));
		store.claim(above(floor, "b", 2), TIMEOUT);
		store.claim(above(floor, "c", 2), TIMEOUT);
		store.release(claim("a"), Duration.ZERO, TIMEOUT);
		long second = token(store.refresh(above(floor, "c", 2), TIMEOUT));
		long first = token(store.refresh(above(floor, "b", 2), TIMEOUT));
		assertThat(List.of(first, second)).doesNotHaveDuplicates().allMatch((token) -> token > floor);
		assertThat(token(store.refresh(limited("b", 2), TIMEOUT))).isEqualTo(first);
		store.release(limited("b", 2), Duration.ZERO, TIMEOUT);
		assertThat(token(store.claim(limited("d", 2), TIMEOUT))).isGreaterThan(Math.max(first, second));
	}

	@Test
	void believesInAFloorNoFurtherThanADayAhead() {
		LeaseStore store = onFakeTime();
		assumeTrue(store.capabilities().floors());
		long most = this.time.micros() + Claim.MAX_LEAD.toNanos() / 1_000 + 1;
		for (int i = 0; i < 3; i++) {
			long token = token(store.claim(above((1L << 53) - 1, "o" + i, 1), TIMEOUT));
			assertThat(token).isBetween(most, most + i);
			store.release(claim("o" + i), Duration.ZERO, TIMEOUT);
		}
	}

	private Claim above(long floor, String owner, int limit) {
		return new Claim(this.resource, "engine-" + owner, limit, TTL, PATIENCE, floor);
	}

	@Test
	void renewedLeaseOutlivesItsTime() {
		LeaseStore store = onFakeTime();
		long token = token(store.claim(claim("a"), TIMEOUT));
		for (int i = 0; i < 5; i++) {
			this.time.pass(TTL.minusMillis(1));
			assertThat(token(store.refresh(claim("a"), TIMEOUT))).isEqualTo(token);
		}
		assertThat(store.claim(impatient("b"), TIMEOUT)).isInstanceOf(ClaimAnswer.Refused.class);
	}

	/** The way in which a claim stays taken for a while after its release. */
	@Test
	void holderCanBringItsEndForward() {
		LeaseStore store = onFakeTime();
		long token = token(store.claim(claim("a"), TIMEOUT));
		Claim waiter = new Claim(this.resource, "engine-b", 1, TTL, TTL);
		store.claim(waiter, TIMEOUT);
		Claim shorter = new Claim(this.resource, "engine-a", 1, TTL.dividedBy(3), Duration.ZERO);
		assertThat(token(store.refresh(shorter, TIMEOUT))).isEqualTo(token);
		this.time.pass(shorter.ttl().minusMillis(1));
		assertThat(store.refresh(waiter, TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		this.time.pass(Duration.ofMillis(1));
		assertThat(token(store.refresh(waiter, TIMEOUT))).isGreaterThan(token);
		assertThat(store.refresh(shorter, TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
	}

	@Test
	void expiredLeaseIsGoneForGood() {
		LeaseStore store = onFakeTime();
		store.claim(claim("a"), TIMEOUT);
		this.time.pass(TTL);
		assertThat(store.refresh(claim("a"), TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
		assertThat(store.release(claim("a"), Duration.ZERO, TIMEOUT).held()).isFalse();
		token(store.claim(impatient("b"), TIMEOUT));
		assertThat(store.refresh(claim("a"), TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
		assertThat(store.release(claim("a"), Duration.ZERO, TIMEOUT).held()).isFalse();
		assertThat(store.claim(impatient("c"), TIMEOUT)).isInstanceOf(ClaimAnswer.Refused.class);
	}

	@Test
	void waiterFollowsAHolderThatExpired() {
		LeaseStore store = onFakeTime();
		store.claim(claim("a"), TIMEOUT);
		Claim waiter = new Claim(this.resource, "engine-b", 1, TTL, TTL);
		this.time.pass(Duration.ofMillis(10));
		store.claim(waiter, TIMEOUT);
		this.time.pass(TTL.minusMillis(10));
		token(store.refresh(waiter, TIMEOUT));
		assertThat(store.release(claim("a"), Duration.ZERO, TIMEOUT).held()).isFalse();
		assertThat(store.claim(impatient("c"), TIMEOUT)).isInstanceOf(ClaimAnswer.Refused.class);
	}

	@Test
	void waiterKnowsWhenToLookAgain() {
		LeaseStore store = onFakeTime();
		assumeTrue(store.capabilities().expiry() == StoreCapabilities.Expiry.TIME);
		store.claim(claim("a"), TIMEOUT);
		this.time.pass(TTL.minusMillis(700));
		ClaimAnswer.Waiting answer = (ClaimAnswer.Waiting) store.claim(claim("b"), TIMEOUT);
		assertThat(answer.ahead()).isZero();
		assertThat(answer.lookAgain()).isBetween(Duration.ofMillis(1), Duration.ofMillis(701));
	}

	@Test
	void othersCanNeitherRefreshNorRelease() {
		LeaseStore store = onFakeTime();
		long token = token(store.claim(claim("a"), TIMEOUT));
		assertThat(store.refresh(claim("b"), TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
		assertThat(store.release(claim("b"), Duration.ZERO, TIMEOUT)).isEqualTo(new ReleaseAnswer(false, null));
		assertThat(store.claim(impatient("c"), TIMEOUT)).isInstanceOf(ClaimAnswer.Refused.class);
		assertThat(token(store.refresh(claim("a"), TIMEOUT))).isEqualTo(token);
		store.claim(claim("w"), TIMEOUT);
		assertThat(store.refresh(claim("b"), TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
		assertThat(store.release(claim("b"), Duration.ZERO, TIMEOUT).held()).isFalse();
		assertThat(store.refresh(claim("w"), TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
	}

	@Test
	void secondReleaseDoesNothing() {
		LeaseStore store = onFakeTime();
		store.claim(claim("a"), TIMEOUT);
		store.claim(claim("b"), TIMEOUT);
		assertThat(store.release(claim("a"), Duration.ZERO, TIMEOUT).held()).isTrue();
		assertThat(store.release(claim("a"), Duration.ZERO, TIMEOUT).held()).isFalse();
		token(store.refresh(claim("b"), TIMEOUT));
		assertThat(store.release(claim("a"), Duration.ZERO, TIMEOUT).held()).isFalse();
		assertThat(store.claim(impatient("c"), TIMEOUT)).isInstanceOf(ClaimAnswer.Refused.class);
	}

	@Test
	void waiterThatLeavesOrDiesBlocksNobody() {
		LeaseStore store = onFakeTime();
		store.claim(claim("a"), TIMEOUT);
		store.claim(claim("dies"), TIMEOUT);
		store.claim(claim("leaves"), TIMEOUT);
		store.claim(claim("lives"), TIMEOUT);
		assertThat(store.release(claim("leaves"), Duration.ZERO, TIMEOUT).held()).isFalse();
		this.time.pass(PATIENCE.minusMillis(1));
		assertThat(store.refresh(claim("lives"), TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		this.time.pass(Duration.ofMillis(1));
		store.release(claim("a"), Duration.ZERO, TIMEOUT);
		assertThat(store.refresh(claim("dies"), TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
		assertThat(store.refresh(claim("leaves"), TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
		token(store.refresh(claim("lives"), TIMEOUT));
	}

	@Test
	void skipsHundredsOfDeadWaiters() {
		LeaseStore store = onFakeTime();
		store.claim(claim("a"), TIMEOUT);
		for (int i = 0; i < 300; i++) {
			store.claim(claim("dead" + i), TIMEOUT);
		}
		this.time.pass(PATIENCE);
		store.claim(claim("lives"), TIMEOUT);
		assertThat(store.release(claim("a"), Duration.ZERO, TIMEOUT).held()).isTrue();
		token(store.refresh(claim("lives"), TIMEOUT));
	}

	@Test
	void offerThatIsNotTakenGoesOn() {
		LeaseStore store = onFakeTime();
		store.claim(claim("a"), TIMEOUT);
		store.claim(claim("b"), TIMEOUT);
		this.time.pass(PATIENCE.minusMillis(1));
		store.claim(claim("c"), TIMEOUT);
		store.release(claim("a"), Duration.ZERO, TIMEOUT);
		assertThat(store.refresh(claim("c"), TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		this.time.pass(Duration.ofMillis(1));
		token(store.refresh(claim("c"), TIMEOUT));
		assertThat(store.refresh(claim("b"), TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
	}

	@Test
	void takenOfferLastsForTheFullTime() {
		LeaseStore store = onFakeTime();
		store.claim(claim("a"), TIMEOUT);
		store.claim(claim("b"), TIMEOUT);
		store.release(claim("a"), Duration.ZERO, TIMEOUT);
		long token = token(store.refresh(claim("b"), TIMEOUT));
		this.time.pass(TTL.minusMillis(1));
		assertThat(token(store.refresh(claim("b"), TIMEOUT))).isEqualTo(token);
	}

	@Test
	void claimThatComesAfterItsReleaseIsBarred() {
		LeaseStore store = onFakeTime();
		Duration bar = Duration.ofSeconds(60);
		store.release(claim("late"), bar, TIMEOUT);
		assertThat(store.claim(claim("late"), TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
		long token = token(store.claim(claim("a"), TIMEOUT));
		assertThat(store.claim(claim("late"), TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
		assertThat(store.release(claim("late2"), bar, TIMEOUT).held()).isFalse();
		assertThat(store.claim(claim("late2"), TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
		assertThat(token(store.refresh(claim("a"), TIMEOUT))).isEqualTo(token);
		assertThat(store.release(claim("a"), bar, TIMEOUT).held()).isTrue();
		assertThat(store.claim(claim("a"), TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
		assertThat(token(store.claim(claim("b"), TIMEOUT))).isGreaterThan(token);
		assertThat(store.release(claim("b"), Duration.ZERO, TIMEOUT).held()).isTrue();
		this.time.pass(bar);
		assertThat(token(store.claim(claim("late"), TIMEOUT))).isGreaterThan(token);
	}

	@Test
	void waiterThatIsBarredLeavesTheLine() {
		LeaseStore store = onFakeTime();
		store.claim(claim("a"), TIMEOUT);
		store.claim(claim("b"), TIMEOUT);
		store.claim(claim("c"), TIMEOUT);
		store.release(claim("b"), Duration.ofSeconds(60), TIMEOUT);
		assertThat(store.claim(claim("b"), TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
		store.release(claim("a"), Duration.ZERO, TIMEOUT);
		token(store.refresh(claim("c"), TIMEOUT));
	}

	@Test
	void takesAnyName() {
		LeaseStore store = onFakeTime();
		String big = "x".repeat(10_240);
		List<String> names = List.of("{braces}", "}{", "a b", "a/b/../c", "/", "..", "ünïcödé 锁 🔒", "\ud800", "\udc00",
				"quote'\"`;--", "%_*?[x]\\", "line\nbreak\u0000", "UPPER", "upper", "trailing ", "trailing", "#hash",
				big, big + "y", "null");
		List<Long> tokens = new ArrayList<>();
		for (String name : names) {
			tokens.add(token(store.claim(new Claim(name, "engine-a", 1, TTL, PATIENCE), TIMEOUT)));
			assertThat(store.claim(new Claim(name, "engine-b", 1, TTL, PATIENCE), TIMEOUT)).as(name)
				.isInstanceOf(ClaimAnswer.Waiting.class);
		}
		for (int i = 0; i < names.size(); i++) {
			Claim holder = new Claim(names.get(i), "engine-a", 1, TTL, PATIENCE);
			assertThat(token(store.refresh(holder, TIMEOUT))).isEqualTo(tokens.get(i));
			assertThat(store.release(holder, Duration.ZERO, TIMEOUT).held()).isTrue();
			token(store.refresh(new Claim(names.get(i), "engine-b", 1, TTL, PATIENCE), TIMEOUT));
		}
	}

	@Test
	void keepsNothingOfIdleNames() {
		LeaseStore store = onFakeTime();
		long before = countStored();
		for (int i = 0; i < 1_000; i++) {
			Claim holder = new Claim(this.resource + "-" + i, "engine-a" + i, 1, TTL, PATIENCE);
			Claim waiter = new Claim(this.resource + "-" + i, "engine-b" + i, 1, TTL, PATIENCE);
			token(store.claim(holder, TIMEOUT));
			if (i % 4 == 0) {
				store.claim(waiter, TIMEOUT);
			}
			if (i % 8 == 0) {
				store.release(waiter, Duration.ZERO, TIMEOUT);
			}
			store.release(holder, Duration.ZERO, TIMEOUT);
			store.release(waiter, Duration.ZERO, TIMEOUT);
		}
		passRetention(store);
		assertThat(countStored() - before).isZero();
	}

	@Test
	void keepsNothingOfNamesWhoseClaimsExpiredOrAreBarred() {
		LeaseStore store = onFakeTime();
		long before = countStored();
		for (int i = 0; i < 100; i++) {
			Claim holder = new Claim(this.resource + "-" + i, "engine-a" + i, 1, TTL, PATIENCE);
			Claim waiter = new Claim(this.resource + "-" + i, "engine-b" + i, 1, TTL, PATIENCE);
			if (i % 2 == 0) {
				token(store.claim(holder, TIMEOUT));
				store.claim(waiter, TIMEOUT);
			}
			if (i % 3 == 0) {
				store.release(waiter, Duration.ofSeconds(5), TIMEOUT);
			}
		}
		this.time.pass(TTL.multipliedBy(2));
		passRetention(store);
		letPass(TTL.multipliedBy(3));
		assertThat(countStored() - before).isZero();
	}

	@Test
	void limitsLetSeveralHold() {
		LeaseStore store = onFakeTime();
		assumeTrue(store.capabilities().limits());
		Claim reader1 = limited("r1", Claim.SHARED);
		Claim reader2 = limited("r2", Claim.SHARED);
		token(store.claim(reader1, TIMEOUT));
		token(store.claim(reader2, TIMEOUT));
		Claim writer = limited("w", 1);
		assertThat(store.claim(writer, TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		Claim reader3 = limited("r3", Claim.SHARED);
		assertThat(store.claim(reader3, TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		store.release(reader1, Duration.ZERO, TIMEOUT);
		assertThat(store.refresh(writer, TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		store.release(reader2, Duration.ZERO, TIMEOUT);
		token(store.refresh(writer, TIMEOUT));
		assertThat(store.refresh(reader3, TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		store.release(writer, Duration.ZERO, TIMEOUT);
		token(store.refresh(reader3, TIMEOUT));
	}

	@Test
	void semaphoreTakesAsManyAsItsLimit() {
		LeaseStore store = onFakeTime();
		assumeTrue(store.capabilities().limits());
		for (int i = 0; i < 3; i++) {
			token(store.claim(limited("h" + i, 3), TIMEOUT));
		}
		assertThat(store.claim(limited("w0", 3), TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		assertThat(store.claim(limited("w1", 3), TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		store.release(limited("h1", 3), Duration.ZERO, TIMEOUT);
		token(store.refresh(limited("w0", 3), TIMEOUT));
		assertThat(store.refresh(limited("w1", 3), TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		this.time.pass(PATIENCE.minusMillis(1));
		assertThat(store.refresh(limited("w1", 3), TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
	}

	@Test
	void tellsWhoHoldsAndHowManyWaitAndChangesNothing() {
		LeaseStore store = onFakeTime();
		long before = countStored();
		assertThat(seen(store)).isEqualTo(ResourceState.FREE);
		assertThat(countStored()).isEqualTo(before);
		long token = token(store.claim(claim("a"), TIMEOUT));
		this.time.pass(Duration.ofSeconds(1));
		ResourceState.Holder holder = holder(store, "a", 1, token, TTL.minusSeconds(1));
		assertThat(seen(store)).isEqualTo(new ResourceState(List.of(holder), 0));
		store.claim(claim("b"), TIMEOUT);
		store.claim(claim("c"), TIMEOUT);
		assertThat(seen(store)).isEqualTo(new ResourceState(List.of(holder), 2, List.of("engine-b", "engine-c")));
		store.release(claim("a"), Duration.ZERO, TIMEOUT);
		assertThat(seen(store).line()).containsExactly("engine-c");
		assertThat(seen(store).waiters()).isEqualTo(1);
		token(store.refresh(claim("b"), TIMEOUT));
		assertThat(seen(store).holders()).extracting("owner").containsExactly("engine-b");
		this.time.pass(TTL);
		assertThat(seen(store).holders()).isEmpty();
	}

	@Test
	void takesOwnersOfTheGreatestLength() {
		LeaseStore store = onFakeTime();
		String note = "." + OwnerNotes.encode("~/%'\"\\" + "=".repeat(70)).repeat(3);
		Claim holder = claim("a" + note.substring(0, Claim.LONGEST_OWNER - "engine-a".length()));
		Claim waiter = claim("b" + note.substring(0, Claim.LONGEST_OWNER - "engine-b".length()));
		long first = token(store.claim(holder, TIMEOUT));
		assertThat(store.claim(waiter, TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		assertThat(seen(store).holders()).extracting("owner").containsExactly(holder.owner());
		assertThat(seen(store).line()).containsExactly(waiter.owner());
		store.release(holder, Duration.ZERO, TIMEOUT);
		assertThat(token(store.refresh(waiter, TIMEOUT))).isGreaterThan(first);
	}

	@Test
	void tellsAllWhoHoldTogether() {
		LeaseStore store = onFakeTime();
		assumeTrue(store.capabilities().limits());
		long first = token(store.claim(limited("a", 2), TIMEOUT));
		long second = token(store.claim(limited("b", 2), TIMEOUT));
		assertThat(seen(store).holders()).containsExactlyInAnyOrder(holder(store, "a", 2, first, TTL),
				holder(store, "b", 2, second, TTL));
	}

	@Test
	void takesAClaimOfAnotherProcessByForceAndNoOther() {
		LeaseStore store = onFakeTime();
		LeaseStore other = onFakeTime();
		long token = token(store.claim(claim("a"), TIMEOUT));
		store.claim(claim("b"), TIMEOUT);
		ResourceState.Holder seen = seen(other).holders().get(0);
		assertThat(other.releaseByForce(this.resource, seen, TIMEOUT).held()).isTrue();
		assertThat(store.refresh(claim("a"), TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
		long next = token(store.refresh(claim("b"), TIMEOUT));
		assertThat(next).isGreaterThan(token);
		assertThat(other.releaseByForce(this.resource, seen, TIMEOUT).held()).isFalse();
		assertThat(token(store.refresh(claim("b"), TIMEOUT))).isEqualTo(next);
		assertThat(store.release(claim("b"), Duration.ZERO, TIMEOUT).held()).isTrue();
		assertThat(other.releaseByForce(this.resource, seen, TIMEOUT)).isEqualTo(new ReleaseAnswer(false, null));
	}

	@Test
	void takesOneOfSeveralByForce() {
		LeaseStore store = onFakeTime();
		assumeTrue(store.capabilities().limits());
		token(store.claim(limited("a", 2), TIMEOUT));
		long second = token(store.claim(limited("b", 2), TIMEOUT));
		store.claim(limited("c", 2), TIMEOUT);
		ResourceState.Holder seen = seen(store).holders()
			.stream()
			.filter((holder) -> holder.owner().equals("engine-a"))
			.findFirst()
			.orElseThrow();
		assertThat(onFakeTime().releaseByForce(this.resource, seen, TIMEOUT).held()).isTrue();
		assertThat(store.refresh(limited("a", 2), TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
		assertThat(token(store.refresh(limited("b", 2), TIMEOUT))).isEqualTo(second);
		token(store.refresh(limited("c", 2), TIMEOUT));
	}

	private ResourceState seen(LeaseStore store) {
		return store.inspect(this.resource, TIMEOUT).orElseThrow();
	}

	/** Only the process that holds a session knows how long its claims last. */
	private static ResourceState.Holder holder(LeaseStore store, String owner, int limit, long token,
			Duration remaining) {
		boolean told = store.capabilities().expiry() == StoreCapabilities.Expiry.TIME;
		return new ResourceState.Holder("engine-" + owner, limit, token, told ? remaining : null);
	}

	@Test
	void agreesWithTheModelOverThousandsOfInterleavings() {
		int seeds = Integer.getInteger("concord.test.seeds", seedsOfRandomisedTest());
		long base = Long.getLong("concord.test.seed", 20_261_101L);
		LeaseStore[] stores = { onFakeTime(), onFakeTime() };
		for (int i = 0; i < seeds; i++) {
			runAgainstModel(base + i, stores);
		}
	}

	/** How many seeded runs of some sixty steps the build makes. */
	protected int seedsOfRandomisedTest() {
		return 200;
	}

	private void runAgainstModel(long seed, LeaseStore[] stores) {
		Random random = new Random(seed);
		boolean limits = stores[0].capabilities().limits() && random.nextBoolean();
		String name = this.resource + "-" + seed;
		LineModel model = new LineModel();
		List<String> log = new ArrayList<>();
		Map<String, Claim> claims = new LinkedHashMap<>();
		TokenCheck tokens = new TokenCheck(!limits);
		int[] owners = IntStream.range(0, 7).toArray();
		int born = owners.length;
		int steps = 30 + random.nextInt(60);
		for (int i = 0; i < steps; i++) {
			LeaseStore store = stores[random.nextInt(stores.length)];
			int process = random.nextInt(owners.length);
			String owner = "engine-" + owners[process];
			int limit = limits ? new int[] { 1, 2, 3, Claim.SHARED }[random.nextInt(4)] : 1;
			Claim fresh = new Claim(name, owner, limit, Duration.ofMillis(1_000),
					Duration.ofMillis(random.nextInt(3) * 500L));
			Claim claim = claims.getOrDefault(owner, fresh);
			long now = this.time.micros();
			switch (random.nextInt(11)) {
				case 0, 1, 2, 3 -> {
					boolean known = model.refresh(claim, now) != LineModel.Verdict.GONE;
					claim = known ? claim : fresh;
					claims.put(owner, claim);
					ClaimAnswer answer = store.claim(claim, TIMEOUT);
					log.add(now + " claim " + claim + " -> " + answer);
					assertThat(LineModel.Verdict.of(answer)).as("seed %d\n%s", seed, String.join("\n", log))
						.isEqualTo(model.claim(claim, now));
					tokens.check(answer, model, owner, log);
				}
				case 4, 5, 6 -> {
					ClaimAnswer answer = store.refresh(claim, TIMEOUT);
					log.add(now + " refresh " + claim + " -> " + answer);
					assertThat(LineModel.Verdict.of(answer)).as("seed %d\n%s", seed, String.join("\n", log))
						.isEqualTo(model.refresh(claim, now));
					tokens.check(answer, model, owner, log);
				}
				case 7, 8 -> {
					Duration bar = Duration.ofMillis((random.nextInt(4) == 0) ? 800 : 0);
					ReleaseAnswer answer = store.release(claim, bar, TIMEOUT);
					log.add(now + " release " + claim + " bar " + bar + " -> " + answer);
					assertThat(answer.held()).as("seed %d\n%s", seed, String.join("\n", log))
						.isEqualTo(model.release(claim, bar, now));
					claims.remove(owner);
				}
				case 9 -> {
					// What it has in the line stays there until its time is over.
					owners[process] = born++;
					log.add(now + " crash of " + owner);
					if (random.nextInt(4) == 0) {
						int crashed = random.nextInt(stores.length);
						stores[crashed].close();
						stores[crashed] = onFakeTime();
						log.add("end of store " + crashed);
					}
				}
				default -> {
					this.time.pass(Duration.ofNanos(1_000L * random.nextInt(700_000)));
					log.add("time passes");
				}
			}
		}
		this.time.pass(Duration.ofSeconds(2));
		long now = this.time.micros();
		assertThat(model.isEmpty(now)).isTrue();
		Claim last = new Claim(name, "engine-last", 1, TTL, Duration.ZERO);
		assertThat(token(stores[0].claim(last, TIMEOUT))).as("seed %d\n%s", seed, String.join("\n", log))
			.isGreaterThan(tokens.greatest);
		stores[0].release(last, Duration.ZERO, TIMEOUT);
	}

	/** A grant has one token for good, and every new one a token of its own. */
	private static final class TokenCheck {

		private final Map<Integer, Long> tokens = new HashMap<>();

		private final boolean inOrder;

		private long greatest;

		/**
		 * Creates a check.
		 * @param inOrder whether grants are seen in the order in which they are made
		 */
		TokenCheck(boolean inOrder) {
			this.inOrder = inOrder;
		}

		void check(ClaimAnswer answer, LineModel model, String owner, List<String> log) {
			if (!(answer instanceof ClaimAnswer.Granted granted)) {
				return;
			}
			Long known = this.tokens.get(model.placeOf(owner));
			if (known != null) {
				assertThat(granted.token()).as(String.join("\n", log)).isEqualTo(known);
				return;
			}
			if (this.inOrder) {
				assertThat(granted.token()).as(String.join("\n", log)).isGreaterThan(this.greatest);
			}
			assertThat(this.tokens.values()).as(String.join("\n", log)).doesNotContain(granted.token());
			this.tokens.put(model.placeOf(owner), granted.token());
			this.greatest = Math.max(this.greatest, granted.token());
		}

	}

	// Through the engine, in real time

	@Test
	void excludesSixteenThreadsOfTwoEnginesUnderDelays() throws Exception {
		excludesSixteenThreadsUnderDelays(2);
	}

	/** With one engine a thread, no turns within a process keep them from the store. */
	@Test
	void excludesSixteenEnginesUnderDelays() throws Exception {
		excludesSixteenThreadsUnderDelays(16);
	}

	private void excludesSixteenThreadsUnderDelays(int engineCount) throws Exception {
		List<LeaseEngine> engines = new ArrayList<>();
		for (int i = 0; i < engineCount; i++) {
			engines.add(engine(new DelayingStore(store(), i), TIMEOUT));
		}
		AtomicInteger inside = new AtomicInteger();
		AtomicLong lastToken = new AtomicLong();
		int[] unguarded = { 0 };
		List<Callable<Void>> work = new ArrayList<>();
		for (int i = 0; i < 16; i++) {
			LeaseEngine engine = engines.get(i % engineCount);
			work.add(() -> {
				for (int turn = 0; turn < 12; turn++) {
					Lease lease = engine.acquire(LeaseRequest.exclusive(this.resource, Duration.ofSeconds(60), TTL))
						.orElseThrow();
					assertThat(inside.incrementAndGet()).isOne();
					assertThat(lastToken.getAndSet(lease.token())).isLessThan(lease.token());
					unguarded[0]++;
					Thread.yield();
					assertThat(inside.decrementAndGet()).isZero();
					assertThat(lease.release()).isEqualTo(Lease.ReleaseOutcome.RELEASED);
				}
				return null;
			});
		}
		inParallel(work);
		assertThat(unguarded[0]).isEqualTo(16 * 12);
	}

	@Test
	void waiterGetsWhatIsReleased() throws Exception {
		LeaseEngine first = engine(store());
		LeaseEngine second = engine(store());
		Lease lease = first.acquire(request(Duration.ZERO)).orElseThrow();
		assertThat(second.acquire(request(Duration.ZERO))).isEmpty();
		CompletableFuture<Lease> waiting = OwnThread
			.supply(() -> second.acquire(request(Duration.ofSeconds(30))).orElseThrow());
		awaitWaiter(lease);
		assertThat(lease.release()).isEqualTo(Lease.ReleaseOutcome.RELEASED);
		Lease next = waiting.get(30, TimeUnit.SECONDS);
		assertThat(next.token()).isGreaterThan(lease.token());
		assertThat(next.isValid()).isTrue();
		assertThat(lease.isValid()).isFalse();
		next.release();
	}

	@Test
	void renewsPastTheLeaseTime() {
		CountingStore counting = new CountingStore(store());
		LeaseEngine engine = engine(counting);
		Lease lease = engine.acquire(request(Duration.ZERO)).orElseThrow();
		await(() -> counting.refreshes.get() >= 6);
		assertThat(lease.isValid()).isTrue();
		assertThat(engine(store()).acquire(request(Duration.ZERO))).isEmpty();
		assertThat(lease.release()).isEqualTo(Lease.ReleaseOutcome.RELEASED);
	}

	@Test
	void staysTakenAfterItsReleaseForTheTimeAskedForAndNoLonger() {
		LeaseEngine engine = engine(store(), TIMEOUT);
		LeaseEngine other = engine(store(), TIMEOUT);
		Duration kept = Duration.ofMillis(300);
		Lease lease = engine.acquire(LeaseRequest.exclusive(this.resource, Duration.ZERO, Duration.ofMinutes(2)))
			.orElseThrow();
		long begin = System.nanoTime();
		assertThat(lease.releaseAfter(kept)).isEqualTo(Lease.ReleaseOutcome.RELEASED);
		assertThat(lease.isValid()).isFalse();
		Lease next = other.acquire(LeaseRequest.exclusive(this.resource, Duration.ofSeconds(60), TTL)).orElseThrow();
		// Stores count in milliseconds.
		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(kept.minusMillis(2));
		assertThat(next.token()).isGreaterThan(lease.token());
		assertThat(next.release()).isEqualTo(Lease.ReleaseOutcome.RELEASED);
	}

	@Test
	void holderThatCannotRenewIsInvalidBeforeAnotherHolds() throws Exception {
		CountingStore cut = new CountingStore(store());
		LeaseEngine engine = engine(cut);
		LeaseEngine other = engine(store());
		Lease lease = engine.acquire(request(Duration.ZERO)).orElseThrow();
		CompletableFuture<String> lost = new CompletableFuture<>();
		lease.onLost(lost::complete);
		cut.cutOff.set(true);
		Lease next = other.acquire(request(Duration.ofSeconds(30))).orElseThrow();
		assertThat(lease.isValid()).isFalse();
		assertThat(next.token()).isGreaterThan(lease.token());
		assertThat(lost.get(10, TimeUnit.SECONDS)).contains("renewed in time");
		cut.cutOff.set(false);
		assertThat(lease.release()).isEqualTo(Lease.ReleaseOutcome.LOST);
		assertThat(next.isValid()).isTrue();
		assertThat(next.release()).isEqualTo(Lease.ReleaseOutcome.RELEASED);
	}

	@Test
	void waiterThatGivesUpLeavesTheLine() {
		LeaseEngine engine = engine(store());
		Lease lease = engine(store()).acquire(request(Duration.ZERO)).orElseThrow();
		assertThat(engine.acquire(request(Duration.ofMillis(50)))).isEmpty();
		lease.release();
		Optional<Lease> next = engine.acquire(request(Duration.ZERO));
		assertThat(next).isPresent();
		next.get().release();
	}

	@Test
	void interruptedWaiterLeavesTheLine() throws Exception {
		LeaseEngine engine = engine(store());
		Lease lease = engine(store()).acquire(request(Duration.ZERO)).orElseThrow();
		AtomicBoolean flag = new AtomicBoolean();
		CompletableFuture<Throwable> thrown = new CompletableFuture<>();
		Thread waiter = new Thread(() -> {
			try {
				engine.acquire(request(Duration.ofSeconds(60)));
			}
			catch (Throwable ex) {
				flag.set(Thread.currentThread().isInterrupted());
				thrown.complete(ex);
			}
		});
		waiter.start();
		awaitWaiter(lease);
		waiter.interrupt();
		assertThat(thrown.get(30, TimeUnit.SECONDS)).isInstanceOf(LeaseInterruptedException.class);
		assertThat(flag).isTrue();
		lease.release();
		Optional<Lease> next = engine.acquire(request(Duration.ZERO));
		assertThat(next).isPresent();
		next.get().release();
	}

	@Test
	void lostAnswerToAClaimNeitherBlocksNorGrantsTwice() {
		CountingStore lossy = new CountingStore(store());
		LeaseEngine engine = engine(lossy);
		lossy.loseAnswers.set(1);
		Lease lease = engine.acquire(request(Duration.ZERO)).orElseThrow();
		assertThat(lossy.claims).hasValue(2);
		assertThat(engine(store()).acquire(request(Duration.ZERO))).isEmpty();
		assertThat(lease.release()).isEqualTo(Lease.ReleaseOutcome.RELEASED);
		lossy.loseAnswers.set(Integer.MAX_VALUE);
		assertThatExceptionOfType(LeaseOutcomeUnknownException.class)
			.isThrownBy(() -> engine.acquire(request(Duration.ZERO)));
		lossy.loseAnswers.set(0);
		Lease next = engine.acquire(request(Duration.ofSeconds(30))).orElseThrow();
		assertThat(next.token()).isGreaterThan(lease.token());
		assertThat(next.release()).isEqualTo(Lease.ReleaseOutcome.RELEASED);
	}

	@Test
	void lostAnswerToARenewalLosesNothing() {
		CountingStore lossy = new CountingStore(store());
		LeaseEngine engine = engine(lossy);
		// So long that a machine with much to do can't lose it between two renewals.
		Lease lease = engine.acquire(LeaseRequest.exclusive(this.resource, Duration.ZERO, Duration.ofSeconds(3)))
			.orElseThrow();
		lossy.loseAnswers.set(1);
		await(() -> lossy.refreshes.get() >= 4);
		assertThat(lossy.loseAnswers).hasValue(0);
		assertThat(lease.isValid()).isTrue();
		assertThat(lease.release()).isEqualTo(Lease.ReleaseOutcome.RELEASED);
	}

	@Test
	void lostAnswerToAWaitersLookLosesNothing() throws Exception {
		CountingStore lossy = new CountingStore(store());
		LeaseEngine engine = engine(lossy);
		LeaseEngine other = engine(store());
		Lease lease = other.acquire(request(Duration.ZERO)).orElseThrow();
		CompletableFuture<Lease> waiting = OwnThread
			.supply(() -> engine.acquire(request(Duration.ofSeconds(30))).orElseThrow());
		awaitWaiter(lease);
		lossy.loseAnswers.set(2);
		lease.release();
		Lease next = waiting.get(30, TimeUnit.SECONDS);
		assertThat(next.isValid()).isTrue();
		assertThat(other.acquire(request(Duration.ZERO))).isEmpty();
		assertThat(next.release()).isEqualTo(Lease.ReleaseOutcome.RELEASED);
	}

	@Test
	void lostAnswerToAReleaseFreesTheResourceAllTheSame() {
		CountingStore lossy = new CountingStore(store());
		LeaseEngine engine = engine(lossy);
		Lease lease = engine.acquire(request(Duration.ZERO)).orElseThrow();
		lossy.loseAnswers.set(1);
		assertThat(lease.release()).isEqualTo(Lease.ReleaseOutcome.UNCONFIRMED);
		assertThat(lease.isValid()).isFalse();
		Lease next = engine.acquire(request(Duration.ofSeconds(30))).orElseThrow();
		assertThat(next.release()).isEqualTo(Lease.ReleaseOutcome.RELEASED);
	}

	// What the tests are made of

	protected final String resource() {
		return this.resource;
	}

	protected final LeaseStore store() {
		return closing(newStore());
	}

	protected final LeaseEngine engine(LeaseStore store) {
		return engine(store, Duration.ofMillis(600));
	}

	private LeaseEngine engine(LeaseStore store, Duration timeout) {
		return closing(LeaseEngine.builder(store).storeTimeout(timeout).shutdownTimeout(Duration.ofSeconds(1)).build());
	}

	protected final LeaseRequest request(Duration wait) {
		return LeaseRequest.exclusive(this.resource, wait, Duration.ofMillis(1_200));
	}

	protected final Claim claim(String owner) {
		return new Claim(this.resource, "engine-" + owner, 1, TTL, PATIENCE);
	}

	protected final Claim impatient(String owner) {
		return new Claim(this.resource, "engine-" + owner, 1, TTL, Duration.ZERO);
	}

	protected static long token(ClaimAnswer answer) {
		assertThat(answer).isInstanceOf(ClaimAnswer.Granted.class);
		return ((ClaimAnswer.Granted) answer).token();
	}

	protected static void await(BooleanSupplier condition) {
		Conditions.await(condition);
	}

	protected final <T extends AutoCloseable> T closing(T closeable) {
		this.open.add(closeable);
		return closeable;
	}

	private LeaseStore onFakeTime() {
		return closing(newStoreOnFakeTime());
	}

	private Claim limited(String owner, int limit) {
		return new Claim(this.resource, "engine-" + owner, limit, TTL, PATIENCE);
	}

	/**
	 * Waits until somebody stands in the line: then one that joins behind it is not the
	 * first.
	 */
	private void awaitWaiter(Lease lease) {
		LeaseStore store = store();
		await(() -> {
			Claim probe = new Claim(lease.resource(), "probe-" + number.incrementAndGet(), 1, Duration.ofSeconds(1),
					Duration.ofSeconds(1));
			ClaimAnswer answer = store.claim(probe, TIMEOUT);
			store.release(probe, Duration.ZERO, TIMEOUT);
			return answer instanceof ClaimAnswer.Waiting waiting && waiting.ahead() > 0;
		});
	}

	private static void inParallel(List<Callable<Void>> work) throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(work.size());
		try {
			CountDownLatch start = new CountDownLatch(1);
			List<Future<Void>> results = new ArrayList<>();
			for (Callable<Void> task : work) {
				results.add(threads.submit(() -> {
					start.await();
					return task.call();
				}));
			}
			start.countDown();
			for (Future<Void> result : results) {
				result.get(90, TimeUnit.SECONDS);
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	/** Counts calls, and can lose answers or the way to the store. */
	protected static final class CountingStore extends StoreDecorator {

		public final AtomicInteger claims = new AtomicInteger();

		public final AtomicInteger refreshes = new AtomicInteger();

		public final AtomicInteger releases = new AtomicInteger();

		/** How many of the next calls are applied and not answered. */
		final AtomicInteger loseAnswers = new AtomicInteger();

		/** Whether calls don't reach the store. */
		final AtomicBoolean cutOff = new AtomicBoolean();

		public CountingStore(LeaseStore delegate) {
			super(delegate);
		}

		@Override
		public ClaimAnswer claim(Claim claim, Duration timeout) {
			this.claims.incrementAndGet();
			checkReachable();
			return answer(super.claim(claim, timeout));
		}

		@Override
		public ClaimAnswer refresh(Claim claim, Duration timeout) {
			this.refreshes.incrementAndGet();
			checkReachable();
			return answer(super.refresh(claim, timeout));
		}

		@Override
		public ReleaseAnswer release(Claim claim, Duration bar, Duration timeout) {
			this.releases.incrementAndGet();
			checkReachable();
			return answer(super.release(claim, bar, timeout));
		}

		private void checkReachable() {
			if (this.cutOff.get()) {
				throw new LeaseStoreException("cut off by the test");
			}
		}

		private <T> T answer(T answer) {
			if (this.loseAnswers.getAndUpdate((left) -> Math.max(0, left - 1)) > 0) {
				throw new LeaseOutcomeUnknownException("answer lost by the test");
			}
			return answer;
		}

	}

	/** Holds up requests and answers for some random time. */
	private static final class DelayingStore extends StoreDecorator {

		private final Random random;

		DelayingStore(LeaseStore delegate, long seed) {
			super(delegate);
			this.random = new Random(seed);
		}

		@Override
		public ClaimAnswer claim(Claim claim, Duration timeout) {
			delay();
			ClaimAnswer answer = super.claim(claim, timeout);
			delay();
			return answer;
		}

		@Override
		public ClaimAnswer refresh(Claim claim, Duration timeout) {
			delay();
			ClaimAnswer answer = super.refresh(claim, timeout);
			delay();
			return answer;
		}

		@Override
		public ReleaseAnswer release(Claim claim, Duration bar, Duration timeout) {
			delay();
			ReleaseAnswer answer = super.release(claim, bar, timeout);
			delay();
			return answer;
		}

		private void delay() {
			long micros = this.random.nextInt(3) * (long) this.random.nextInt(1_500);
			LockSupport.parkNanos(micros * 1_000);
		}

	}

}
