package io.concord.lease;

import java.time.Duration;
import java.time.Instant;

/**
 * A resource that is held. All methods may be called by any thread. Only
 * {@link #release()} asks the store.
 *
 * <p>
 * A lease is a promise with an end: it can be lost, when the store could not be reached
 * for so long that it may have given the resource to another, or when the process stood
 * still. What is written under a lease and must never be written by two holders needs the
 * {@linkplain #token() fencing token} checked where it is written.
 */
public interface Lease extends Fenced {

	/**
	 * Returns the name of the resource.
	 * @return the name as it was requested
	 */
	String resource();

	/**
	 * Returns the fencing token. It stays the same for the life of the lease and is
	 * larger than that of every earlier lease of the resource. It is the token of the
	 * store's grant times 1,024 plus the number of the turn under that grant, see
	 * {@link HandOver}.
	 * @return the token, between 1,024 and 2^63 - 1; more than a double can hold
	 */
	long token();

	/**
	 * Returns when the lease was granted, by the wall clock of this process. For people.
	 * @return the time of the grant
	 */
	Instant since();

	/**
	 * Returns whether the resource certainly is held at this moment, as far as clocks of
	 * this process and the store run at the same rate. No I/O. False forever once the
	 * lease is released or lost; false for a while after the wall clock jumped ahead, as
	 * the machine may have been suspended, until the store has confirmed the lease.
	 * @return whether it is valid
	 */
	boolean isValid();

	/**
	 * Returns for how long the lease stays valid without another renewal. No I/O.
	 * @return the time left, zero if it is not valid
	 */
	Duration remaining();

	/**
	 * Registers what to do if the lease is lost: once, after {@link #isValid()} has
	 * turned false, on a thread of the engine or, if it has been lost already, on this
	 * one. Not called after a release. Several listeners run in the order of their
	 * registration; what one throws is logged and doesn't keep the others from running.
	 * @param listener takes the reason, for people
	 */
	void onLost(LossListener listener);

	/**
	 * Gives the resource back, to the next in line if there is one. Idempotent: a
	 * repeated call returns what the first did. Takes no longer than the store's
	 * time-out; if the store did not answer in time the engine goes on trying in the
	 * background until the lease has ended by itself.
	 * @return how it went; does not throw if the store fails
	 */
	ReleaseOutcome release();

	/**
	 * Gives the resource back, but keeps it taken for some time yet, by the clock of the
	 * store: whatever happens to this process, nobody gets it before. In all else as
	 * {@link #release()}; whichever is called first counts.
	 * @param time for how long it stays taken from now on; positive
	 * @return how it went; {@link ReleaseOutcome#UNCONFIRMED} if the store did not answer
	 * in time and the engine goes on trying
	 */
	ReleaseOutcome releaseAfter(Duration time);

	/**
	 * Stops to keep the resource without giving it back: for who holds it for a body that
	 * doesn't end. The lease is lost at once, as if it could not be renewed, and the
	 * resource is free when the store has let go of it, within the lease time. Does
	 * nothing if the lease has ended before.
	 * @param reason what {@link #onLost} listeners are told
	 */
	void abandon(String reason);

	/**
	 * Told of the loss of a lease.
	 */
	@FunctionalInterface
	interface LossListener {

		/**
		 * The lease is lost.
		 * @param reason what happened, for people
		 */
		void lost(String reason);

	}

	/**
	 * How a release went.
	 */
	enum ReleaseOutcome {

		/** The resource was held until now, and is free or handed over. */
		RELEASED,

		/** The lease had been lost before, or the store had no record of it any more. */
		LOST,

		/** It was held until now, but the store did not confirm that it is free. */
		UNCONFIRMED

	}

}
