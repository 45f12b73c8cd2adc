package io.concord.loadbalancer;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

import org.jspecify.annotations.Nullable;

/**
 * An instance of a service within a {@link Balancer}, as long as its registry names it.
 * Thread-safe.
 *
 * @param <T> what the caller knows it by
 */
public final class Target<T> {

	@SuppressWarnings("rawtypes")
	private static final AtomicIntegerFieldUpdater<Target> IN_FLIGHT = AtomicIntegerFieldUpdater
		.newUpdater(Target.class, "inFlight");

	private static final int COOKIE_BYTES = 8;

	private final String id;

	private final String cookie;

	private final RecentCounts recent = new RecentCounts();

	private final PeakEwma ewma = new PeakEwma();

	private final AtomicInteger failuresInARow = new AtomicInteger();

	private final AtomicInteger connectFailuresInARow = new AtomicInteger();

	private final LongAdder picks = new LongAdder();

	private final LongAdder failures = new LongAdder();

	/** Calls in flight at all instances of the service. */
	private final AtomicLong allInFlight;

	/** Calls in flight, for {@link #sweep}. */
	private final Set<Call> calls = ConcurrentHashMap.newKeySet();

	/** A field of this object, as scans read it of each instance. */
	private volatile int inFlight;

	private volatile T value;

	private volatile double weight;

	private volatile boolean ejected;

	/** Whether the next failure ejects it, as it has only just come back. */
	private volatile boolean onProbation;

	private volatile long lastAnswer;

	/** Calls that had begun before say nothing any more. Written under the lock. */
	private volatile long cameBack;

	// What follows is read and written under the lock of the balancer.

	private long ejectedUntil;

	private long ejectedFor;

	private int doublings;

	private long ejections;

	private boolean warming;

	private long warmSince;

	Target(Candidate<T> candidate, AtomicLong allInFlight, long now) {
		this.allInFlight = allInFlight;
		this.id = candidate.id();
		this.cookie = cookie(candidate.id());
		this.value = candidate.value();
		this.weight = candidate.weight();
		this.lastAnswer = now;
		this.cameBack = now;
	}

	/**
	 * Returns the name of the instance.
	 * @return the id
	 */
	public String id() {
		return this.id;
	}

	/**
	 * Returns what the registry last said of it.
	 * @return the value
	 */
	public T value() {
		return this.value;
	}

	/**
	 * Returns what stands for it in a cookie: a hash, as clients need not know addresses.
	 * @return letters and digits
	 */
	public String cookie() {
		return this.cookie;
	}

	/**
	 * Returns how many calls have begun and not ended.
	 * @return calls in flight
	 */
	public int inFlight() {
		return this.inFlight;
	}

	/**
	 * Returns its weight.
	 * @return the weight it was given, 0 if it gets no new calls
	 */
	public double weight() {
		return this.weight;
	}

	/**
	 * Returns whether it gets no calls, as it has failed.
	 * @return whether it is ejected
	 */
	public boolean isEjected() {
		return this.ejected;
	}

	void update(Candidate<T> candidate) {
		this.value = candidate.value();
		this.weight = candidate.weight();
	}

	void picked() {
		this.picks.increment();
	}

	/**
	 * Returns how often it was chosen.
	 * @return number of choices
	 */
	public long picks() {
		return this.picks.sum();
	}

	/**
	 * Returns how many calls failed.
	 * @return number of failures
	 */
	public long failures() {
		return this.failures.sum();
	}

	double ewma(long now, double decay) {
		return this.ewma.get(now, decay);
	}

	void began(Call call) {
		IN_FLIGHT.incrementAndGet(this);
		this.allInFlight.incrementAndGet();
		this.calls.add(call);
	}

	/** Whether it had not ended before. */
	boolean ended(Call call) {
		boolean first = this.calls.remove(call);
		if (first) {
			IN_FLIGHT.decrementAndGet(this);
			this.allInFlight.decrementAndGet();
		}
		return first;
	}

