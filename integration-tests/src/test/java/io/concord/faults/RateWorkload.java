package io.concord.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseStoreException;
import io.concord.ratelimit.DefaultRateLimits;
import io.concord.ratelimit.LeasedConcurrency;
import io.concord.ratelimit.RateAlgorithm;
import io.concord.ratelimit.RateDecision;
import io.concord.ratelimit.RateLimitSettings;
import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.RateRule;
import io.concord.ratelimit.SharedRateLimitStore;
import io.concord.ratelimit.local.LocalRateLimitStore;
import io.concord.test.faults.HistoryWriter;
import io.concord.test.faults.HistoryWriter.Begun;
import io.concord.test.faults.Operation.Outcome;
import io.concord.test.faults.Workload;

/**
 * Asks for much more than limits allow: a thread for each rule, and the others for
 * permits of one that limits concurrency. What is let through is written when it is; what
 * is not, never.
 */
final class RateWorkload implements Workload {

	/** What a rule of rates has let through. */
	static final String TAKE = "take";

	/** From the grant of a permit to a later moment at which it certainly was held. */
	static final String HOLD = "hold";

	/** That all permits are there when all is well again, and no more. */
	static final String PROBE = "probe";

	/** Of each rule, in any second. */
	static final Duration WINDOW = Duration.ofSeconds(1);

	static final int PERMITS = 3;

	static final List<Limit> LIMITS = List.of(
			new Limit(RateRule.builder("sliding").algorithm(RateAlgorithm.SLIDING_WINDOW).rate("40/s"), 40, 40),
			new Limit(RateRule.builder("bucket").rate("40/s").burst(10), 50, 10),
			// What waits for its turn as the store forgets it has been let through, too.
			new Limit(RateRule.builder("leaky")
				.algorithm(RateAlgorithm.LEAKY_BUCKET)
				.rate("40/s")
				.maxWait(Duration.ofMillis(200)), 41, 9),
			new Limit(RateRule.builder("fixed").algorithm(RateAlgorithm.FIXED_WINDOW).rate("40/s"), 80, 40),
			new Limit(
					RateRule.builder("ahead").algorithm(RateAlgorithm.SLIDING_WINDOW).rate("40/s").overAdmission(0.15),
					46, 40),
			// One more burst and rate when the store is down, and the part of a worker
			// that begins anew.
			new Limit(RateRule.builder("shared").rate("40/s").burst(10).onFailure(RateRule.OnFailure.SHARE), 104, 10));

	private static final RateRule CONCURRENCY = RateRule.builder("permits")
		.algorithm(RateAlgorithm.CONCURRENCY)
		.limit(PERMITS)
		.build();

	private static final Duration WAIT = Duration.ofMillis(300);

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(8);

	private final LeaseEngine engine;

	private final DefaultRateLimits limits;

	private final HistoryWriter history;

	private final List<AutoCloseable> resources;

	RateWorkload(LeaseEngine engine, RateLimitStore store, HistoryWriter history, Duration leaseTime,
			Duration storeTimeout, List<AutoCloseable> resources) {
		this.engine = engine;
		this.history = history;
		this.resources = new ArrayList<>(resources);
		// So many there are at most. What is counted takes its time to be right.
		RateLimitStore share = new SharedRateLimitStore(new LocalRateLimitStore(LocalRateLimitStore.DEFAULT_MAX_KEYS),
				Work.RATES::workers);
		this.limits = new DefaultRateLimits(() -> store, new LeasedConcurrency(() -> engine, leaseTime), () -> share,
				Work.RATES::workers, new RateLimitSettings(storeTimeout, 0));
		LIMITS.forEach((limit) -> this.limits.define(limit.rule()));
		this.limits.define(CONCURRENCY);
	}

	@Override
	public void operate(int thread, Random random) {
		Duration body = Duration.ofMillis(5 + random.nextInt(50));
		try {
			if (thread < LIMITS.size()) {
				take(thread, LIMITS.get(thread).rule());
			}
			else {
				hold(thread, body);
			}
		}
		catch (LeaseStoreException ex) {
			LockSupport.parkNanos(LONGEST_PAUSE);
		}
	}

	private void take(int thread, RateRule rule) {
		long begin = System.nanoTime();
		RateDecision decision = this.limits.acquire(rule.name(), "", 1, rule.maxWait());
		if (decision.isAdmitted()) {
			this.history.write(thread, TAKE, rule.name(), 1, begin, System.nanoTime());
		}
		else {
			// A refusal that is known costs nothing: leave the CPU to the others.
			LockSupport.parkNanos(Math.min(decision.retryAfter().toNanos(), LONGEST_PAUSE));
		}
	}

	private void hold(int thread, Duration body) {
		try (RateDecision decision = this.limits.acquire(CONCURRENCY.name(), "", 1, WAIT)) {
			if (decision.isAdmitted()) {
				long granted = System.nanoTime();
				LockSupport.parkNanos(body.toNanos());
				// Before: what is held after it was then.
				long before = System.nanoTime();
				if (decision.isHeld()) {
					this.history.write(thread, HOLD, CONCURRENCY.name(), 1, granted, before);
				}
			}
		}
	}

	@Override
	public void probe(int thread) {
		Begun probe = this.history.begin(thread, PROBE, CONCURRENCY.name(), 0);
		List<RateDecision> taken = new ArrayList<>();
		long end = System.nanoTime() + PATIENCE.toNanos();
		while (taken.size() <= PERMITS && System.nanoTime() - end < 0) {
			try {
				Duration wait = (taken.size() < PERMITS) ? WAIT : Duration.ZERO;
				RateDecision decision = this.limits.acquire(CONCURRENCY.name(), "", 1, wait);
				if (decision.isAdmitted()) {
					taken.add(decision);
				}
				else if (taken.size() == PERMITS) {
					break;
				}
			}
			catch (LeaseStoreException ex) {
				// As long as there is time.
			}
		}
		probe.end((taken.size() == PERMITS) ? Outcome.OK : Outcome.FAIL, taken.size());
		taken.forEach(RateDecision::close);
	}

	/** It is never given back. */
	@Override
	public void beforeDeath(int thread) {
		boolean taken = false;
		long end = System.nanoTime() + PATIENCE.toNanos();
		while (!taken && System.nanoTime() - end < 0) {
			try {
				taken = this.limits.acquire(CONCURRENCY.name(), "", 1, WAIT).isAdmitted();
			}
			catch (LeaseStoreException ex) {
				// As long as there is time.
			}
		}
	}

	@Override
	public void close() {
		this.limits.close();
		this.engine.close();
		try {
			for (AutoCloseable resource : this.resources) {
				resource.close();
			}
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * A rule of the run.
	 *
	 * @param rule the rule
	 * @param most what any window may let through
	 * @param more what it may in addition for each time that the store forgets what it
	 * has let through, or its clock steps
	 */
	record Limit(RateRule rule, long most, long more) {

		Limit(RateRule.Builder rule, long most, long more) {
			this(rule.build(), most, more);
		}

	}

}
