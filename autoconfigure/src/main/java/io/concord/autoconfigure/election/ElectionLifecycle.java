package io.concord.autoconfigure.election;

import org.springframework.context.SmartLifecycle;

import io.concord.election.LeaderElections;

/**
 * Stands for elections when all else is started, and leaves them before all else is
 * stopped: what only the leader does ends while web server, schedulers and stores are
 * still there. Nothing waits for that here, but the stores do, see
 * {@link io.concord.lease.LeaseEngine#close()}: they are in a phase that is stopped after
 * those.
 */
final class ElectionLifecycle implements SmartLifecycle {

	private final LeaderElections elections;

	private volatile boolean running;

	ElectionLifecycle(LeaderElections elections) {
		this.elections = elections;
	}

	@Override
	public void start() {
		this.elections.start();
		this.running = true;
	}

	@Override
	public void stop() {
		this.running = false;
		this.elections.stop();
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return Integer.MAX_VALUE;
	}

}
