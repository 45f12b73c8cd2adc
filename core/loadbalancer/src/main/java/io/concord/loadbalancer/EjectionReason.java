package io.concord.loadbalancer;

/**
 * Why an instance gets no calls for a while.
 */
public enum EjectionReason {

	/** Several calls in a row could not connect. */
	CONNECT_FAILURES,

	/** Several calls in a row failed. */
	CONSECUTIVE_FAILURES,

	/** Too large a share of its calls failed. */
	FAILURE_RATE,

	/** The first call after it had come back failed. */
	FAILED_AGAIN

}
