package io.concord.idgen;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.concord.idgen.local.LocalWorkerIdStore;
import io.concord.lease.LeaseStoreException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Timeout(60)
class SnowflakeIdGeneratorTests {

	private static final SnowflakeLayout LAYOUT = SnowflakeLayout.STANDARD;

	private final TestTime time = new TestTime();

	/** The store's own clock, which steps of the process's don't move. */
	private final AtomicLong storeStep = new AtomicLong();

	private final FailingWorkerIdStore store = new FailingWorkerIdStore(
			new LocalWorkerIdStore(() -> this.time.millis() - this.storeStep.get()));

	private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();

	private final List<SnowflakeIdGenerator> open = new ArrayList<>();

	@AfterEach
	void close() {
		this.open.forEach(SnowflakeIdGenerator::close);
	}

	@Test
	void idsRiseAndShowTimeAndWorker() {
		SnowflakeIdGenerator generator = start(builder());
		long last = 0;
		for (int i = 0; i < 20_000; i++) {
			long id = generator.next();
			assertThat(id).isGreaterThan(last);
			last = id;
		}
		DecodedId decoded = generator.decode(last);
		assertThat(decoded.worker()).isZero();
		assertThat(decoded.time()).isBetween(TestTime.START, Instant.ofEpochMilli(this.time.millis()));
		assertThat(this.events).containsExactly(new WorkerIdTakenEvent("orders", 0));
	}

	@Test
	void waitsForTheNextUnitWhenAllIdsOfOneAreIssued() {
		SnowflakeIdGenerator generator = start(builder(smallLayout()));
		long[] batch = new long[1_000];
		generator.next(batch);
		assertThat(batch).isSorted().doesNotHaveDuplicates();
		// 16 ids a unit, the first with fewer as it begins at random.
		assertThat(this.time.millis() - TestTime.START.toEpochMilli()).isBetween(62L, 64L);
		assertThat(generator.decode(batch[999]).time()).isBeforeOrEqualTo(Instant.ofEpochMilli(this.time.millis()));
	}

	@Test
	void makesUpForUnitsThatPassWhileAllWait() {
		SnowflakeIdGenerator generator = start(builder(smallLayout()));
		generator.next(new long[64]);
		long before = this.time.millis();
		this.time.pass(Duration.ofMillis(20));
		generator.next(new long[20 * 16]);
		assertThat(this.time.millis() - before).isBetween(20L, 21L);
		this.time.pass(Duration.ofMillis(SnowflakeIdGenerator.CATCH_UP_MILLIS));
		assertThat(generator.decode(generator.next()).time()).isEqualTo(Instant.ofEpochMilli(this.time.millis()));
	}

	@Test
	void usesWhatIsLeftOfABlockUnderFullLoadAndDropsItOtherwise() {
		SnowflakeIdGenerator generator = start(builder(layout(SnowflakeLayout.DEFAULT_EPOCH, 41)));
		generator.next(new long[5_000]);
		long last = begunBlock(generator);
		this.time.pass(Duration.ofMillis(2));
		assertThat(generator.next()).isEqualTo(last + 1);
		this.time.pass(Duration.ofMillis(SnowflakeIdGenerator.CATCH_UP_MILLIS));
		assertThat(generator.decode(generator.next()).time()).isEqualTo(Instant.ofEpochMilli(this.time.millis()));
		last = begunBlock(generator);
		this.time.pass(Duration.ofMillis(2));
		long next = generator.next();
		assertThat(next).isGreaterThan(last + 1);
		assertThat(generator.decode(next).time()).isEqualTo(Instant.ofEpochMilli(this.time.millis()));
	}

	/** Blocks double as long as they are used up: most of the last one is left. */
	private static long begunBlock(SnowflakeIdGenerator generator) {
		long last = 0;
		for (int i = 0; i < 1 + 2 + 4 + 8 + 1; i++) {
			last = generator.next();
		}
		return last;
	}

