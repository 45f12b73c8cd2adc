package io.concord.idgen;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.idgen.local.LocalSegmentStore;
import io.concord.lease.LeaseStoreException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Timeout(60)
class SegmentIdGeneratorTests {

	private final ControlledStore store = new ControlledStore();

	private final TestTime time = new TestTime();

	private final List<SegmentIdGenerator> open = new ArrayList<>();

	@AfterEach
	void close() {
		this.open.forEach(SegmentIdGenerator::close);
	}

	@Test
	void aThreadAloneGetsNumbersWithoutGaps() {
		SegmentIdGenerator generator = start(builder().sizes(100, 100));
		for (int i = 1; i <= 1_000; i++) {
			assertThat(generator.next()).isEqualTo(i);
		}
		long[] batch = new long[1_000];
		generator.next(batch);
		assertThat(batch).isSorted().doesNotHaveDuplicates();
		assertThat(generator.nextString()).isEqualTo("2001");
	}

	@Test
	void beginsAtTheLeastNumber() {
		assertThat(start(builder().least(70_000)).next()).isEqualTo(70_000);
	}

	@Test
	void keepsOneSegmentInReserve() {
		SegmentIdGenerator generator = start(builder().sizes(10, 10));
		generator.next();
		await(() -> this.store.calls.size() == 2);
		this.store.fail = true;
		for (int i = 2; i <= 20; i++) {
			assertThat(generator.next()).isEqualTo(i);
		}
		assertThatExceptionOfType(IdsUnavailableException.class).isThrownBy(generator::next)
			.withMessageContaining("'orders'")
			.withMessageContaining("down")
			.withCauseInstanceOf(LeaseStoreException.class);
		assertThat(generator.status().problem()).contains("down");
		this.store.fail = false;
		await(() -> generator.status().problem() == null);
		assertThat(generator.next()).isEqualTo(21);
	}

	@Test
	void waitsNoLongerThanItMayForAStoreThatHangs() throws Exception {
		this.store.gate.acquire();
		SegmentIdGenerator generator = start(builder().maxWait(Duration.ofMillis(100)));
		assertThatExceptionOfType(IdsUnavailableException.class).isThrownBy(generator::next)
			.withMessageContaining("100 ms");
		Thread.currentThread().interrupt();
		assertThatExceptionOfType(IdsUnavailableException.class).isThrownBy(generator::next);
		assertThat(Thread.interrupted()).isTrue();
		this.store.gate.release();
		await(() -> this.store.calls.size() == 1);
		assertThat(generator.next()).isEqualTo(1);
	}

	@Test
	void segmentsGrowAndShrinkWithDemand() {
		// On the clock of the test alone, which stands still while a segment is fetched.
		FetchedSegments fetched = new FetchedSegments();
		SegmentIdGenerator generator = start(
				builder().sizes(10, 5_000).observer(fetched).clock(this.time::millis, this.time::nanos));
		for (int i = 0; i < 50_000; i++) {
			generator.next();
		}
		assertThat(this.store.calls).contains(80L, 640L, 5_000L);
		assertThat(lastCall()).isEqualTo(5_000L);
		await(() -> fetched.isAheadOf(50_000));
		// Ten ids in three hours: as if the segment lasted for months.
		long[] batch = new long[10];
		for (int i = 0; i < 12; i++) {
			int calls = this.store.calls.size();
			while (this.store.calls.size() == calls) {
				this.time.pass(Duration.ofHours(3));
				generator.next(batch);
				await(() -> fetched.isAheadOf(batch[batch.length - 1]));
			}
		}
		assertThat(lastCall()).isEqualTo(10L);
	}

	private long lastCall() {
		return this.store.calls.get(this.store.calls.size() - 1);
	}

	/**
	 * Knows whether the generator has its next segment in reserve and fetches nothing.
	 */
	private final class FetchedSegments implements IdGeneratorObserver {

		private final AtomicInteger count = new AtomicInteger();

		@Override
		public void fetched(String generator, long nanos, boolean successful) {
			this.count.incrementAndGet();
		}

		/** Whether {@code id} is of a segment that was fetched before the last one. */
		boolean isAheadOf(long id) {
			return SegmentIdGeneratorTests.this.store.calls.stream()
				.limit(Math.max(0, this.count.get() - 1))
				.mapToLong(Long::longValue)
				.sum() >= id;
		}

	}

