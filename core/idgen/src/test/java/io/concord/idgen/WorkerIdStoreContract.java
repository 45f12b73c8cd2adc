package io.concord.idgen;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What every {@link WorkerIdStore} must do. Runs on the store's own clock, whatever that
 * is, and on short leads.
 */
@Timeout(120)
public abstract class WorkerIdStoreContract {

	protected static final Duration TIMEOUT = Duration.ofSeconds(10);

	/** Longer than any test takes. */
	private static final Duration LONG = Duration.ofMinutes(10);

	private static final Duration SHORT = Duration.ofMillis(300);

	private static final String LAYOUT = SnowflakeLayout.STANDARD.stamp();

	private static final AtomicInteger number = new AtomicInteger();

	private final List<AutoCloseable> open = new ArrayList<>();

	/** Another one for each test, also of other JVMs on the same server. */
	protected final String space = "space-" + number.incrementAndGet() + "-" + UUID.randomUUID();

	/**
	 * Creates another store on the same data, as another process would.
	 * @return the store; closed by the kit
	 */
	protected abstract WorkerIdStore newStore();

	/** Lets the store's clock go on by more than this; by default in real time. */
	protected void pass(WorkerIdStore store, Duration duration) {
		long end = store.now(TIMEOUT) + duration.toMillis();
		while (store.now(TIMEOUT) <= end) {
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
		}
	}

	/** Closes what the test opened; again does nothing. */
	@AfterEach
	protected final void closeAll() throws Exception {
		while (!this.open.isEmpty()) {
			this.open.remove(this.open.size() - 1).close();
		}
	}

	@Test
	void grantsAWorkerIdWithAMarkBoundedByTheTimeOfTheStore() {
		WorkerIdStore store = open();
		long before = store.now(TIMEOUT);
		WorkerIdAnswer.Granted granted = granted(store.claim(claim("a", 0, 1023, LONG), TIMEOUT));
		assertThat(granted.lease().space()).isEqualTo(this.space);
		assertThat(granted.lease().workerId()).isBetween(0, 1023);
		assertThat(granted.lease().owner()).isEqualTo("a");
		assertThat(granted.lease().epoch()).isPositive();
		assertThat(granted.storeTime()).isBetween(before, store.now(TIMEOUT));
		assertThat(granted.floor()).isLessThan(granted.storeTime());
		assertThat(granted.highWater()).isEqualTo(granted.storeTime() + LONG.toMillis());
	}

	@Test
	void repeatedClaimOfAnOwnerGetsTheSameAgain() {
		WorkerIdStore store = open();
		WorkerIdAnswer.Granted former = granted(store.claim(claim("former", 3, 3, SHORT), TIMEOUT));
		pass(store, SHORT);
		WorkerIdAnswer.Granted first = granted(store.claim(claim("a", 3, 3, SHORT), TIMEOUT));
		WorkerIdAnswer.Granted again = granted(open().claim(claim("a", 3, 3, LONG), TIMEOUT));
		assertThat(again.lease()).isEqualTo(first.lease());
		assertThat(again.floor()).isEqualTo(first.floor()).isGreaterThanOrEqualTo(former.highWater());
		assertThat(again.highWater()).isEqualTo(again.storeTime() + LONG.toMillis());
	}

	@Test
	void repeatedClaimWhoseMarkHasPassedGetsTheSameAgain() {
		WorkerIdStore store = open();
		WorkerIdAnswer.Granted first = granted(store.claim(claim("a", 0, 7, SHORT), TIMEOUT));
		pass(store, SHORT);
		assertThat(granted(store.claim(claim("a", 0, 7, LONG), TIMEOUT)).lease()).isEqualTo(first.lease());
	}

	@Test
	void givesNoWorkerIdTwiceAndListsTheHoldersWhenAllAreTaken() {
		WorkerIdStore store = open();
		Set<Integer> given = new HashSet<>();
		for (int i = 0; i < 8; i++) {
			given.add(granted(open().claim(claim("owner-" + i, 8, 15, LONG), TIMEOUT)).lease().workerId());
		}
		assertThat(given).containsExactlyInAnyOrder(8, 9, 10, 11, 12, 13, 14, 15);
		assertThat(store.claim(claim("late", 8, 15, LONG), TIMEOUT)).isInstanceOfSatisfying(WorkerIdAnswer.Full.class,
				(full) -> {
					assertThat(full.holders()).extracting(WorkerIdHolder::workerId)
						.containsExactly(8, 9, 10, 11, 12, 13, 14, 15);
					assertThat(full.holders()).extracting(WorkerIdHolder::holder)
						.containsExactlyInAnyOrder("holder of owner-0", "holder of owner-1", "holder of owner-2",
								"holder of owner-3", "holder of owner-4", "holder of owner-5", "holder of owner-6",
								"holder of owner-7");
				});
		assertThat(store.holders(this.space, TIMEOUT)).hasSize(8);
		assertThat(granted(store.claim(claim("elsewhere", 0, 7, LONG), TIMEOUT)).lease().workerId()).isBetween(0, 7);
	}

