package io.concord.lease;

import java.time.Duration;
import java.util.Objects;

/**
 * One claim in the line for a resource, as a store sees it. Immutable.
 *
 * @param resource name of the resource: any text, any length, not empty
 * @param owner identity of the claim, unique in space and time, never that of a host or a
 * thread: {@code <engine>-<number>}, printable ASCII without spaces, at most
 * {@value #LONGEST_OWNER} characters. The part before the last dash names the engine that
 * is told of an offer. After the number a dot and a {@linkplain #noteOf note} may follow,
 * which tells people who it is and has no other meaning.
 * @param limit how many claims may hold the resource beside each other as far as this one
 * is concerned: 1 is exclusive, {@link #SHARED} is without limit. A claim is granted if
 * holders + 1 ≤ the least limit of the holders and of itself.
 * @param ttl how long a grant lasts without a refresh, on the clock of the store
 * @param patience how long the claim keeps its place in the line without a refresh; zero
 * for a claim that is granted at once or not at all. At most {@code ttl}.
 * @param floor a token that is known to have been given out, if only before the store
 * lost its data; 0 for none. A store that takes floors grants a larger one, but doesn't
 * believe in any that is further ahead of its clock than {@link #MAX_LEAD}, so that one
 * wrong number can't use all tokens up. 0 to 2^53 - 1.
 */
public record Claim(String resource, String owner, int limit, Duration ttl, Duration patience, long floor) {

	/** Limit of a claim that bears any number of others of its kind. */
	public static final int SHARED = Integer.MAX_VALUE;

	/** Longest {@link #owner}, in characters. */
	public static final int LONGEST_OWNER = 255;

	/** How far ahead of a store's clock a floor may be. */
	public static final Duration MAX_LEAD = Duration.ofDays(1);

	private static final long GREATEST_TOKEN = (1L << 53) - 1;

	public Claim {
		Objects.requireNonNull(resource, "resource");
		Objects.requireNonNull(owner, "owner");
		if (resource.isEmpty()) {
			throw new IllegalArgumentException("The name of a resource must not be empty");
		}
		if (limit < 1) {
			throw new IllegalArgumentException("A limit must be at least 1, not " + limit);
		}
		if (ttl.toMillis() < 1) {
			throw new IllegalArgumentException("A lease must last at least 1 ms, not " + ttl);
		}
		if (patience.isNegative() || patience.compareTo(ttl) > 0) {
			throw new IllegalArgumentException(
					"Patience must be between zero and the lease time " + ttl + ", not " + patience);
		}
		if (floor < 0 || floor > GREATEST_TOKEN) {
			throw new IllegalArgumentException("A floor must be between 0 and 2^53 - 1, not " + floor);
		}
	}

	/**
	 * Creates a claim that knows of no token.
	 * @param resource as above
	 * @param owner as above
	 * @param limit as above
	 * @param ttl as above
	 * @param patience as above
	 */
	public Claim(String resource, String owner, int limit, Duration ttl, Duration patience) {
		this(resource, owner, limit, ttl, patience, 0);
	}

	/**
	 * Returns the least token that a grant of this claim may have.
	 * @param nowMicros the store's clock, µs since 1970
	 * @return a token above the floor, or above what is believed of it
	 */
	public long leastToken(long nowMicros) {
		return Math.min(this.floor, nowMicros + MAX_LEAD.toNanos() / 1_000) + 1;
	}

	/**
	 * Returns whether the claim joins the line if it can't be granted at once.
	 * @return whether it waits
	 */
	public boolean waits() {
		return !this.patience.isZero();
	}

	/**
	 * Returns the engine that made the claim.
	 * @return the part of the owner before the last dash, or all of it
	 */
	public String engine() {
		return engineOf(this.owner);
	}

	/**
	 * Returns what the claim of an owner says of who made it.
	 * @param owner the owner
	 * @return the {@link LeaseRequest#note() note} of the request; empty if there is none
	 */
	public static String noteOf(String owner) {
		int dot = owner.indexOf('.', owner.lastIndexOf('-') + 1);
		return (dot < 0) ? "" : OwnerNotes.decode(owner.substring(dot + 1));
	}

	/**
	 * Returns an owner without its note, which is enough to tell it from all others.
	 */
	static String identityOf(String owner) {
		int dot = owner.indexOf('.', owner.lastIndexOf('-') + 1);
		return (dot < 0) ? owner : owner.substring(0, dot);
	}

	/**
	 * Returns the engine that made the claim of an owner.
	 * @param owner the owner
	 * @return the part before the last dash, or all of it
	 */
	public static String engineOf(String owner) {
		int dash = owner.lastIndexOf('-');
		return (dash < 0) ? owner : owner.substring(0, dash);
	}

}
