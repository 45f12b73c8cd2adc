package io.concord.loadbalancer;

/**
 * Is told of what happens to instances. Called by threads that make calls, under a lock:
 * must neither wait nor throw.
 */
public interface BalancerObserver {

	/** Does nothing. */
	BalancerObserver NONE = new BalancerObserver() {
	};

	/**
	 * An instance gets no calls for a while.
	 * @param service name of the service
	 * @param instance id of the instance
	 * @param reason why
	 */
	default void ejected(String service, String instance, EjectionReason reason) {
	}

	/**
	 * An instance gets calls again.
	 * @param service name of the service
	 * @param instance id of the instance
	 */
	default void returned(String service, String instance) {
	}

}
