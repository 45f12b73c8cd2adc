package io.concord.election;

import java.time.Instant;

import io.concord.lease.Fenced;

/**
 * That this node leads, for one term. All methods may be called by any thread, and none
 * asks the store.
 *
 * <p>
 * It is a promise with an end: it is lost if the store can't be reached for longer than
 * the lease lasts, or the process stands still for so long. What must never be written by
 * two leaders needs the {@linkplain #term() term} checked where it is written.
 */
public interface Leadership extends Fenced {

	/**
	 * Returns the name of the election.
	 * @return the name
	 */
	String election();

	/**
	 * Returns the term, which is a fencing token: no other leader of the election has the
	 * same, and every later one has a larger one. It takes all 63 bits of a {@code long}:
	 * to pass it through JSON to what counts in doubles, write it as text.
	 * @return the term, positive; the same after the leadership has ended
	 */
	long term();

	/**
	 * Returns when the node began to lead, by its wall clock. For people.
	 * @return the time of the grant
	 */
	Instant since();

	/**
	 * Returns whether no other node can lead at this moment, as far as clocks of this
	 * process and the store run at the same rate. True while the node steps down and
	 * waits for methods to end; false for good once it has handed over or lost the
	 * leadership, and for a while after the machine may have been suspended, until the
	 * store has confirmed it.
	 * @return whether it is held
	 */
	boolean isHeld();

}
