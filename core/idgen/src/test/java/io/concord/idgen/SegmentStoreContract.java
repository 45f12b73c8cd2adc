package io.concord.idgen;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What every {@link SegmentStore} must do.
 */
@Timeout(120)
public abstract class SegmentStoreContract {

	protected static final Duration TIMEOUT = Duration.ofSeconds(10);

	private final List<AutoCloseable> open = new ArrayList<>();

	protected final String name = "segment-" + UUID.randomUUID();

	/**
	 * Creates another store on the same data, as another process would.
	 * @return the store; closed by the kit
	 */
	protected abstract SegmentStore newStore();

	/** Closes what the test opened; again does nothing. */
	@AfterEach
	protected final void closeAll() throws Exception {
		while (!this.open.isEmpty()) {
			this.open.remove(this.open.size() - 1).close();
		}
	}

	@Test
	void givesRangesOfTheSizeThatIsWantedOneAfterTheOther() {
		SegmentStore store = open();
		IdRange first = store.next(this.name, 100, 1, TIMEOUT);
		assertThat(first).isEqualTo(new IdRange(1, 100));
		IdRange second = open().next(this.name, 1, 1, TIMEOUT);
		assertThat(second.size()).isEqualTo(1);
		assertThat(second.first()).isGreaterThan(first.last());
		IdRange third = store.next(this.name, 100_000, 1, TIMEOUT);
		assertThat(third.size()).isEqualTo(100_000);
		assertThat(third.first()).isGreaterThan(second.last());
	}

	@Test
	void beginsAtTheLeastIdAndSkipsToIt() {
		SegmentStore store = open();
		assertThat(store.next(this.name, 10, 5_000, TIMEOUT)).isEqualTo(new IdRange(5_000, 5_009));
		assertThat(store.next(this.name, 10, 1, TIMEOUT).first()).isGreaterThan(5_009);
		assertThat(store.next(this.name, 10, 1_000_000, TIMEOUT)).isEqualTo(new IdRange(1_000_000, 1_000_009));
	}

	@Test
	void countsExactlyBeyondWhatADoubleHolds() {
		SegmentStore store = open();
		long least = (1L << 62) + 1;
		assertThat(store.next(this.name, 3, least, TIMEOUT)).isEqualTo(new IdRange(least, least + 2));
		assertThat(store.next(this.name, 3, 1, TIMEOUT)).isEqualTo(new IdRange(least + 3, least + 5));
	}

	@Test
	void saysWhenTheCounterHasRunOutAndKeepsWhatIsLeft() {
		SegmentStore store = open();
		store.next(this.name, 1, Long.MAX_VALUE - 10, TIMEOUT);
		assertThatExceptionOfType(IdsExhaustedException.class).isThrownBy(() -> store.next(this.name, 11, 1, TIMEOUT))
			.withMessageContaining(this.name);
		assertThat(store.next(this.name, 10, 1, TIMEOUT).last()).isEqualTo(Long.MAX_VALUE);
		assertThatExceptionOfType(IdsExhaustedException.class).isThrownBy(() -> store.next(this.name, 1, 1, TIMEOUT));
	}

	@Test
	void namesAreSeparate() {
		SegmentStore store = open();
		store.next(this.name, 100, 1, TIMEOUT);
		assertThat(store.next(this.name + "/ü {x} '", 100, 1, TIMEOUT)).isEqualTo(new IdRange(1, 100));
		assertThat(store.next(this.name.toUpperCase(Locale.ROOT), 100, 1, TIMEOUT)).isEqualTo(new IdRange(1, 100));
	}

	@Test
	void rangesOfManyProcessesAndThreadsDoNotOverlap() throws Exception {
		int threadCount = 8;
		int calls = 40;
		ExecutorService threads = Executors.newFixedThreadPool(threadCount);
		try {
			List<Future<List<IdRange>>> all = new ArrayList<>();
			for (int i = 0; i < threadCount; i++) {
				SegmentStore store = open();
				int size = i + 1;
				all.add(threads.submit(() -> {
					List<IdRange> ranges = new ArrayList<>();
					for (int call = 0; call < calls; call++) {
						ranges.add(store.next(this.name, size, 1, TIMEOUT));
					}
					return ranges;
				}));
			}
			List<IdRange> ranges = new ArrayList<>();
			for (Future<List<IdRange>> future : all) {
				assertThat(future.get()).isSortedAccordingTo(Comparator.comparingLong(IdRange::first));
				ranges.addAll(future.get());
			}
			ranges.sort(Comparator.comparingLong(IdRange::first));
			for (int i = 1; i < ranges.size(); i++) {
				assertThat(ranges.get(i).first()).isGreaterThan(ranges.get(i - 1).last());
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	private SegmentStore open() {
		SegmentStore store = newStore();
		this.open.add(store);
		return store;
	}

}