	@Test
	void spacesAreSeparate() {
		WorkerIdStore store = open();
		granted(store.claim(claim("a", 0, 0, LONG), TIMEOUT));
		WorkerIdClaim other = new WorkerIdClaim(this.space + "/ü {x} '", "another layout", 0, 0, "b", "holder", LONG);
		assertThat(granted(store.claim(other, TIMEOUT)).lease().workerId()).isZero();
		assertThat(store.holders(this.space, TIMEOUT)).hasSize(1);
		assertThat(store.holders("unknown-" + this.space, TIMEOUT)).isEmpty();
	}

	@Test
	void refusesAnotherLayoutAndChangesNothing() {
		WorkerIdStore store = open();
		granted(store.claim(claim("a", 0, 1023, LONG), TIMEOUT));
		WorkerIdClaim other = new WorkerIdClaim(this.space, SnowflakeLayout.JAVASCRIPT.stamp(), 0, 63, "b", "holder",
				LONG);
		assertThat(open().claim(other, TIMEOUT)).isEqualTo(new WorkerIdAnswer.LayoutDiffers(LAYOUT));
		assertThat(store.holders(this.space, TIMEOUT)).hasSize(1);
	}

	@Test
	void remembersTheLayoutWhenNobodyHoldsAWorkerId() {
		WorkerIdStore store = open();
		WorkerIdAnswer.Granted granted = granted(store.claim(claim("a", 0, 1023, LONG), TIMEOUT));
		store.release(granted.lease(), granted.storeTime(), TIMEOUT);
		WorkerIdClaim other = new WorkerIdClaim(this.space, "another", 0, 63, "b", "holder", LONG);
		assertThat(open().claim(other, TIMEOUT)).isEqualTo(new WorkerIdAnswer.LayoutDiffers(LAYOUT));
	}

	@Test
	void extendsTheMarkToTheTimeOfTheStoreAndNeverBack() {
		WorkerIdStore store = open();
		WorkerIdAnswer.Granted granted = granted(store.claim(claim("a", 0, 1023, SHORT), TIMEOUT));
		WorkerIdExtension.Extended extended = extended(store.extend(granted.lease(), LONG, TIMEOUT));
		assertThat(extended.storeTime()).isGreaterThanOrEqualTo(granted.storeTime());
		assertThat(extended.highWater()).isEqualTo(extended.storeTime() + LONG.toMillis());
		assertThat(extended(store.extend(granted.lease(), SHORT, TIMEOUT)).highWater()).isEqualTo(extended.highWater());
		assertThat(store.holders(this.space, TIMEOUT)).extracting((holder) -> holder.highWater().toEpochMilli())
			.containsExactly(extended.highWater());
	}

	@Test
	void extendsAMarkThatHasPassedIfNobodyElseHasTakenTheWorkerId() {
		WorkerIdStore store = open();
		WorkerIdAnswer.Granted granted = granted(store.claim(claim("a", 0, 0, SHORT), TIMEOUT));
		pass(store, SHORT);
		assertThat(store.holders(this.space, TIMEOUT)).isEmpty();
		extended(store.extend(granted.lease(), LONG, TIMEOUT));
		assertThat(store.claim(claim("b", 0, 0, LONG), TIMEOUT)).isInstanceOf(WorkerIdAnswer.Full.class);
	}

	@Test
	void extendsAndReleasesOnlyByOwnerAndEpoch() {
		WorkerIdStore store = open();
		WorkerIdAnswer.Granted granted = granted(store.claim(claim("a", 5, 5, LONG), TIMEOUT));
		WorkerIdLease lease = granted.lease();
		List<WorkerIdLease> others = List.of(new WorkerIdLease(this.space, 5, "b", lease.epoch()),
				new WorkerIdLease(this.space, 5, "a", lease.epoch() + 1),
				new WorkerIdLease(this.space, 5, "a", lease.epoch() - 1),
				new WorkerIdLease(this.space, 6, "a", lease.epoch()),
				new WorkerIdLease("unknown-" + this.space, 5, "a", lease.epoch()));
		for (WorkerIdLease other : others) {
			assertThat(store.extend(other, LONG.multipliedBy(2), TIMEOUT)).isInstanceOf(WorkerIdExtension.Lost.class);
			assertThat(store.release(other, 1, TIMEOUT)).isFalse();
		}
		assertThat(store.holders(this.space, TIMEOUT)).extracting((holder) -> holder.highWater().toEpochMilli())
			.containsExactly(granted.highWater());
		extended(store.extend(lease, LONG, TIMEOUT));
	}