	@Test
	void threadsGetNoIdTwiceAndEachItsOwnInOrder() throws Exception {
		SnowflakeIdGenerator generator = SnowflakeIdGenerator.builder("orders", LAYOUT)
			.store(new LocalWorkerIdStore())
			.start();
		this.open.add(generator);
		int threadCount = 8;
		int each = 200_000;
		ExecutorService threads = Executors.newFixedThreadPool(threadCount);
		try {
			List<Future<long[]>> results = new ArrayList<>();
			for (int i = 0; i < threadCount; i++) {
				boolean batches = i % 2 == 0;
				results.add(threads.submit(() -> {
					long[] ids = new long[each];
					for (int j = 0; j < each; j += 100) {
						if (batches) {
							long[] batch = new long[100];
							generator.next(batch);
							System.arraycopy(batch, 0, ids, j, 100);
						}
						else {
							for (int k = 0; k < 100; k++) {
								ids[j + k] = generator.next();
							}
						}
					}
					return ids;
				}));
			}
			long[] all = new long[threadCount * each];
			for (int i = 0; i < threadCount; i++) {
				long[] ids = results.get(i).get();
				assertRises(ids);
				System.arraycopy(ids, 0, all, i * each, each);
			}
			Arrays.sort(all);
			assertRises(all);
		}
		finally {
			threads.shutdownNow();
		}
	}

	private static void assertRises(long[] ids) {
		for (int i = 1; i < ids.length; i++) {
			if (ids[i] <= ids[i - 1]) {
				assertThat(ids[i]).as("id %d", i).isGreaterThan(ids[i - 1]);
			}
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 2, 3, 4, 5, 7, 8, 10, 16, 32, 64, 100, 128, 1_000, 1_024 })
	void idsAtLowRatesAreUniformModuloAnyNumber(int modulus) {
		SnowflakeIdGenerator generator = start(builder());
		int samples = modulus * 100;
		int[] counts = new int[modulus];
		for (int i = 0; i < samples; i++) {
			// Units like those of a clock that ticks in tens: nothing random in the time.
			this.time.pass(Duration.ofMillis(10));
			counts[(int) (generator.next() % modulus)]++;
			if (i % 100 == 0) {
				hold(generator);
			}
		}
		double chiSquare = 0;
		double expected = (double) samples / modulus;
		for (int count : counts) {
			chiSquare += (count - expected) * (count - expected) / expected;
		}
		int freedom = modulus - 1;
		// Six standard deviations, and the skew of few degrees of freedom.
		assertThat(chiSquare).isLessThan(freedom + 6 * Math.sqrt(2.0 * freedom) + 15);
	}

	@Test
	void bridgesAStepBackWithinTheLead() {
		SnowflakeIdGenerator generator = start(builder().maxClockLead(Duration.ofSeconds(3)));
		long before = generator.next();
		step(Duration.ofSeconds(-2));
		long[] batch = new long[50_000];
		generator.next(batch);
		assertThat(batch[0]).isGreaterThan(before);
		assertThat(batch).isSorted().doesNotHaveDuplicates();
		assertThat(generator.decode(batch[49_999]).time())
			.isBeforeOrEqualTo(Instant.ofEpochMilli(this.time.millis()).plusSeconds(3));
	}

	@Test
	void failsWithinTheBoundedWaitAfterALongStepBackAndRecovers() {
		SnowflakeIdGenerator generator = start(
				builder().maxClockLead(Duration.ofSeconds(1)).maxWait(Duration.ofMillis(500)));
		long before = generator.next();
		step(Duration.ofHours(-1));
		long wall = this.time.nanos();
		assertThatExceptionOfType(ClockException.class).isThrownBy(generator::next)
			.withMessageContaining("stepped back")
			.withMessageContaining("1000 ms");
		assertThat(this.time.nanos() - wall).isLessThanOrEqualTo(Duration.ofMillis(600).toNanos());
		step(Duration.ofHours(1));
		assertThat(generator.next()).isGreaterThan(before);
	}

	@Test
	void waitsForAClockThatIsBehindByLittleMoreThanTheLead() {
		SnowflakeIdGenerator generator = start(
				builder().maxClockLead(Duration.ofSeconds(1)).maxWait(Duration.ofMillis(500)));
		long before = generator.next();
		step(Duration.ofMillis(-1_200));
		assertThat(generator.next()).isGreaterThan(before);
	}