	@Test
	void threadsGetNoNumberTwiceAndEachItsOwnInOrder() throws Exception {
		SegmentIdGenerator generator = start(builder().sizes(50, 2_000));
		int threadCount = 8;
		int each = 100_000;
		ExecutorService threads = Executors.newFixedThreadPool(threadCount);
		try {
			List<Future<long[]>> results = new ArrayList<>();
			for (int i = 0; i < threadCount; i++) {
				results.add(threads.submit(() -> {
					long[] ids = new long[each];
					for (int j = 0; j < each; j++) {
						ids[j] = generator.next();
					}
					return ids;
				}));
			}
			long[] all = new long[threadCount * each];
			for (int i = 0; i < threadCount; i++) {
				long[] ids = results.get(i).get();
				for (int j = 1; j < each; j++) {
					if (ids[j] <= ids[j - 1]) {
						assertThat(ids[j]).isGreaterThan(ids[j - 1]);
					}
				}
				System.arraycopy(ids, 0, all, i * each, each);
			}
			Arrays.sort(all);
			for (int i = 1; i < all.length; i++) {
				if (all[i] == all[i - 1]) {
					assertThat(all[i]).isNotEqualTo(all[i - 1]);
				}
			}
			// A block is at most as large as what its thread has used before.
			assertThat(all[all.length - 1]).isLessThan(2L * all.length + 2 * 2_000);
		}
		finally {
			threads.shutdownNow();
		}
	}

	@Test
	void aThreadThatTakesOneNumberTakesNoMore() throws Exception {
		SegmentIdGenerator generator = start(builder());
		for (int i = 1; i <= 20; i++) {
			long[] got = new long[1];
			Thread thread = new Thread(() -> got[0] = generator.next());
			thread.start();
			thread.join();
			assertThat(got[0]).isEqualTo(i);
		}
	}

	@Test
	void saysWhenNumbersHaveRunOut() {
		SegmentIdGenerator generator = start(builder().least(Long.MAX_VALUE - 5).sizes(2, 2));
		long[] ids = new long[4];
		generator.next(ids);
		assertThat(ids).isSorted().startsWith(Long.MAX_VALUE - 5);
		assertThatExceptionOfType(IdsExhaustedException.class).isThrownBy(() -> {
			while (true) {
				assertThat(generator.next()).isPositive();
			}
		}).withMessageContaining("orders");
	}

	@Test
	void isClosed() {
		SegmentIdGenerator generator = start(builder());
		generator.next();
		generator.close();
		assertThatExceptionOfType(IdsUnavailableException.class).isThrownBy(() -> generator.next(new long[1_000]))
			.withMessageContaining("closed");
		assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> generator.decode(1));
	}

	@Test
	void refusesValuesOutOfRange() {
		assertInvalid("least", builder().least(0));
		assertInvalid("max-size", builder().sizes(0, 10));
		assertInvalid("max-size", builder().sizes(10, 9));
		assertInvalid("max-wait", builder().maxWait(Duration.ofMillis(-1)));
		assertInvalid("name", SegmentIdGenerator.builder("", this.store));
	}

	private static void assertInvalid(String value, SegmentIdGenerator.Builder builder) {
		assertThatExceptionOfType(InvalidGeneratorException.class).isThrownBy(builder::start)
			.satisfies((ex) -> assertThat(ex.getValue()).isEqualTo(value));
	}

	private static void await(BooleanSupplier condition) {
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
		while (!condition.getAsBoolean()) {
			assertThat(System.nanoTime()).isLessThan(end);
			LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200));
		}
	}

	private SegmentIdGenerator.Builder builder() {
		return SegmentIdGenerator.builder("orders", this.store)
			.maxWait(Duration.ofSeconds(10))
			.clock(this.time::millis, () -> System.nanoTime() + this.time.nanos());
	}

	private SegmentIdGenerator start(SegmentIdGenerator.Builder builder) {
		SegmentIdGenerator generator = builder.start();
		this.open.add(generator);
		return generator;
	}

	/** Fails or hangs at will. */
	private static final class ControlledStore implements SegmentStore {

		private final LocalSegmentStore store = new LocalSegmentStore();

		private final Semaphore gate = new Semaphore(1);

		private final List<Long> calls = new CopyOnWriteArrayList<>();

		private volatile boolean fail;

		@Override
		public String describe() {
			return "a store of the test";
		}

		@Override
		public IdRange next(String name, long size, long least, Duration timeout) {
			if (this.fail) {
				throw new LeaseStoreException("The store is down");
			}
			this.gate.acquireUninterruptibly();
			try {
				IdRange range = this.store.next(name, size, least, timeout);
				this.calls.add(size);
				return range;
			}
			finally {
				this.gate.release();
			}
		}

		@Override
		public void close() {
		}

	}

}