	@Test
	void takesAWorkerIdWhoseMarkHasPassedAboveThatMark() {
		WorkerIdStore store = open();
		WorkerIdAnswer.Granted former = granted(store.claim(claim("a", 2, 2, SHORT), TIMEOUT));
		long mark = extended(store.extend(former.lease(), SHORT.multipliedBy(2), TIMEOUT)).highWater();
		assertThat(open().claim(claim("b", 2, 2, LONG), TIMEOUT)).isInstanceOf(WorkerIdAnswer.Full.class);
		pass(store, SHORT.multipliedBy(2));
		WorkerIdAnswer.Granted next = granted(open().claim(claim("b", 2, 2, LONG), TIMEOUT));
		assertThat(next.floor()).isGreaterThanOrEqualTo(mark);
		assertThat(next.lease().epoch()).isGreaterThan(former.lease().epoch());
		assertThat(store.extend(former.lease(), LONG, TIMEOUT)).isEqualTo(new WorkerIdExtension.Lost("holder of b"));
		assertThat(store.release(former.lease(), former.storeTime(), TIMEOUT)).isFalse();
		extended(store.extend(next.lease(), LONG, TIMEOUT));
	}

	@Test
	void releasedWorkerIdIsFreeAtOnceAboveWhatItsHolderHasIssued() {
		WorkerIdStore store = open();
		WorkerIdAnswer.Granted former = granted(store.claim(claim("a", 2, 2, LONG), TIMEOUT));
		long issued = former.storeTime() + 1_000;
		assertThat(store.release(former.lease(), issued, TIMEOUT)).isTrue();
		assertThat(store.release(former.lease(), issued, TIMEOUT)).isFalse();
		assertThat(store.extend(former.lease(), LONG, TIMEOUT)).isInstanceOf(WorkerIdExtension.Lost.class);
		assertThat(store.holders(this.space, TIMEOUT)).isEmpty();
		WorkerIdAnswer.Granted next = granted(open().claim(claim("b", 2, 2, SHORT), TIMEOUT));
		assertThat(next.floor()).isGreaterThanOrEqualTo(issued);
		assertThat(next.lease().epoch()).isGreaterThan(former.lease().epoch());
	}

	@Test
	void releaseNeverRaisesAMark() {
		WorkerIdStore store = open();
		WorkerIdAnswer.Granted former = granted(store.claim(claim("a", 2, 2, SHORT), TIMEOUT));
		store.release(former.lease(), former.highWater() + LONG.toMillis(), TIMEOUT);
		WorkerIdAnswer.Granted next = granted(store.claim(claim("b", 2, 2, LONG), TIMEOUT));
		assertThat(next.highWater()).isEqualTo(next.storeTime() + LONG.toMillis());
		assertThat(next.floor()).isLessThan(former.highWater() + LONG.toMillis());
	}

	@Test
	void markOfASuccessorIsNotBelowTheOneOfItsPredecessor() {
		WorkerIdStore store = open();
		WorkerIdAnswer.Granted former = granted(store.claim(claim("a", 2, 2, LONG), TIMEOUT));
		store.release(former.lease(), former.highWater(), TIMEOUT);
		WorkerIdAnswer.Granted next = granted(store.claim(claim("b", 2, 2, SHORT), TIMEOUT));
		assertThat(next.floor()).isGreaterThanOrEqualTo(former.highWater());
		assertThat(next.highWater()).isGreaterThanOrEqualTo(former.highWater());
	}

