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
import java.util.function.Supplier;

import io.concord.lease.LeaseOutcomeUnknownException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * As many nodes as a space of the standard layout bears, which start at the same time.
 */
public final class ThousandNodes {

	/** Long enough for a loaded machine; a call ends by itself then. */
	private static final Duration TIMEOUT = Duration.ofSeconds(60);

	private static final Duration LEAD = Duration.ofMinutes(10);

	private static final int NODES = 1024;

	/** How many of them give back what they had. */
	private static final int STARTED_AGAIN = 64;

	private static final int STORES = 8;

	private ThousandNodes() {
	}

	/**
	 * Lets all start in a space that nobody has used, one more that is told who holds
	 * what, and some again when as many have given back what they had.
	 * @param newStore creates a store on the same data, as another process would
	 */
	public static void startAtOnce(Supplier<WorkerIdStore> newStore) throws Exception {
		String space = "thousand-" + UUID.randomUUID();
		List<WorkerIdStore> stores = new ArrayList<>();
		for (int i = 0; i < STORES; i++) {
			stores.add(newStore.get());
		}
		ExecutorService threads = Executors.newFixedThreadPool(NODES);
		try {
			List<WorkerIdAnswer.Granted> first = claimAll(threads, stores, space, "first", NODES);
			assertThat(stores.get(0).claim(claim(space, "late"), TIMEOUT))
				.isInstanceOfSatisfying(WorkerIdAnswer.Full.class, (full) -> {
					assertThat(full.holders()).hasSize(NODES);
					assertThat(full.holders().get(17).workerId()).isEqualTo(17);
					assertThat(full.holders()).extracting(WorkerIdHolder::holder).contains("node first-17");
				});
			List<Future<Boolean>> released = new ArrayList<>();
			for (int i = 0; i < STARTED_AGAIN; i++) {
				WorkerIdAnswer.Granted granted = first.get(i);
				WorkerIdStore store = stores.get(i % STORES);
				released.add(threads.submit(() -> store.release(granted.lease(), granted.storeTime(), TIMEOUT)));
			}
			for (Future<Boolean> future : released) {
				assertThat(future.get()).isTrue();
			}
			assertThat(claimAll(threads, stores, space, "second", STARTED_AGAIN))
				.allMatch((granted) -> granted.lease().epoch() == 2);
		}
		finally {
			threads.shutdownNow();
			for (WorkerIdStore store : stores) {
				store.close();
			}
		}
	}

	private static List<WorkerIdAnswer.Granted> claimAll(ExecutorService threads, List<WorkerIdStore> stores,
			String space, String name, int nodes) throws Exception {
		CountDownLatch start = new CountDownLatch(1);
		List<Future<WorkerIdAnswer>> answers = new ArrayList<>();
		for (int i = 0; i < nodes; i++) {
			WorkerIdStore store = stores.get(i % STORES);
			String owner = name + "-" + i;
			answers.add(threads.submit(() -> {
				start.await();
				return claim(store, claim(space, owner));
			}));
		}
		start.countDown();
		List<WorkerIdAnswer.Granted> granted = new ArrayList<>();
		Set<Integer> given = new HashSet<>();
		for (Future<WorkerIdAnswer> answer : answers) {
			assertThat(answer.get()).isInstanceOf(WorkerIdAnswer.Granted.class);
			granted.add((WorkerIdAnswer.Granted) answer.get());
			given.add(granted.get(granted.size() - 1).lease().workerId());
		}
		assertThat(given).hasSize(nodes).allMatch((workerId) -> workerId >= 0 && workerId < NODES);
		return granted;
	}

	/** As nodes do: who doesn't know whether it has one asks again as the same owner. */
	private static WorkerIdAnswer claim(WorkerIdStore store, WorkerIdClaim claim) {
		long end = System.nanoTime() + TIMEOUT.toNanos();
		while (true) {
			try {
				return store.claim(claim, TIMEOUT);
			}
			catch (LeaseOutcomeUnknownException ex) {
				if (System.nanoTime() > end) {
					throw ex;
				}
			}
		}
	}

	private static WorkerIdClaim claim(String space, String owner) {
		return new WorkerIdClaim(space, SnowflakeLayout.STANDARD.stamp(), 0, NODES - 1, owner, "node " + owner, LEAD);
	}

}
