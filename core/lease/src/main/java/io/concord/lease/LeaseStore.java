package io.concord.lease;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Where leases are kept. Locks, semaphores, elections and limits all are claims in a line
 * for a named resource, so a store that passes {@code LeaseStoreContract} has every
 * feature.
 *
 * <p>
 * Rules for an implementation:
 * <ul>
 * <li>Every method may be called by any number of threads.</li>
 * <li>A call returns or throws within the time-out that it is given, whatever the server
 * does, and does not react to the thread's interruption (the flag stays set): a claim cut
 * off half-way has an unknown outcome, which costs more than its bounded wait.</li>
 * <li>{@link LeaseOutcomeUnknownException} if the request may have been or may yet be
 * applied; any other {@link LeaseStoreException} only if it certainly was not.</li>
 * <li>Expiry goes by the clock of the store, or as {@link StoreCapabilities#expiry()}
 * says. An expired claim is gone: nothing revives it.</li>
 * <li>Whoever uses a store makes all calls for a claim to the same object, but for
 * {@link #inspect} and {@link #releaseByForce}.</li>
 * <li>The step from one holder to the next waiter is atomic.</li>
 * </ul>
 *
 * <p>
 * Tokens of a resource increase as long as the store keeps its last-token record, or its
 * clock is past the last token. Where neither is so, the floor of a claim takes their
 * place, see {@link Claim#floor()}: it counts when the claim is granted, and when it
 * takes an offer, but never raises the token of a grant that somebody knows already.
 */
public interface LeaseStore extends AutoCloseable {

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
	 * Returns what the store can do.
	 * @return always the same
	 */
	StoreCapabilities capabilities();

	/**
	 * Joins the line of a resource; granted at once if nothing in front conflicts.
	 * Idempotent by owner: a repeated claim gets the answer of its place, and for a grant
	 * the same token and the full TTL anew.
	 * @param claim the claim
	 * @param timeout after which the call throws
	 * @return granted, waiting (only if the claim waits), refused (only if it doesn't),
	 * or gone if the owner was barred by {@link #release}
	 * @throws LeaseOutcomeUnknownException if the claim may have been, or may yet be,
	 * made
	 * @throws LeaseStoreException if the claim was not made
	 */
	ClaimAnswer claim(Claim claim, Duration timeout);

	/**
	 * For a waiting claim: renews its patience, looks again and takes an offer for the
	 * full TTL. For one that holds: renews its TTL. Never joins the line.
	 * @param claim the claim
	 * @param timeout after which the call throws
	 * @return granted, waiting, or gone
	 * @throws LeaseOutcomeUnknownException if it may have been, or may yet be, applied
	 * @throws LeaseStoreException if it was not applied
	 */
	ClaimAnswer refresh(Claim claim, Duration timeout);

	/**
	 * Takes the claim out of the line, held or waiting, and in the same step offers the
	 * resource to the next live waiter. An offer lasts as long as that waiter's patience.
	 * Idempotent; only ever touches the claim's own place.
	 * @param claim the claim
	 * @param bar for how long a claim of this owner is to be answered with gone from now
	 * on: longer than a request may be under way, if an earlier {@code claim} of the
	 * owner had no known outcome; zero if all had one
	 * @param timeout after which the call throws
	 * @return whether it was held, and who is next
	 * @throws LeaseOutcomeUnknownException if it may have been, or may yet be, applied
	 * @throws LeaseStoreException if it was not applied
	 */
	ReleaseAnswer release(Claim claim, Duration bar, Duration timeout);

	/**
	 * Asks to be told of offers. Hints only: they can be lost, repeated or late, and an
	 * engine always looks again in time. Called once, before the first claim. Must not
	 * block.
	 * @param engine which engine asks, see {@link Claim#engine()}
	 * @param offered takes the owner of the claim that was made an offer; quick, any
	 * thread
	 */
	default void listen(String engine, Consumer<String> offered) {
	}

	/**
	 * Looks at a resource, for people, and changes nothing.
	 * @param resource name of the resource
	 * @param timeout after which the call throws
	 * @return what is known of it, or empty if the store can't look
	 * @throws LeaseStoreException if the store failed
	 */
	default Optional<ResourceState> inspect(String resource, Duration timeout) {
		return Optional.empty();
	}

	/**
	 * Takes a claim that holds a resource out of its line, whoever has made it, and in
	 * the same step offers the resource to the next live waiter. Never touches another
	 * claim than the one that was seen.
	 * @param resource name of the resource
	 * @param holder the holder, as {@link #inspect} has told it
	 * @param timeout after which the call throws
	 * @return whether it held the resource until now, and who is next
	 * @throws LeaseOutcomeUnknownException if it may have been, or may yet be, applied
	 * @throws LeaseStoreException if it was not applied
	 */
	default ReleaseAnswer releaseByForce(String resource, ResourceState.Holder holder, Duration timeout) {
		Claim claim = new Claim(resource, holder.owner(), holder.limit(), Duration.ofSeconds(1), Duration.ZERO);
		return release(claim, Duration.ZERO, timeout);
	}

	/**
	 * Makes a call that changes nothing, to see whether the store is there.
	 * @param timeout after which the call throws
	 * @throws LeaseStoreException if the store failed or did not answer in time
	 */
	default void ping(Duration timeout) {
		refresh(new Claim("concord-ping", "nobody-0", 1, Duration.ofSeconds(1), Duration.ZERO), timeout);
	}

	/**
	 * Clears away what idle names left behind, if the store keeps anything of them. The
	 * engine calls it now and then on a thread of its own. Several processes may do so at
	 * once.
	 * @param timeout after which the call throws
	 * @throws LeaseStoreException if it did not complete
	 */
	default void sweep(Duration timeout) {
	}

	/**
	 * Frees what the store itself opened; not the connections it was given. Calls that
	 * are under way fail, claims stay as they are.
	 */
	@Override
	void close();

}
