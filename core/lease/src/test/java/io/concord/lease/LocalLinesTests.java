package io.concord.lease;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.lease.local.LocalLeaseStore;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class LocalLinesTests {

	private static final int MOST_ROUNDS = 100_000;

	private static final Duration LONGEST = Duration.ofSeconds(2);

	/**
	 * A lease that nobody takes would be renewed for ever.
	 */
	@Test
	void whoGivesUpInTheMomentOfBeingChosenLeavesNoLeaseToNobody() throws Exception {
		LeaseRequest request = LeaseRequest.exclusive("r", Duration.ofSeconds(30), Duration.ofSeconds(30))
			.withHandOver(HandOver.DEFAULT);
		try (LocalLeaseStore store = new LocalLeaseStore(); LeaseEngine engine = LeaseEngine.builder(store).build()) {
			HeldLease lease = (HeldLease) engine.acquire(request).orElseThrow();
			LocalLines lines = new LocalLines();
			AtomicInteger round = new AtomicInteger();
			AtomicInteger abandoned = new AtomicInteger();
			AtomicReference<LocalLines.@Nullable Pass> waiting = new AtomicReference<>();
			AtomicReference<@Nullable HeldLease> taken = new AtomicReference<>();
			Thread other = new Thread(() -> {
				for (int i = 1; awaitRound(round, i); i++) {
					LocalLines.Pass pass = waiting.get();
					taken.set((pass != null) ? pass.abandon() : null);
					abandoned.set(i);
				}
			});
			other.start();
			try {
				long end = System.nanoTime() + LONGEST.toNanos();
				for (int i = 1; i <= MOST_ROUNDS && System.nanoTime() < end; i++) {
					LocalLines.Pass holder = lines.enter(request, null);
					waiting.set(lines.enter(request, new Waiter()));
					round.set(i);
					LocalLines.Pass heir = holder.chooseHeir();
					boolean inherited = heir != null && heir.inherit(lease);
					while (abandoned.get() < i) {
						Thread.yield();
					}
					assertThat(inherited).as("round %d: what was passed on was taken", i)
						.isEqualTo(taken.get() != null);
					// As a lease leaves that has ended.
					holder.leave();
					if (heir != null) {
						heir.leave();
					}
					assertThat(lines.size()).as("round %d", i).isZero();
				}
			}
			finally {
				round.set(-1);
				other.join();
			}
			lease.release();
		}
	}

	/** Returns whether there is another round. */
	private static boolean awaitRound(AtomicInteger round, int number) {
		while (true) {
			int now = round.get();
			if (now < 0 || now == number) {
				return now == number;
			}
			Thread.yield();
		}
	}

}
