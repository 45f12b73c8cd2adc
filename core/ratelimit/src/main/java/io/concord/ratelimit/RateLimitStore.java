package io.concord.ratelimit;

import java.time.Duration;

import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStoreException;

/**
 * Keeps what was let through, for rules of all kinds but concurrency, and decides: as
 * {@link RateModel} does, in one step that nothing comes in between of. By its own clock;
 * if that goes back by up to {@link RateModel#TOLERANCE_MICROS}, it counts as standing
 * still, and if by more, time is counted anew from there, which can let one burst more
 * pass. State that says nothing any more goes by itself. Thread-safe.
 */
public interface RateLimitStore extends AutoCloseable {

	/**
	 * Returns where the state is, for messages.
	 * @return kind and address; no secrets
	 */
	String describe();

	/**
	 * Returns the kind of the store.
	 * @return such as {@code redis}
	 */
	String kind();

	/**
	 * Returns whether to ask costs no call to another process.
	 * @return false by default
	 */
	default boolean isLocal() {
		return false;
	}

	/**
	 * Returns whether this store can keep a rule for rates.
	 * @param rule the rule
	 * @return true by default
	 */
	default boolean supports(RateRule rule) {
		return true;
	}

	/**
	 * Takes permits, all or none, or as many as there are if the query says so.
	 * @param query what is wanted
	 * @param timeout how long it may take
	 * @return what is granted
	 * @throws LeaseOutcomeUnknownException if they may have been, or may yet be, taken
	 * @throws LeaseStoreException if the store failed; nothing was taken
	 */
	RateVerdict take(RateQuery query, Duration timeout);

	/**
	 * Tells what {@link #take} would at this moment, and takes nothing.
	 * @param query what would be wanted
	 * @param timeout how long it may take
	 * @return what would be granted
	 * @throws LeaseStoreException if the store failed
	 */
	RateVerdict peek(RateQuery query, Duration timeout);

	/**
	 * Forgets what was taken by a key.
	 * @param rule name of the rule
	 * @param key the key
	 * @param timeout how long it may take
	 * @throws LeaseStoreException if the store failed; some of it may be forgotten
	 */
	void reset(String rule, String key, Duration timeout);

	/**
	 * Deletes some of the state that says nothing any more, where the store doesn't do so
	 * by itself.
	 * @param timeout how long it may take
	 * @return whether there may be more
	 * @throws LeaseStoreException if the store failed
	 */
	default boolean sweep(Duration timeout) {
		return false;
	}

	@Override
	void close();

}