	@Test
	void prefersTheWorkerIdThatWasFreeForLongest() {
		WorkerIdStore store = open();
		List<WorkerIdAnswer.Granted> all = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			all.add(granted(store.claim(claim("a" + i, 0, 3, LONG), TIMEOUT)));
		}
		long base = all.get(0).storeTime();
		long[] marks = { base - 10, base - 30, base - 20 };
		for (int i = 0; i < 3; i++) {
			store.release(all.get(i).lease(), marks[i], TIMEOUT);
		}
		Set<Integer> used = new HashSet<>();
		all.forEach((granted) -> used.add(granted.lease().workerId()));
		assertThat(used).doesNotContain(claimed(store, "b0"));
		assertThat(claimed(store, "b1")).isEqualTo(all.get(1).lease().workerId());
		assertThat(claimed(store, "b2")).isEqualTo(all.get(2).lease().workerId());
		assertThat(claimed(store, "b3")).isEqualTo(all.get(0).lease().workerId());
	}

	@Test
	void manyThatStartAtOnceGetDistinctWorkerIdsAndTheRestIsTold() throws Exception {
		int ids = 32;
		int claims = 40;
		WorkerIdStore[] stores = { open(), open(), open(), open() };
		CountDownLatch start = new CountDownLatch(1);
		ExecutorService threads = Executors.newFixedThreadPool(claims);
		try {
			List<Future<WorkerIdAnswer>> answers = new ArrayList<>();
			for (int i = 0; i < claims; i++) {
				String owner = "owner-" + i;
				WorkerIdStore store = stores[i % stores.length];
				answers.add(threads.submit(() -> {
					start.await();
					return store.claim(claim(owner, 0, ids - 1, LONG), TIMEOUT);
				}));
			}
			start.countDown();
			Set<Integer> given = new HashSet<>();
			int full = 0;
			for (Future<WorkerIdAnswer> answer : answers) {
				if (answer.get() instanceof WorkerIdAnswer.Full refused) {
					assertThat(refused.holders()).hasSize(ids);
					full++;
				}
				else {
					given.add(granted(answer.get()).lease().workerId());
				}
			}
			assertThat(given).hasSize(ids);
			assertThat(full).isEqualTo(claims - ids);
		}
		finally {
			threads.shutdownNow();
		}
	}

	/**
	 * Holders that pause between two extensions lose their only worker id to each other;
	 * what they could have issued must not overlap.
	 */
	@Test
	void rangesOfHoldersThatTakeTheIdFromEachOtherDoNotOverlap() throws Exception {
		Duration lead = Duration.ofMillis(15);
		int contenders = 3;
		ExecutorService threads = Executors.newFixedThreadPool(contenders);
		try {
			List<Future<List<Held>>> all = new ArrayList<>();
			long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
			for (int i = 0; i < contenders; i++) {
				WorkerIdStore store = open();
				String name = "c" + i + "-";
				all.add(threads.submit(() -> contend(store, name, lead, end)));
			}
			List<Held> held = new ArrayList<>();
			for (Future<List<Held>> future : all) {
				held.addAll(future.get());
			}
			held.sort((one, other) -> Long.compare(one.epoch(), other.epoch()));
			assertThat(held).hasSizeGreaterThan(contenders);
			for (int i = 1; i < held.size(); i++) {
				assertThat(held.get(i).epoch()).isGreaterThan(held.get(i - 1).epoch());
				assertThat(held.get(i).floor()).as("floor of the holder after %s", held.get(i - 1))
					.isGreaterThanOrEqualTo(held.get(i - 1).mark());
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	private List<Held> contend(WorkerIdStore store, String name, Duration lead, long end) {
		List<Held> held = new ArrayList<>();
		for (int round = 0; System.nanoTime() < end; round++) {
			if (store.claim(claim(name + round, 9, 9, lead), TIMEOUT) instanceof WorkerIdAnswer.Granted granted) {
				long mark = granted.highWater();
				// Pauses of about the lead, so that extensions and claims meet.
				for (int pause = 1; System.nanoTime() < end && store.extend(granted.lease(), lead,
						TIMEOUT) instanceof WorkerIdExtension.Extended told; pause++) {
					mark = told.highWater();
					LockSupport.parkNanos(lead.toNanos() * pause / 4);
				}
				held.add(new Held(granted.lease().epoch(), granted.floor(), mark));
			}
			LockSupport.parkNanos(lead.toNanos() / 8);
		}
		return held;
	}

	/** What somebody was told while it held the worker id. */
	private record Held(long epoch, long floor, long mark) {
	}

	private WorkerIdStore open() {
		WorkerIdStore store = newStore();
		this.open.add(store);
		return store;
	}

	private int claimed(WorkerIdStore store, String owner) {
		return granted(store.claim(claim(owner, 0, 3, LONG), TIMEOUT)).lease().workerId();
	}

	private WorkerIdClaim claim(String owner, int first, int last, Duration lead) {
		return new WorkerIdClaim(this.space, LAYOUT, first, last, owner, "holder of " + owner, lead);
	}

	private static WorkerIdAnswer.Granted granted(WorkerIdAnswer answer) {
		assertThat(answer).isInstanceOf(WorkerIdAnswer.Granted.class);
		return (WorkerIdAnswer.Granted) answer;
	}

	private static WorkerIdExtension.Extended extended(WorkerIdExtension extension) {
		assertThat(extension).isInstanceOf(WorkerIdExtension.Extended.class);
		return (WorkerIdExtension.Extended) extension;
	}

}
