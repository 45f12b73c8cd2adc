package io.concord.lease;

/**
 * A store granted a lease, but too few of its replicas confirmed it in time: a fail-over
 * could forget it. It has been released again, or ends by itself; the caller does not
 * hold it.
 */
public class LeaseNotReplicatedException extends LeaseStoreException {

	private final int confirmed;

	private final int required;

	/**
	 * Creates the exception.
	 * @param store the store, for messages
	 * @param confirmed how many replicas have confirmed the lease
	 * @param required how many have to
	 */
	public LeaseNotReplicatedException(String store, int confirmed, int required) {
		super(confirmed + " replicas of " + store + " have confirmed a lease in time, where " + required
				+ " have to. It is released again");
		this.confirmed = confirmed;
		this.required = required;
	}

	/**
	 * Returns how many replicas have confirmed the lease.
	 * @return the number, less than {@link #getRequired()}
	 */
	public int getConfirmed() {
		return this.confirmed;
	}

	/**
	 * Returns how many replicas have to confirm a lease.
	 * @return the number
	 */
	public int getRequired() {
		return this.required;
	}

}
