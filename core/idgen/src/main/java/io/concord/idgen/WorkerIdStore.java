package io.concord.idgen;

import java.time.Duration;
import java.util.List;

/**
 * Where processes get their worker ids, each with a high-water mark: the time up to which
 * its holder may issue ids. The marks are what keeps ids unique, whatever clocks and
 * pauses do: a holder never issues an id whose time is above the mark that the store has
 * confirmed to it, and a successor only issues ids above that mark.
 *
 * <p>
 * Rules for an implementation:
 * <ul>
 * <li>Every method may be called by any number of threads and processes.</li>
 * <li>A call returns or throws within the time-out that it is given, whatever the server
 * does, and does not react to the thread's interruption (the flag stays set).</li>
 * <li>{@link io.concord.lease.LeaseOutcomeUnknownException} if the request may have been
 * or may yet be applied; any other {@link io.concord.lease.LeaseStoreException} only if
 * it certainly was not.</li>
 * <li>Time is that of the store: ms since 1970. A caller's clock never gets into the
 * store, or one that is fast would spoil a worker id for years.</li>
 * <li>Each of {@link #claim}, {@link #extend} and {@link #release} is one atomic step for
 * its worker id. Of a claim and an extension that race for one id, either the extension
 * is first, and the claim sees the mark that it has set, or the claim is, and the
 * extension is told that the id is lost.</li>
 * <li><em>Above all</em>: the floor that a claim is granted is not below any mark that an
 * earlier holder of that worker id was ever told. A store that can forget what it has
 * acknowledged (a fail-over to a replica) confirms marks with its replicas before it
 * tells them, or says in its documentation that it does not keep this.</li>
 * </ul>
 *
 * <p>
 * What is stored for good is bounded: a layout for each space and an entry for each
 * worker id that was ever taken. An entry outlives its holder, for the mark. Worker ids
 * are used again; none is burnt.
 */
public interface WorkerIdStore extends AutoCloseable {

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
	 * Takes a free worker id of a space. Free is one that was never taken, one that was
	 * released, and one whose mark the store's clock has passed: its holder can't issue
	 * anything any more. One that was never taken is taken first, which of them is up to
	 * the store. Then comes the lowest mark: of those released and those passed together,
	 * or of those released first, where it costs the store more to find the others.
	 *
	 * <p>
	 * In the same step: the space gets the layout of the claim if it has none; the entry
	 * gets the claim's owner, an epoch above the last one, the floor, and a mark of the
	 * store's time + lead, though never a lower mark than it had.
	 *
	 * <p>
	 * Idempotent by owner: an owner that holds a worker id of the space gets that one
	 * again, with the same epoch and floor and the mark extended as by {@link #extend}.
	 * Many processes may claim at once: as long as one is free, none gets
	 * {@link WorkerIdAnswer.Full}.
	 * @param claim what to take
	 * @param timeout after which the call throws
	 * @return granted, full, or that the space has another layout, in which case nothing
	 * was changed
	 * @throws io.concord.lease.LeaseOutcomeUnknownException if a worker id may have been,
	 * or may yet be, taken
	 * @throws io.concord.lease.LeaseStoreException if none was taken
	 */
	WorkerIdAnswer claim(WorkerIdClaim claim, Duration timeout);

	/**
	 * Moves the mark of a worker id to the store's time + lead, if the entry has the
	 * owner and the epoch of the lease: a compare-and-set on both. Never moves it back:
	 * with a shorter lead, or after a step back of the store's clock, it stays where it
	 * is. An entry whose mark has passed but that nobody else has taken is extended as
	 * any other.
	 *
	 * <p>
	 * Only the store computes a mark, so none is ever beyond its time + lead. An answer
	 * stays true however late it arrives.
	 * @param lease what was granted
	 * @param lead how far ahead of the store's time, positive
	 * @param timeout after which the call throws
	 * @return the mark that is stored now, or that the worker id is another's
	 * @throws io.concord.lease.LeaseOutcomeUnknownException if it may have been, or may
	 * yet be, moved
	 * @throws io.concord.lease.LeaseStoreException if it was not moved
	 */
	WorkerIdExtension extend(WorkerIdLease lease, Duration lead, Duration timeout);

	/**
	 * Gives a worker id back, if the entry has the owner and the epoch of the lease. The
	 * mark becomes the given one if that is lower, and stays for the next holder's floor.
	 * Idempotent.
	 * @param lease what was granted
	 * @param highWater the last time that the holder has issued an id for, ms since 1970;
	 * it will never issue another one
	 * @param timeout after which the call throws
	 * @return whether it was this lease's until now
	 * @throws io.concord.lease.LeaseOutcomeUnknownException if it may have been, or may
	 * yet be, released
	 * @throws io.concord.lease.LeaseStoreException if it was not released
	 */
	boolean release(WorkerIdLease lease, long highWater, Duration timeout);

	/**
	 * Lists who holds worker ids of a space: those that are not free. For people.
	 * @param space the space
	 * @param timeout after which the call throws
	 * @return the holders by worker id; empty if the space is unknown
	 * @throws io.concord.lease.LeaseStoreException if the store failed
	 */
	List<WorkerIdHolder> holders(String space, Duration timeout);

	/**
	 * Reads the store's clock.
	 * @param timeout after which the call throws
	 * @return ms since 1970
	 * @throws io.concord.lease.LeaseStoreException if the store failed
	 */
	long now(Duration timeout);

	/**
	 * Frees what the store itself opened; not the connections it was given. Worker ids
	 * stay as they are.
	 */
	@Override
	void close();

}
