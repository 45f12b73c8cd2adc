package io.concord.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

import io.concord.election.ElectionNode;
import io.concord.election.ElectionSettings;
import io.concord.election.LeaderElection;
import io.concord.election.LeaderElections;
import io.concord.election.Leadership;
import io.concord.election.LeadershipListener;
import io.concord.lease.FencedOutException;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseStoreException;
import io.concord.test.faults.HistoryWriter;
import io.concord.test.faults.HistoryWriter.Begun;
import io.concord.test.faults.Operation.Outcome;
import io.concord.test.faults.Workload;

/**
 * Stands for elections, writes under guard while it leads, and steps down now and then. A
 * leader never looks whether it still is one: what it must not do, the guard has to
 * refuse. Some threads only watch, one for each election.
 */
final class ElectionWorkload implements Workload {

	/**
	 * From the first moment at which this node led for certain to the last that was seen;
	 * the token is the term.
	 */
	static final String LEAD = "lead";

	static final String ANNOUNCE = "announce";

	static final String COMMIT = "commit";

	/** That a leadership has ended: done if its lease was lost, else not. */
	static final String REVOKED = "revoked";

	/** That there is a leader when all is well again. */
	static final String PROBE = "probe";

	/**
	 * Keys of the register as well. As many as workers, and spread, so that mostly each
	 * leads one, and a fault of any worker is one of a leader.
	 */
	private static final List<String> ELECTIONS = LockWorkload.KEYS.subList(0, 3);

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static final Duration UNTIL_IT_LEADS = Duration.ofSeconds(15);

	private static final Duration SAMPLE = Duration.ofMillis(5);

	private static final int SAMPLES = 10;

	private final LeaseEngine engine;

	private final LeaderElections elections;

	private final GuardedRegister register;

	private final HistoryWriter history;

	private final List<AutoCloseable> resources;

	/** What the watching threads see; each belongs to its thread. */
	private final List<Watch> watches = new ArrayList<>();

	ElectionWorkload(LeaseEngine engine, GuardedRegister register, Workload.Context context, Duration leaseTime,
			List<AutoCloseable> resources) {
		this.engine = engine;
		this.register = register;
		this.history = context.history();
		this.resources = new ArrayList<>(resources);
		this.elections = LeaderElections.builder(() -> engine)
			.node(() -> new ElectionNode("worker-" + context.worker(), null))
			.elections(ELECTIONS.stream().map((name) -> new ElectionSettings(name, leaseTime, true, true)).toList())
			.build();
		for (int i = 0; i < ELECTIONS.size(); i++) {
			LeaderElection election = this.elections.get(ELECTIONS.get(i));
			this.watches.add(new Watch(i, election));
			election.addListener(new Revocations(i));
		}
		this.elections.start();
	}

	@Override
	public void operate(int thread, Random random) {
		LeaderElection election = this.elections.get(ELECTIONS.get(random.nextInt(ELECTIONS.size())));
		boolean stepsDown = random.nextInt(200) == 0;
		Duration pause = Duration.ofMillis(random.nextInt(100));
		Duration body = Duration.ofMillis(5 + random.nextInt(60));
		if (thread < this.watches.size()) {
			this.watches.get(thread).go();
		}
		else if (stepsDown) {
			election.stepDown(pause);
		}
		else {
			election.leadership().ifPresent((leadership) -> write(thread, leadership, body));
			LockSupport.parkNanos(body.toNanos());
		}
	}

	private void write(int thread, Leadership leadership, Duration body) {
		String key = leadership.election();
		Begun announce = this.history.begin(thread, ANNOUNCE, key, leadership.term());
		Begun[] commit = new Begun[1];
		Outcome outcome = Outcome.INFO;
		try {
			this.register.write(leadership, key, leadership.term(), () -> {
				announce.end(Outcome.OK);
				LockSupport.parkNanos(body.toNanos());
			}, () -> commit[0] = this.history.begin(thread, COMMIT, key, leadership.term()));
			outcome = Outcome.OK;
		}
		catch (FencedOutException ex) {
			outcome = Outcome.FAIL;
		}
		catch (DataAccessException | TransactionException | LeaseStoreException ex) {
			// It may have been committed.
		}
		finally {
			if (commit[0] != null) {
				commit[0].end(outcome);
			}
		}
	}

	@Override
	public void probe(int thread) {
		for (String name : ELECTIONS) {
			Begun probe = this.history.begin(thread, PROBE, name, 0);
			long end = System.nanoTime() + PATIENCE.toNanos();
			Optional<Long> term = Optional.empty();
			while (term.isEmpty() && System.nanoTime() - end < 0) {
				term = this.elections.get(name).leader().map((leader) -> leader.term());
				LockSupport.parkNanos(SAMPLE.toNanos());
			}
			probe.end(term.isPresent() ? Outcome.OK : Outcome.FAIL, term.orElse(0L));
		}
	}

	/** Else some that die would be missed by nobody. */
	@Override
	public void beforeDeath(int thread) {
		long end = System.nanoTime() + UNTIL_IT_LEADS.toNanos();
		while (this.elections.all().stream().noneMatch(LeaderElection::isLeader) && System.nanoTime() - end < 0) {
			LockSupport.parkNanos(SAMPLE.toNanos());
		}
	}

	@Override
	public void close() {
		this.watches.forEach(Watch::end);
		this.elections.stop();
		this.engine.close();
		this.elections.close();
		this.register.close();
		for (AutoCloseable resource : this.resources) {
			try {
				resource.close();
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		}
	}

	/** Hears how leaderships end. */
	private final class Revocations implements LeadershipListener {

		private final int thread;

		Revocations(int thread) {
			this.thread = thread;
		}

		@Override
		public void revoked(Leadership leadership, String reason) {
			// Who steps down holds the lease until listeners have heard of it.
			ElectionWorkload.this.history.begin(this.thread, REVOKED, leadership.election(), leadership.term())
				.end(leadership.isHeld() ? Outcome.FAIL : Outcome.OK);
		}

	}

	/** Sees how long this node leads an election. */
	private final class Watch {

		private final int thread;

		private final LeaderElection election;

		private Leadership leadership;

		private Begun begun;

		private long lastHeld;

		Watch(int thread, LeaderElection election) {
			this.thread = thread;
			this.election = election;
		}

		void go() {
			for (int i = 0; i < SAMPLES; i++) {
				look();
				LockSupport.parkNanos(SAMPLE.toNanos());
			}
		}

		private void look() {
			Leadership now = this.election.leadership().orElse(null);
			if (this.leadership == null && now != null) {
				Begun begins = ElectionWorkload.this.history.begin(this.thread, LEAD, now.election(), now.term());
				if (!now.isHeld()) {
					// It has ended in between, perhaps before what was written as its
					// begin.
					begins.end(Outcome.FAIL);
					return;
				}
				this.leadership = now;
				this.begun = begins;
				this.lastHeld = begins.invokeNs();
			}
			if (this.leadership != null) {
				// Before: what is held after it was then.
				long before = System.nanoTime();
				if (this.leadership.isHeld()) {
					this.lastHeld = before;
				}
				else if (now != this.leadership && this.election.leadership().orElse(null) != this.leadership) {
					end();
				}
			}
		}

		void end() {
			if (this.leadership != null) {
				this.begun.end(Outcome.OK, this.leadership.term(), this.lastHeld);
				this.leadership = null;
			}
		}

	}

}
