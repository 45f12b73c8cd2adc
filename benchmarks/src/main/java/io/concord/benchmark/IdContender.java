package io.concord.benchmark;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

import com.github.f4b6a3.tsid.TsidFactory;
import io.hypersistence.tsid.TSID;
import me.ahoo.cosid.CosId;
import me.ahoo.cosid.segment.IdSegmentDistributor;
import me.ahoo.cosid.segment.SegmentChainId;
import me.ahoo.cosid.snowflake.MillisecondSnowflakeId;

import io.concord.benchmark.IdSource.Ids;
import io.concord.idgen.LongIdGenerator;
import io.concord.idgen.SegmentIdGenerator;
import io.concord.idgen.SegmentStore;
import io.concord.idgen.SnowflakeIdGenerator;
import io.concord.idgen.SnowflakeLayout;
import io.concord.idgen.WorkerIdStore;
import io.concord.idgen.local.LocalSegmentStore;
import io.concord.idgen.local.LocalWorkerIdStore;

/**
 * A way to get ids.
 */
enum IdContender {

	CONCORD_12("Concord snowflake, 12 bits of sequence", Kind.TWELVE_BITS,
			() -> ids(snowflake(SnowflakeLayout.STANDARD))),

	CONCORD_12_BATCH("Concord snowflake, 12 bits, batches of 100", Kind.TWELVE_BITS,
			() -> batches(snowflake(SnowflakeLayout.STANDARD))),

	COSID_12("CosId snowflake, 12 bits", Kind.TWELVE_BITS, () -> Ids.of(new MillisecondSnowflakeId(1)::generate)),

	CONCORD_16("Concord snowflake, 16 bits", Kind.MORE_BITS, () -> ids(snowflake(Layouts.SIXTEEN))),

	CONCORD_16_BATCH("Concord snowflake, 16 bits, batches of 100", Kind.MORE_BITS,
			() -> batches(snowflake(Layouts.SIXTEEN))),

	COSID_16("CosId snowflake, 16 bits", Kind.MORE_BITS,
			() -> Ids.of(new MillisecondSnowflakeId(CosId.COSID_EPOCH, 41, 6, 16, 1)::generate)),

	TSID_CREATOR("tsid-creator", Kind.MORE_BITS, () -> {
		TsidFactory factory = TsidFactory.newInstance1024(1);
		return Ids.of(() -> factory.create().toLong());
	}),

	HYPERSISTENCE("hypersistence-tsid", Kind.MORE_BITS, () -> {
		TSID.Factory factory = TSID.Factory.newInstance1024(1);
		return Ids.of(() -> factory.generate().toLong());
	}),

	CONCORD_SEGMENT("Concord segment", Kind.SEGMENT, () -> ids(segment(new LocalSegmentStore()))),

	CONCORD_SEGMENT_BATCH("Concord segment, batches of 100", Kind.SEGMENT,
			() -> batches(segment(new LocalSegmentStore()))),

	COSID_CHAIN("CosId segment chain, step 1000", Kind.SEGMENT,
			() -> Ids.of(new SegmentChainId(new IdSegmentDistributor.Atomic(Layouts.STEP))::generate)),

	ATOMIC_LONG("AtomicLong", Kind.FLOOR, () -> Ids.of(new AtomicLong()::incrementAndGet)),

	CONCORD_SEGMENT_SLOW("Concord segment", Kind.SLOW_STORE,
			() -> ids(segment(Layouts.slow(SegmentStore.class, new LocalSegmentStore())))),

	CONCORD_16_SLOW("Concord snowflake, 16 bits", Kind.SLOW_STORE,
			() -> ids(SnowflakeIdGenerator.builder("ids", Layouts.SIXTEEN)
				.store(Layouts.slow(WorkerIdStore.class, new LocalWorkerIdStore()))
				.lead(Duration.ofMillis(300))
				.start())),

	COSID_CHAIN_SLOW("CosId segment chain, step 1000", Kind.SLOW_STORE,
			() -> Ids.of(new SegmentChainId(new SlowDistributor())::generate));

	private static final int BATCH = 100;

	private final String title;

	private final Kind kind;

	private final Supplier<Ids> opening;

	IdContender(String title, Kind kind, Supplier<Ids> opening) {
		this.title = title;
		this.kind = kind;
		this.opening = opening;
	}

	String title() {
		return this.title;
	}

	boolean isConcord() {
		return name().startsWith("CONCORD_");
	}

	Kind kind() {
		return this.kind;
	}

	Ids open() {
		return this.opening.get();
	}

	static List<IdContender> of(Kind... kinds) {
		List<Kind> wanted = List.of(kinds);
		return Arrays.stream(values()).filter((contender) -> wanted.contains(contender.kind())).toList();
	}

	private static LongIdGenerator snowflake(SnowflakeLayout layout) {
		return SnowflakeIdGenerator.builder("ids", layout).store(new LocalWorkerIdStore()).start();
	}

	private static LongIdGenerator segment(SegmentStore store) {
		return SegmentIdGenerator.builder("ids", store).start();
	}

	private static Ids ids(LongIdGenerator generator) {
		return Ids.of(generator::next);
	}

	private static Ids batches(LongIdGenerator generator) {
		return new Ids(BATCH, () -> {
			long[] batch = new long[BATCH];
			return () -> {
				generator.next(batch);
				return batch[BATCH - 1];
			};
		});
	}

	/** Who is compared with whom. */
	enum Kind {

		/** At most 4,096 ids a millisecond. */
		TWELVE_BITS,

		/** What is not bounded so. */
		MORE_BITS,

		/** Ranges of numbers. */
		SEGMENT,

		/** What no id of several processes can be. */
		FLOOR,

		/** As above, with a store that takes its time. */
		SLOW_STORE

	}

	/** Settings; constants of an enum can't see those of their own type. */
	private static final class Layouts {

		static final int STEP = 1000;

		static final long STORE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

		static final SnowflakeLayout SIXTEEN = new SnowflakeLayout(SnowflakeLayout.DEFAULT_EPOCH, ChronoUnit.MILLIS, 41,
				0, 6, 16);

		private Layouts() {
		}

		static void pass() {
			LockSupport.parkNanos(STORE_NANOS);
		}

		/** A store whose calls take their time. */
		static <S> S slow(Class<S> type, S store) {
			return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type },
					(proxy, method, arguments) -> {
						pass();
						try {
							return method.invoke(store, arguments);
						}
						catch (InvocationTargetException ex) {
							throw ex.getTargetException();
						}
					}));
		}

	}

	private static final class SlowDistributor implements IdSegmentDistributor {

		private final AtomicLong last = new AtomicLong();

		private final String name = UUID.randomUUID().toString();

		@Override
		public String getNamespace() {
			return "benchmark";
		}

		@Override
		public String getName() {
			return this.name;
		}

		@Override
		public long getStep() {
			return Layouts.STEP;
		}

		@Override
		public long nextMaxId(long step) {
			Layouts.pass();
			return this.last.addAndGet(step);
		}

	}

}