	@Test
	void neverIssuesAboveTheMark() {
		SnowflakeIdGenerator generator = start(builder().lead(Duration.ofSeconds(6)).maxWait(Duration.ofMillis(200)));
		generator.next();
		this.store.fail(true);
		long mark = TestTime.START.toEpochMilli() + 6_000;
		List<Long> ids = new ArrayList<>();
		assertThatExceptionOfType(IdsUnavailableException.class).isThrownBy(() -> {
			while (true) {
				ids.add(generator.next());
				this.time.pass(Duration.ofMillis(10));
			}
		}).withMessageContaining("may issue ids up to");
		assertThat(ids).hasSizeGreaterThan(600);
		assertThat(ids)
			.allSatisfy((id) -> assertThat(generator.decode(id).time().toEpochMilli()).isLessThanOrEqualTo(mark));
		await(() -> generator.status().problem() != null);
		this.store.fail(false);
		await(() -> generator.status().problem() == null);
		assertThat(generator.next()).isGreaterThan(ids.get(ids.size() - 1));
	}

	@Test
	void tellsThatTheClockIsAheadOfTheStore() {
		SnowflakeIdGenerator generator = start(builder().lead(Duration.ofSeconds(3)).maxWait(Duration.ofSeconds(3)));
		generator.next();
		step(Duration.ofHours(1));
		assertThatExceptionOfType(ClockException.class).isThrownBy(generator::next).withMessageContaining("ahead of");
	}

	@Test
	void takesAnotherWorkerIdWhenItsOwnIsLostAndIdsGoOnToRise() throws Exception {
		SnowflakeIdGenerator generator = start(builder().lead(Duration.ofSeconds(3)));
		long before = generator.next();
		assertThat(generator.decode(before).worker()).isZero();
		WorkerIdLease other = take("other");
		for (int i = 1; i < 1_023; i++) {
			take("other-" + i);
		}
		// Paused for so long that another has taken the only one whose holder is gone.
		this.time.pass(Duration.ofSeconds(4));
		take("thief");
		assertThat(generator.decode(generator.next()).time())
			.isAfterOrEqualTo(Instant.ofEpochMilli(this.time.millis()).minusSeconds(2));
		assertThat(this.events.poll()).isEqualTo(new WorkerIdTakenEvent("orders", 0));
		assertThat(this.events.poll(20, TimeUnit.SECONDS))
			.isEqualTo(new WorkerIdLostEvent("orders", 0, "holder of thief"));
		assertThatExceptionOfType(IdsUnavailableException.class).isThrownBy(() -> generator.next(new long[100_000]))
			.withMessageContaining("no worker id")
			.withCauseInstanceOf(NoFreeWorkerIdException.class);
		this.store.release(other, TestTime.START.toEpochMilli(), Duration.ofSeconds(1));
		assertThat(this.events.poll(20, TimeUnit.SECONDS)).isEqualTo(new WorkerIdTakenEvent("orders", 1));
		long after = generator.next();
		assertThat(after).isGreaterThan(before);
		assertThat(generator.decode(after).worker()).isEqualTo(1);
	}

	@Test
	void startsAboveTheMarkOfItsPredecessor() {
		SnowflakeLayout one = new SnowflakeLayout(SnowflakeLayout.DEFAULT_EPOCH, ChronoUnit.MILLIS, 41, 0, 0, 12);
		SnowflakeIdGenerator first = start(builder(one));
		long last = 0;
		for (int i = 0; i < 10_000; i++) {
			last = first.next();
		}
		first.close();
		step(Duration.ofMillis(-1_500));
		SnowflakeIdGenerator second = start(builder(one));
		assertThat(second.next()).isGreaterThan(last);
		assertThatExceptionOfType(IdsUnavailableException.class).isThrownBy(() -> {
			while (true) {
				first.next();
			}
		}).withMessageContaining("closed");
	}

	@Test
	void listsTheHoldersWhenAllWorkerIdsAreTaken() {
		for (int i = 0; i < 1_024; i++) {
			take("other-" + i);
		}
		assertThatExceptionOfType(NoFreeWorkerIdException.class).isThrownBy(() -> builder().start())
			.satisfies((ex) -> assertThat(ex.getHolders()).hasSize(1_024))
			.withMessageContaining("0: holder of other-")
			.withMessageContaining("1023: holder of other-");
	}

