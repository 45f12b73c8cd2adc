package io.concord.faults;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

import io.concord.idgen.IdClock;
import io.concord.idgen.IdGenerationException;
import io.concord.idgen.LongIdGenerator;
import io.concord.idgen.NoFreeWorkerIdException;
import io.concord.idgen.SegmentIdGenerator;
import io.concord.idgen.SegmentStore;
import io.concord.idgen.SequenceIdGenerator;
import io.concord.idgen.SequenceStore;
import io.concord.idgen.SnowflakeIdGenerator;
import io.concord.idgen.SnowflakeLayout;
import io.concord.idgen.WorkerIdStore;
import io.concord.lease.LeaseStoreException;
import io.concord.test.faults.HistoryWriter.Begun;
import io.concord.test.faults.Operation.Outcome;
import io.concord.test.faults.Workload;

/**
 * Takes ids of every kind, one by one and in batches, and writes down all that it was
 * given: as ranges, into a file for each kind and thread, beside the history. What was
 * given to a worker that dies before it has written it is never looked for.
 */
final class IdWorkload implements Workload {

	static final String SNOWFLAKE = "snowflake";

	static final String SEGMENT = "segment";

	static final String SEQUENCE = "sequence";

	static final List<String> KINDS = List.of(SNOWFLAKE, SEGMENT, SEQUENCE);

	/** What the files of a kind are called, with the worker and the thread in between. */
	static final String SUFFIX = ".ids";

	/** A call that gave none. */
	static final String NONE = "none";

	/** Takes an id when all is well again. */
	static final String PROBE = "probe";

	private static final Duration MAX_WAIT = Duration.ofMillis(300);

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private static final int BATCH = 1_000;

	private static final int SINGLES = 100;

	/** Each of them costs a call of the store. */
	private static final int SEQUENCE_SINGLES = 3;

	private static final int MOST_PAUSE_MILLIS = 30;

	private final Workload.Context context;

	private final List<Source> sources;

	private final List<AutoCloseable> resources;

	private final ThreadLocal<List<DataOutputStream>> files = ThreadLocal.withInitial(this::open);

	IdWorkload(Workload.Context context, List<Source> sources, List<AutoCloseable> resources) {
		this.context = context;
		this.sources = List.copyOf(sources);
		this.resources = List.copyOf(resources);
	}

	/** Generators of every kind, in the order of {@link #KINDS}. */
	static List<Source> sources(Workload.Context context, Stores stores, Duration lead, Duration storeTimeout) {
		SnowflakeIdGenerator.Builder snowflake = IdClock
			.wall(SnowflakeIdGenerator.builder(SNOWFLAKE, layout(context)), context.wallMillis())
			.store(stores.workers())
			.holder("worker " + context.worker())
			.lead(lead)
			.maxWait(MAX_WAIT)
			.storeTimeout(storeTimeout);
		return List.of(source(started(snowflake)),
				source(SegmentIdGenerator.builder(SEGMENT, stores.segments())
					.maxWait(MAX_WAIT)
					.storeTimeout(storeTimeout)
					.start()),
				source(SequenceIdGenerator.builder(SEQUENCE, stores.sequences()).storeTimeout(storeTimeout).start()));
	}

	/**
	 * Just enough bits for all workers. With sixteen, one that takes another's place has
	 * to wait for an id that somebody has left, as in a cluster that has been restarted
	 * often enough.
	 */
	static int workerBits(Workload.Context context) {
		return Integer.SIZE - Integer.numberOfLeadingZeros(Integer.parseInt(context.option("workers")) - 1);
	}

	private static SnowflakeLayout layout(Workload.Context context) {
		return new SnowflakeLayout(SnowflakeLayout.DEFAULT_EPOCH, ChronoUnit.MILLIS, 41, 0, workerBits(context), 12);
	}

	/** All of ours can be closed. */
	private static Source source(LongIdGenerator generator) {
		return new Source(generator.name(), generator::next, generator::next, (AutoCloseable) generator);
	}

	/**
	 * While sixteen start at once, the store can be slower than its time-out, and what a
	 * dead worker has left is not free at once.
	 */
	private static SnowflakeIdGenerator started(SnowflakeIdGenerator.Builder builder) {
		long end = System.nanoTime() + PATIENCE.toNanos();
		while (true) {
			try {
				return builder.start();
			}
			catch (LeaseStoreException | NoFreeWorkerIdException ex) {
				if (System.nanoTime() - end > 0) {
					throw ex;
				}
			}
		}
	}

	@Override
	public void operate(int thread, Random random) {
		int way = random.nextInt(100);
		int kind = Math.min((way < 50) ? 0 : (way < 95) ? 1 : 2, this.sources.size() - 1);
		boolean batch = random.nextBoolean();
		Duration pause = Duration.ofMillis(random.nextInt(MOST_PAUSE_MILLIS));
		Source source = this.sources.get(kind);
		try {
			if (kind < 2 && batch) {
				long[] ids = new long[BATCH];
				source.batch().accept(ids);
				write(kind, ids, ids.length);
			}
			else {
				long[] ids = new long[(kind < 2) ? SINGLES : SEQUENCE_SINGLES];
				int count = 0;
				try {
					while (count < ids.length) {
						ids[count] = source.next().getAsLong();
						count++;
					}
				}
				finally {
					write(kind, ids, count);
				}
			}
		}
		catch (IdGenerationException ex) {
			this.context.history().begin(thread, NONE, source.name(), 0).end(Outcome.FAIL);
		}
		LockSupport.parkNanos(pause.toNanos());
	}

	private List<DataOutputStream> open() {
		String name = this.context.worker() + "-" + Thread.currentThread().getId() + SUFFIX;
		return KINDS.stream().map((kind) -> {
			try {
				Path file = Path.of(this.context.option("history")).resolve(kind + "-" + name);
				return new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)));
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}).toList();
	}

	private void write(int kind, long[] ids, int count) {
		DataOutputStream file = this.files.get().get(kind);
		try {
			int begin = 0;
			for (int i = 1; i <= count; i++) {
				if (i == count || ids[i] != ids[i - 1] + 1) {
					file.writeLong(ids[begin]);
					file.writeInt(i - begin);
					begin = i;
				}
			}
			file.flush();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void probe(int thread) {
		for (Source source : this.sources) {
			Begun probe = this.context.history().begin(thread, PROBE, source.name(), 0);
			Outcome outcome = Outcome.FAIL;
			long end = System.nanoTime() + PATIENCE.toNanos();
			while (outcome != Outcome.OK && System.nanoTime() - end < 0) {
				try {
					source.next().getAsLong();
					outcome = Outcome.OK;
				}
				catch (IdGenerationException ex) {
					// As long as there is time.
				}
			}
			probe.end(outcome);
		}
	}

	@Override
	public void close() {
		try {
			for (Source source : this.sources) {
				source.end().close();
			}
			for (AutoCloseable resource : this.resources) {
				resource.close();
			}
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * A generator, ours or another's. What it throws when it has no id is an
	 * {@link IdGenerationException}.
	 *
	 * @param name of its kind
	 * @param next gives an id
	 * @param batch fills an array
	 * @param end ends it
	 */
	record Source(String name, LongSupplier next, Consumer<long[]> batch, AutoCloseable end) {
	}

	/**
	 * Stores on the server of a run.
	 *
	 * @param workers worker ids
	 * @param segments segments
	 * @param sequences sequences
	 */
	record Stores(WorkerIdStore workers, SegmentStore segments, SequenceStore sequences) {
	}

}
