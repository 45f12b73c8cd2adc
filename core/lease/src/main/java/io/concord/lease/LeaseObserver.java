package io.concord.lease;

/**
 * Told of every request to an engine, for meters and traces. An engine without one pays
 * nothing. Called by any number of threads; what it throws is logged and changes nothing.
 */
@FunctionalInterface
public interface LeaseObserver {

	/** Observes nothing. */
	LeaseObserver NONE = (request, store) -> LeaseObservation.NONE;

	/**
	 * A request is about to be worked on. Called on the thread that makes it, before
	 * anything else, and so quick.
	 * @param request the request
	 * @param store the store of the engine
	 * @return what follows this request, or {@link LeaseObservation#NONE}
	 */
	LeaseObservation acquiring(LeaseRequest request, LeaseStore store);

}