	@Test
	void usesTheDatacenterAndTheWorkerThatAreGiven() {
		SnowflakeIdGenerator inDatacenter = start(builder().datacenter(3));
		assertThat(inDatacenter.decode(inDatacenter.next())).satisfies((id) -> {
			assertThat(id.datacenter()).isEqualTo(3);
			assertThat(id.machine()).isZero();
			assertThat(id.worker()).isEqualTo(96);
		});
		SnowflakeIdGenerator fixed = start(builder().worker(97));
		assertThat(fixed.decode(fixed.next()).machine()).isEqualTo(1);
		SnowflakeIdGenerator manual = SnowflakeIdGenerator.builder("orders", LAYOUT)
			.worker(1_023)
			.clock(this.time::millis, this.time::nanos, this.time::park)
			.start();
		assertThat(manual.decode(manual.next()).worker()).isEqualTo(1_023);
		manual.close();
		assertThatExceptionOfType(IdsUnavailableException.class).isThrownBy(() -> manual.next(new long[10_000]));
	}

	@Test
	void refusesAnotherLayout() {
		start(builder());
		assertThatExceptionOfType(LayoutMismatchException.class)
			.isThrownBy(() -> builder(SnowflakeLayout.JAVASCRIPT).start())
			.withMessageContaining(SnowflakeLayout.JAVASCRIPT.stamp())
			.withMessageContaining(LAYOUT.stamp());
	}

	@Test
	void refusesToStartOnAClockThatDiffersFromTheStores() {
		step(Duration.ofSeconds(7));
		assertThatExceptionOfType(ClockException.class).isThrownBy(() -> builder().start())
			.withMessageContaining("7000 ms ahead of");
		step(Duration.ofSeconds(-14));
		assertThatExceptionOfType(ClockException.class).isThrownBy(() -> builder().start())
			.withMessageContaining("7000 ms behind");
		assertThat(this.store.holders("orders", Duration.ofSeconds(1))).isEmpty();
	}

