package io.concord.idgen;

import java.lang.ref.WeakReference;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.idgen.local.LocalSegmentStore;
import io.concord.idgen.local.LocalSequenceStore;
import io.concord.idgen.local.LocalWorkerIdStore;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Generators under a class loader that is thrown away, as that of an application that
 * DevTools restart: nothing static, no thread and no thread-local keeps it.
 */
@Timeout(60)
public class RestartTests {

	@Test
	void leavesNothingToThreadsThatLiveOn() throws Exception {
		ExecutorService survivor = Executors.newSingleThreadExecutor();
		try {
			survivor.submit(() -> 0).get();
			WeakReference<ClassLoader> classLoader = use(survivor);
			long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
			while (classLoader.get() != null) {
				assertThat(System.nanoTime()).as("the class loader is still there").isLessThan(end);
				System.gc();
				LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
			}
			assertThat(survivor.submit(() -> 1).get()).isEqualTo(1);
		}
		finally {
			survivor.shutdownNow();
		}
	}

	/** In a method of its own, so that no variable keeps the class loader. */
	private static WeakReference<ClassLoader> use(ExecutorService survivor) throws Exception {
		ClassLoader classLoader = new ApplicationClassLoader();
		Object application = classLoader.loadClass(Application.class.getName()).getDeclaredConstructor().newInstance();
		assertThat(application.getClass()).isNotEqualTo(Application.class);
		LongSupplier ids = (LongSupplier) application;
		assertThat(survivor.submit(ids::getAsLong).get()).isPositive();
		((Runnable) application).run();
		return new WeakReference<>(classLoader);
	}

	/** Has a generator of each kind. Public, as it is used across class loaders. */
	public static final class Application implements LongSupplier, Runnable {

		private final SnowflakeIdGenerator snowflake = SnowflakeIdGenerator.builder("a", SnowflakeLayout.STANDARD)
			.store(new LocalWorkerIdStore())
			.start();

		private final SegmentIdGenerator segment = SegmentIdGenerator.builder("b", new LocalSegmentStore()).start();

		private final SequenceIdGenerator sequence = SequenceIdGenerator.builder("c", new LocalSequenceStore()).start();

		@Override
		public long getAsLong() {
			return this.snowflake.next() + this.segment.next() + this.sequence.next();
		}

		public Application() {
		}

		/** Ends them. */
		@Override
		public void run() {
			this.snowflake.close();
			this.segment.close();
			this.sequence.close();
		}

	}

}
