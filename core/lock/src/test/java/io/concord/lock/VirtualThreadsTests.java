package io.concord.lock;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordingFile;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseStore;
import io.concord.lease.jdbc.JdbcLeaseStore;
import io.concord.lease.local.LocalLeaseStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Locks on virtual threads, which must leave their carriers whenever they wait: the JVM
 * itself tells of those that could not. From 24 on it bears {@code synchronized}, before
 * that it tells of it.
 */
@Timeout(120)
class VirtualThreadsTests {

	private static final String PINNED = "jdk.VirtualThreadPinned";

	private static final int CALLERS = 20;

	private static final Duration LEASE = Duration.ofSeconds(4);

	@BeforeEach
	void checkVersion() {
		assumeTrue(Runtime.version().feature() >= 21, "virtual threads are there from Java 21 on");
	}

	@Test
	void theJvmTellsOfWhatPins(@TempDir Path directory) throws Exception {
		assertThat(pinned(() -> TestLocks.await(run(Control::new, true)), directory))
			.anyMatch((event) -> frames(event).anyMatch(Control.class.getName()::equals));
	}

	@Test
	void locksInMemoryPinNoVirtualThread(@TempDir Path directory) throws Exception {
		locksPinNoVirtualThread(new LocalLeaseStore(), directory);
	}

	@Test
	void locksInADatabasePinNoVirtualThread(@TempDir Path directory) throws Exception {
		JdbcConnectionPool database = JdbcConnectionPool.create("jdbc:h2:mem:" + UUID.randomUUID(), "sa", "");
		try {
			new ResourceDatabasePopulator(new ClassPathResource("io/concord/lease/jdbc/schema-h2.sql"))
				.execute(database);
			locksPinNoVirtualThread(JdbcLeaseStore.builder(database).build(), directory);
		}
		finally {
			database.dispose();
		}
	}

	private void locksPinNoVirtualThread(LeaseStore store, Path directory) throws Exception {
		try (store;
				LeaseEngine engine = engine(store);
				LeaseEngine elsewhere = engine(store);
				Shop shop = new Shop(engine);
				Shop other = new Shop(elsewhere)) {
			// Classes that are loaded and initialised on a virtual thread pin it.
			call(shop, other, 2, Duration.ZERO, false);
			List<RecordedEvent> pinned = pinned(() -> call(shop, other, CALLERS, LEASE.plusMillis(500), true),
					directory);
			assertThat(pinned).noneMatch((event) -> frames(event).anyMatch((type) -> type.startsWith("io.concord.")));
		}
	}

	private static List<RecordedEvent> pinned(Runnable action, Path directory) throws IOException {
		try (Recording recording = new Recording()) {
			recording.enable(PINNED).withThreshold(Duration.ZERO).withStackTrace();
			recording.start();
			action.run();
			recording.stop();
			Path file = directory.resolve("pinned.jfr");
			recording.dump(file);
			return RecordingFile.readAllEvents(file)
				.stream()
				.filter((event) -> event.getEventType().getName().equals(PINNED))
				.toList();
		}
	}

	/** Both nodes at once: by annotation and by hand, waiting, renewed, and by future. */
	private void call(Shop one, Shop two, int callers, Duration longest, boolean virtual) {
		AtomicInteger sold = new AtomicInteger();
		List<CompletableFuture<?>> calls = new ArrayList<>();
		for (int i = 0; i < callers; i++) {
			Shop shop = (i % 2 == 0) ? one : two;
			calls.add(run(() -> shop.stock.sell("mug", sold), virtual));
			calls.add(run(() -> TestLocks.await(shop.stock.sellLater("mug", sold)), virtual));
			calls.add(run(() -> shop.stock.sellReactively("mug", sold).block(TestLocks.BOUND), virtual));
			calls.add(run(() -> {
				Lock lock = shop.locks.asLock("till");
				lock.lock();
				try {
					return sold.incrementAndGet();
				}
				finally {
					lock.unlock();
				}
			}, virtual));
			calls.add(run(() -> {
				HeldLock permit = shop.locks.semaphore("import", 3).acquire(TestLocks.BOUND);
				LockSupport.parkNanos(100_000);
				sold.incrementAndGet();
				permit.close();
				return true;
			}, virtual));
		}
		calls.add(run(() -> {
			// Longer than its lease, so that it has been renewed.
			try (HeldLock lock = one.locks.acquire("long", Duration.ZERO)) {
				long begin = System.nanoTime();
				while (System.nanoTime() - begin < longest.toNanos()) {
					LockSupport.parkNanos(1_000_000);
				}
				return lock.isHeld();
			}
		}, virtual));
		calls.forEach(TestLocks::await);
		assertThat(sold).hasValue(5 * callers);
	}

	private static <T> CompletableFuture<T> run(Callable<T> action, boolean virtual) {
		CompletableFuture<T> result = new CompletableFuture<>();
		Runnable task = () -> {
			try {
				result.complete(action.call());
			}
			catch (Throwable ex) {
				result.completeExceptionally(ex);
			}
		};
		if (!virtual) {
			new Thread(task).start();
			return result;
		}
		try {
			// The tests are compiled for Java 17.
			Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalStateException(ex);
		}
		return result;
	}

	private static Stream<String> frames(RecordedEvent event) {
		RecordedStackTrace trace = event.getStackTrace();
		List<RecordedFrame> frames = (trace != null) ? trace.getFrames() : List.of();
		return frames.stream().map((frame) -> frame.getMethod().getType().getName());
	}

	private static LeaseEngine engine(LeaseStore store) {
		return LeaseEngine.builder(store).storeTimeout(LEASE.dividedBy(2)).shutdownTimeout(Duration.ZERO).build();
	}

	/**
	 * Pins the thread that makes the first, whatever the version: under the
	 * initialisation of a class lies a frame of the JVM itself.
	 */
	static final class Control {

		static final long WAITED = waited();

		private static long waited() {
			long begin = System.nanoTime();
			LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
			return System.nanoTime() - begin;
		}

	}

	/** One node. */
	private static final class Shop implements AutoCloseable {

		final LeasedLocks locks;

		final Stock stock;

		private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

		Shop(LeaseEngine engine) {
			LockSettings settings = new LockSettings(TestLocks.BOUND, LEASE);
			this.locks = new LeasedLocks(() -> engine, settings);
			this.context.registerBean(DistributedLockBeanPostProcessor.class,
					() -> new DistributedLockBeanPostProcessor(() -> this.locks, () -> settings, engine::minLeaseTime));
			this.context.registerBean(Stock.class);
			this.context.refresh();
			this.stock = this.context.getBean(Stock.class);
		}

		@Override
		public void close() {
			this.context.close();
		}

	}

	static class Stock {

		@DistributedLock(name = "stock", key = "#sku")
		int sell(String sku, AtomicInteger sold) {
			LockSupport.parkNanos(100_000);
			return sold.incrementAndGet();
		}

		@DistributedLock(name = "stock", key = "#sku")
		CompletableFuture<Integer> sellLater(String sku, AtomicInteger sold) {
			return CompletableFuture.completedFuture(sold.incrementAndGet());
		}

		@DistributedLock(name = "stock", key = "#sku")
		Mono<Integer> sellReactively(String sku, AtomicInteger sold) {
			return Mono.fromCallable(sold::incrementAndGet);
		}

	}

}
