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
 * @param handOver how far the lease may be passed on within the process; only a renewed
 * one that is exclusive is, to one with the same lease time
 * @param label what meters and traces call it
 * @param pace how often it asks the store while it waits
 * @param note tells whoever looks at the resource who asks, see {@link Claim#noteOf};
 * mostly empty, as every store call carries it
 */
public record LeaseRequest(String resource, int limit, Duration waitTime, Duration leaseTime, boolean renewed,
		HandOver handOver, LeaseLabel label, WaitingPace pace, String note) {

	/** A time to wait that is as good as for ever. */
	public static final Duration FOREVER = Duration.ofDays(36_500);

	/** Longest lease time that can be asked for. */
	public static final Duration LONGEST_LEASE = Duration.ofDays(366);

	public LeaseRequest {
		Objects.requireNonNull(resource, "resource");
		Objects.requireNonNull(label, "label");
		Objects.requireNonNull(pace, "pace");
		if (OwnerNotes.encode(note).length() > OwnerNotes.LONGEST) {
			throw new IllegalArgumentException("The note '" + abbreviate(note) + "' on who asks for '"
					+ abbreviate(resource) + "' is too long: it has more than " + OwnerNotes.LONGEST
					+ " characters, where one that is neither a letter, a digit nor one of . _ : @ , = counts three");
		}
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
	 * Creates a request for a resource as its only holder.
	 * @param resource name of the resource
	 * @param waitTime how long to wait in line
	 * @param leaseTime time between renewals
	 * @return a request for a lease that renews itself and is passed on within the
	 * process by the default bounds
	 */
	public static LeaseRequest exclusive(String resource, Duration waitTime, Duration leaseTime) {
		return new LeaseRequest(resource, 1, waitTime, leaseTime, true, HandOver.DEFAULT, LeaseLabel.NONE,
				WaitingPace.DEFAULT, "");
	}

	/**
	 * Creates a request for a resource beside other holders.
	 * @param resource name of the resource
	 * @param limit how many may hold it beside each other, or {@link Claim#SHARED}
	 * @param waitTime how long to wait in line
	 * @param leaseTime time between renewals
	 * @return a request for a lease that renews itself
	 */
	public static LeaseRequest limited(String resource, int limit, Duration waitTime, Duration leaseTime) {
		return new LeaseRequest(resource, limit, waitTime, leaseTime, true, HandOver.NONE, LeaseLabel.NONE,
				WaitingPace.DEFAULT, "");
	}

	/**
	 * Returns this request with a lease that ends after its lease time.
	 * @return the changed request
	 */
	public LeaseRequest notRenewed() {
		return new LeaseRequest(this.resource, this.limit, this.waitTime, this.leaseTime, false, HandOver.NONE,
				this.label, this.pace, this.note);
	}

	/**
	 * Returns this request with other bounds of the hand-over within the process.
	 * @param bounds the bounds
	 * @return the changed request
	 */
	public LeaseRequest withHandOver(HandOver bounds) {
		return new LeaseRequest(this.resource, this.limit, this.waitTime, this.leaseTime, this.renewed, bounds,
				this.label, this.pace, this.note);
	}

	/**
	 * Returns this request under a label.
	 * @param label what meters and traces call it
	 * @return the changed request
	 */
	public LeaseRequest labelled(LeaseLabel label) {
		return new LeaseRequest(this.resource, this.limit, this.waitTime, this.leaseTime, this.renewed, this.handOver,
				label, this.pace, this.note);
	}

	/**
	 * Returns this request with another pace of its waiting.
	 * @param pace how often it asks the store while it waits
	 * @return the changed request
	 */
	public LeaseRequest withPace(WaitingPace pace) {
		return new LeaseRequest(this.resource, this.limit, this.waitTime, this.leaseTime, this.renewed, this.handOver,
				this.label, pace, this.note);
	}

	/**
	 * Returns this request with a note.
	 * @param note tells whoever looks at the resource who asks; up to 200 characters,
	 * where one that is neither a letter, a digit nor one of {@code . _ : @ , =} counts
	 * three
	 * @return the changed request
	 * @throws IllegalArgumentException if the note is too long
	 */
	public LeaseRequest withNote(String note) {
		return new LeaseRequest(this.resource, this.limit, this.waitTime, this.leaseTime, this.renewed, this.handOver,
				this.label, this.pace, note);
	}

	/** Whether it can be served with what was granted to another one. */
	boolean takesOver(LeaseRequest other) {
		return this.limit == 1 && other.limit == 1 && this.renewed && other.renewed && this.handOver.maxTurns() > 0
				&& this.leaseTime.equals(other.leaseTime);
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
