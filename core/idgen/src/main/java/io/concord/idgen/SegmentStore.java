package io.concord.idgen;

import java.time.Duration;

/**
 * Where processes get ranges of ids.
 *
 * <p>
 * Rules for an implementation:
 * <ul>
 * <li>Every method may be called by any number of threads and processes.</li>
 * <li>A call returns or throws within the time-out that it is given, whatever the server
 * does, and does not react to the thread's interruption (the flag stays set).</li>
 * <li>{@link io.concord.lease.LeaseOutcomeUnknownException} if a range may have been, or
 * may yet be, taken: it is lost, and ids have a gap. Any other
 * {@link io.concord.lease.LeaseStoreException} only if none was.</li>
 * <li>Ranges of a name never overlap, and a call that begins after another one has
 * returned gets a higher range. What can break that (a fail-over that loses writes) is
 * said in the documentation of the store.</li>
 * </ul>
 * What is stored is one number for each name.
 */
public interface SegmentStore extends AutoCloseable {

	/**
	 * Returns what kind of store it is and where, for logs and messages.
	 * @return such as {@code redis (localhost:6379)}; no secrets
	 */
	String describe();

	/**
	 * Returns what kind of store it is, for meters.
	 * @return such as {@code redis}: one of few; by default the first word of
	 * {@link #describe()}
	 */
	default String kind() {
		return describe().split(" ", 2)[0];
	}

	/**
	 * Takes the next range.
	 * @param name whose ids: mostly the name of a generator; any text of 1 to 255
	 * characters
	 * @param size how many ids, at least 1; different calls may want different numbers
	 * @param least no id may be below it, at least 1: a new counter begins there, one
	 * that is below it skips what is between
	 * @param timeout after which the call throws
	 * @return the range, of exactly that size
	 * @throws IdsExhaustedException if there are not so many numbers left below 2^63;
	 * nothing was changed
	 * @throws io.concord.lease.LeaseOutcomeUnknownException if it may have been, or may
	 * yet be, taken
	 * @throws io.concord.lease.LeaseStoreException if it was not taken
	 */
	IdRange next(String name, long size, long least, Duration timeout);

	/**
	 * Frees what the store itself opened; not the connections it was given.
	 */
	@Override
	void close();

}