	/** Ends calls that nobody has ended for too long. */
	void sweep(long before) {
		for (Call call : this.calls) {
			if (call.began() - before < 0) {
				call.close();
			}
		}
	}

	/** An answer that is none of a failing instance. */
	void succeeded(long took, long now, double decay) {
		this.lastAnswer = now;
		if (this.failuresInARow.get() != 0) {
			this.failuresInARow.set(0);
		}
		if (this.connectFailuresInARow.get() != 0) {
			this.connectFailuresInARow.set(0);
		}
		if (this.onProbation) {
			this.onProbation = false;
		}
		this.recent.add(now, 1, 0);
		this.ewma.observe(took, now, decay);
	}

	/**
	 * A failure. It counts as a slow answer, or one that fails fast would look like the
	 * best.
	 * @return whether it tells that the instance fails now
	 */
	boolean failed(boolean connecting, long took, long now, double decay) {
		this.failures.increment();
		this.ewma.observe(Math.max(took, 2 * this.ewma.get(now, decay)), now, decay);
		if (now - took - this.cameBack < 0) {
			return false;
		}
		this.failuresInARow.incrementAndGet();
		if (connecting) {
			this.connectFailuresInARow.incrementAndGet();
		}
		this.recent.add(now, 1, 1);
		return true;
	}

	boolean answeredSince(long time) {
		return this.lastAnswer - time > 0;
	}

	/** Why it has to be ejected, if it has. */
	@Nullable EjectionReason reasonToEject(EjectionSettings settings, long now) {
		if (this.onProbation) {
			return EjectionReason.FAILED_AGAIN;
		}
		if (this.connectFailuresInARow.get() >= settings.connectFailures()) {
			return EjectionReason.CONNECT_FAILURES;
		}
		if (this.failuresInARow.get() >= settings.consecutiveFailures()) {
			return EjectionReason.CONSECUTIVE_FAILURES;
		}
		long all = this.recent.all(now);
		if (all >= settings.minCalls() && this.recent.marked(now) >= settings.failureRate() * all) {
			return EjectionReason.FAILURE_RATE;
		}
		return null;
	}

	void eject(EjectionSettings settings, long now) {
		// Good for as long as it was away: what was before counts no more.
		if (this.ejections > 0 && now - this.cameBack > this.ejectedFor) {
			this.doublings = 0;
		}
		long longest = settings.maxTime().toNanos();
		long time = settings.time().toNanos();
		this.ejectedFor = (time > longest >> Math.min(this.doublings, 62)) ? longest : time << this.doublings;
		this.doublings++;
		this.ejections++;
		this.ejectedUntil = now + this.ejectedFor;
		this.warming = false;
		this.ejected = true;
	}

	void comeBack(long now) {
		this.ejected = false;
		this.onProbation = true;
		this.cameBack = now;
		this.failuresInARow.set(0);
		this.connectFailuresInARow.set(0);
		this.recent.clear();
		warmUp(now);
	}

	long ejectedUntil() {
		return this.ejectedUntil;
	}

	long ejections() {
		return this.ejections;
	}

	void warmUp(long now) {
		this.warming = true;
		this.warmSince = now;
	}

	boolean isWarming() {
		return this.warming;
	}

	/** Its part of its weight, from a tenth to one. */
	double warmth(long now, long slowStart) {
		if (!this.warming) {
			return 1;
		}
		long warm = now - this.warmSince;
		if (warm >= slowStart) {
			this.warming = false;
			return 1;
		}
		return Math.max(0.1, (double) warm / slowStart);
	}

	private static String cookie(String id) {
		try {
			byte[] hash = MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
			return HexFormat.of().formatHex(hash, 0, COOKIE_BYTES);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java has SHA-256", ex);
		}
	}

	@Override
	public String toString() {
		return this.id;
	}

}
