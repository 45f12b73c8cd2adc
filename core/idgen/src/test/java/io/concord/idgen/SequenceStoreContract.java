package io.concord.idgen;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What every {@link SequenceStore} must do.
 */
@Timeout(120)
public abstract class SequenceStoreContract {

	protected static final Duration TIMEOUT = Duration.ofSeconds(10);

	private final List<AutoCloseable> open = new ArrayList<>();

	protected final String name = "sequence-" + UUID.randomUUID();

	/**
	 * Creates another store on the same data, as another process would.
	 * @return the store; closed by the kit
	 */
	protected abstract SequenceStore newStore();

	/** Closes what the test opened; again does nothing. */
	@AfterEach
	protected final void closeAll() throws Exception {
		while (!this.open.isEmpty()) {
			this.open.remove(this.open.size() - 1).close();
		}
	}

	@Test
	void idsRiseAcrossProcesses() {
		SequenceStore store = open();
		SequenceStore other = open();
		long last = 0;
		for (int i = 0; i < 10; i++) {
			long id = ((i % 2 == 0) ? store : other).next(this.name, 1, TIMEOUT);
			assertThat(id).isGreaterThan(last);
			last = id;
		}
	}

	@Test
	void beginsAtTheLeastIdAndSkipsToIt() {
		SequenceStore store = open();
		assertThat(store.next(this.name, 5_000, TIMEOUT)).isEqualTo(5_000);
		assertThat(store.next(this.name, 1, TIMEOUT)).isGreaterThan(5_000);
		long skipped = store.next(this.name, 1_000_000, TIMEOUT);
		assertThat(skipped).isGreaterThanOrEqualTo(1_000_000);
		assertThat(open().next(this.name, 1_000_000, TIMEOUT)).isGreaterThan(skipped);
	}

	@Test
	void namesAreSeparate() {
		SequenceStore store = open();
		store.next(this.name, 100, TIMEOUT);
		assertThat(store.next(this.name + "/ü {x} '", 1, TIMEOUT)).isEqualTo(1);
	}

	@Test
	void manyProcessesAndThreadsGetNoIdTwice() throws Exception {
		int threadCount = 8;
		int calls = 40;
		ExecutorService threads = Executors.newFixedThreadPool(threadCount);
		try {
			List<Future<List<Long>>> all = new ArrayList<>();
			for (int i = 0; i < threadCount; i++) {
				SequenceStore store = open();
				all.add(threads.submit(() -> {
					List<Long> ids = new ArrayList<>();
					for (int call = 0; call < calls; call++) {
						ids.add(store.next(this.name, 1, TIMEOUT));
					}
					return ids;
				}));
			}
			Set<Long> ids = new HashSet<>();
			for (Future<List<Long>> future : all) {
				assertThat(future.get()).isSorted();
				ids.addAll(future.get());
			}
			assertThat(ids).hasSize(threadCount * calls);
		}
		finally {
			threads.shutdownNow();
		}
	}

	private SequenceStore open() {
		SequenceStore store = newStore();
		this.open.add(store);
		return store;
	}

}
