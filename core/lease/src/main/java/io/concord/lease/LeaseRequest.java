package io.concord.lease;

import java.time.Duration;
import java.util.Objects;

/**
 * What is asked of {@link LeaseEngine#acquire}. Immutable.
 *
 * @param resource name of the resource: any text but the empty one
 * @param limit how many may hold it beside each other; 1 is exclusive
 * @param waitTime how long to wait in line; zero for not at all
 * @param leaseTime how long the lease lasts, or between renewals
 * @param renewed whether the lease is renewed until it is released; otherwise it ends
 * after the lease time
 * @param label what meters and traces call it
 */
public record LeaseRequest(String resource, int limit, Duration waitTime, Duration leaseTime, boolean renewed,
		LeaseLabel label) {

	/** A time to wait that is as good as for ever. */
	public static final Duration FOREVER = Duration.ofDays(36_500);

	/** Longest lease time that can be asked for. */
	public static final Duration LONGEST_LEASE = Duration.ofDays(366);

	public LeaseRequest {
		Objects.requireNonNull(resource, "resource");
		Objects.requireNonNull(label, "label");
		if (resource.isEmpty()) {
			throw new IllegalArgumentException("The name of a resource must not be empty");
		}
		if (waitTime.isNegative()) {
			throw new IllegalArgumentException("The time to wait for '" + abbreviate(resource)
					+ "' must not be negative: " + waitTime + ". Use zero for not waiting at all.");
		}
		if (waitTime.compareTo(FOREVER) > 0) {
			waitTime = FOREVER;
		}
		if (leaseTime.compareTo(Duration.ofMillis(1)) < 0 || leaseTime.compareTo(LONGEST_LEASE) > 0) {
			throw new IllegalArgumentException("The lease time of '" + abbreviate(resource)
					+ "' must be between 1 ms and " + LONGEST_LEASE.toDays() + " days, not " + leaseTime);
		}
	}

	/**
	 * Creates a request without a label.
	 * @param resource name of the resource
	 * @param limit how many may hold it beside each other
	 * @param waitTime how long to wait in line
	 * @param leaseTime how long the lease lasts, or between renewals
	 * @param renewed whether the lease is renewed until it is released
	 */
	public LeaseRequest(String resource, int limit, Duration waitTime, Duration leaseTime, boolean renewed) {
		this(resource, limit, waitTime, leaseTime, renewed, LeaseLabel.NONE);
	}

	/**
	 * Creates a request for a resource as its only holder.
	 * @param resource name of the resource
	 * @param waitTime how long to wait in line
	 * @param leaseTime time between renewals
	 * @return a request for a lease that renews itself
	 */
	public static LeaseRequest exclusive(String resource, Duration waitTime, Duration leaseTime) {
		return new LeaseRequest(resource, 1, waitTime, leaseTime, true);
	}

	/**
	 * Returns this request with a lease that ends after its lease time.
	 * @return the changed request
	 */
	public LeaseRequest notRenewed() {
		return new LeaseRequest(this.resource, this.limit, this.waitTime, this.leaseTime, false, this.label);
	}

	/**
	 * Returns this request under a label.
	 * @param label what meters and traces call it
	 * @return the changed request
	 */
	public LeaseRequest labelled(LeaseLabel label) {
		return new LeaseRequest(this.resource, this.limit, this.waitTime, this.leaseTime, this.renewed, label);
	}

	/**
	 * Shortens a name for a message.
	 * @param resource a name that may be of any length
	 * @return the name, or its beginning and its length
	 */
	static String abbreviate(String resource) {
		return (resource.length() <= 200) ? resource
				: resource.substring(0, 200) + "… (" + resource.length() + " characters)";
	}

}
