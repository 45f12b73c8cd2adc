package io.concord.idgen;

import java.time.Duration;

/**
 * Where processes get single ids, one call an id: a sequence or an auto-increment column
 * of a database, INCR of Redis, sequential nodes of ZooKeeper.
 *
 * <p>
 * The rules of {@link SegmentStore} hold, for one id instead of a range: no id is given
 * twice, and a call that begins after another one has returned gets a higher id. Ids may
 * have gaps.
 */
public interface SequenceStore extends AutoCloseable {

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
	 * Takes the next id.
	 * @param name whose ids: mostly the name of a generator; any text of 1 to 255
	 * characters
	 * @param least no id may be below it, at least 1
	 * @param timeout after which the call throws
	 * @return the id, at least {@code least}
	 * @throws IdsExhaustedException if the counter has run out
	 * @throws io.concord.lease.LeaseOutcomeUnknownException if an id may have been, or
	 * may yet be, taken
	 * @throws io.concord.lease.LeaseStoreException if none was taken
	 */
	long next(String name, long least, Duration timeout);

	/**
	 * Frees what the store itself opened; not the connections it was given.
	 */
	@Override
	void close();

}