	@Test
	void failsAtStartIfTheStoreIsDown() {
		this.store.fail(true);
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> builder().start())
			.withMessageContaining("down");
	}

	@Test
	void refusesValuesOutOfRange() {
		assertInvalid("worker-id", builder().worker(1_024));
		assertInvalid("worker-id", builder().worker(-1));
		assertInvalid("worker-id", builder().worker(5).datacenter(1));
		assertInvalid("datacenter", builder().datacenter(32));
		assertInvalid("lead", builder().lead(Duration.ofMillis(50)));
		assertInvalid("max-clock-lead", builder().maxClockLead(Duration.ofMinutes(1)));
		assertInvalid("max-skew", builder().maxSkew(Duration.ofMillis(-1)));
		assertInvalid("max-wait", builder().maxWait(Duration.ofMillis(-1)));
		assertInvalid("worker-id", SnowflakeIdGenerator.builder("orders", LAYOUT));
		assertInvalid("epoch", builder(layout(TestTime.START.plusSeconds(3_600), 41)));
		assertInvalid("epoch", builder(layout(SnowflakeLayout.DEFAULT_EPOCH, 20)));
	}

	@Test
	void endsWhenTheLayoutHasRunOut() {
		SnowflakeLayout layout = layout(TestTime.START.minusMillis((1 << 20) - 5_000), 20);
		SnowflakeIdGenerator generator = start(builder(layout));
		assertThat(generator.next()).isPositive();
		assertThat(generator.status().worker()).isNotNull();
		this.time.pass(Duration.ofSeconds(4));
		assertThat(generator.next()).isPositive();
		this.time.pass(Duration.ofSeconds(8));
		assertThatExceptionOfType(IdGenerationException.class).isThrownBy(() -> generator.next(new long[100_000]))
			.withMessageContaining(layout.runsOut().toString());
	}

	@Test
	void secondsWorkAsMillisecondsDo() {
		SnowflakeLayout layout = new SnowflakeLayout(SnowflakeLayout.DEFAULT_EPOCH, ChronoUnit.SECONDS, 32, 0, 10, 4);
		SnowflakeIdGenerator generator = start(builder(layout));
		long[] batch = new long[40];
		generator.next(batch);
		assertThat(batch).isSorted().doesNotHaveDuplicates();
		assertThat(this.time.millis() - TestTime.START.toEpochMilli()).isBetween(2_000L, 3_000L);
		assertThat(generator.decode(batch[39]).time()).isEqualTo(Instant.ofEpochMilli(this.time.millis()));
	}

	@Test
	void interruptedThreadGetsItsIdsAndKeepsItsFlag() {
		SnowflakeIdGenerator generator = start(builder(smallLayout()));
		Thread.currentThread().interrupt();
		generator.next(new long[200]);
		assertThat(Thread.interrupted()).isTrue();
	}

	@Test
	void statusTellsWorkerMarkAndWhenItRunsOut() {
		SnowflakeIdGenerator generator = start(builder());
		generator.next(new long[10]);
		generator.next(new long[1]);
		IdGeneratorStatus status = generator.status();
		assertThat(status.kind()).isEqualTo("snowflake");
		assertThat(status.problem()).isNull();
		assertThat(status.issued()).isBetween(0L, 11L);
		assertThat(status.worker()).isNotNull().satisfies((worker) -> {
			assertThat(worker.workerId()).isZero();
			assertThat(worker.highWater()).isEqualTo(TestTime.START.plusSeconds(10));
			assertThat(worker.leadMillis()).isEqualTo(10_000);
			assertThat(worker.clockSkewMillis()).isZero();
			assertThat(worker.runsOut()).isEqualTo(LAYOUT.runsOut());
		});
	}

	@Test
	void observerIsToldOfWaitsAndSteps() {
		ConcurrentHashMap<String, Long> told = new ConcurrentHashMap<>();
		SnowflakeIdGenerator generator = start(builder(smallLayout()).observer(new IdGeneratorObserver() {

			@Override
			public void waited(String generator, long nanos, boolean successful) {
				told.merge("waited " + successful, 1L, Long::sum);
			}

			@Override
			public void clockStepped(String generator, long millis) {
				told.put("stepped", millis);
			}

			@Override
			public void fetched(String generator, long nanos, boolean successful) {
				told.merge("fetched " + successful, 1L, Long::sum);
			}

		}));
		generator.next(new long[100]);
		step(Duration.ofMillis(-500));
		generator.next();
		assertThat(told).containsEntry("stepped", 500L).containsKeys("waited true", "fetched true");
	}

	private void step(Duration duration) {
		this.storeStep.addAndGet(duration.toMillis());
		this.time.step(duration);
	}

	/** Lets the keeper's thread move the mark. */
	private void hold(SnowflakeIdGenerator generator) {
		await(() -> {
			generator.hurry();
			IdGeneratorStatus.Worker worker = generator.status().worker();
			return worker != null && worker.leadMillis() != null && worker.leadMillis() > 5_000;
		});
	}

	private static void await(BooleanSupplier condition) {
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
		while (!condition.getAsBoolean()) {
			assertThat(System.nanoTime()).isLessThan(end);
			LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200));
		}
	}

	private static void assertInvalid(String value, SnowflakeIdGenerator.Builder builder) {
		assertThatExceptionOfType(InvalidGeneratorException.class).isThrownBy(builder::start)
			.satisfies((ex) -> assertThat(ex.getValue()).isEqualTo(value));
	}

	private static SnowflakeLayout layout(Instant epoch, int timestampBits) {
		return new SnowflakeLayout(epoch, ChronoUnit.MILLIS, timestampBits, 5, 5, 12);
	}

	/** 16 ids a millisecond. */
	private static SnowflakeLayout smallLayout() {
		return new SnowflakeLayout(SnowflakeLayout.DEFAULT_EPOCH, ChronoUnit.MILLIS, 41, 5, 5, 4);
	}

	private WorkerIdLease take(String owner) {
		WorkerIdClaim claim = new WorkerIdClaim("orders", LAYOUT.stamp(), 0, 1_023, owner, "holder of " + owner,
				Duration.ofMinutes(10));
		WorkerIdAnswer answer = this.store.claim(claim, Duration.ofSeconds(1));
		assertThat(answer).isInstanceOf(WorkerIdAnswer.Granted.class);
		return ((WorkerIdAnswer.Granted) answer).lease();
	}

	private SnowflakeIdGenerator.Builder builder() {
		return builder(LAYOUT);
	}

	private SnowflakeIdGenerator.Builder builder(SnowflakeLayout layout) {
		return SnowflakeIdGenerator.builder("orders", layout)
			.store(this.store)
			.events(this.events::add)
			.clock(this.time::millis, this.time::nanos, this.time::park);
	}

	private SnowflakeIdGenerator start(SnowflakeIdGenerator.Builder builder) {
		SnowflakeIdGenerator generator = builder.start();
		this.open.add(generator);
		return generator;
	}

}
