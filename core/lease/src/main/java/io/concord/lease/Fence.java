package io.concord.lease;

import java.io.Serializable;

/**
 * What tells one grant of a resource from all others, for what checks it where data is
 * written. Immutable.
 *
 * @param resource name of the resource
 * @param token the fencing token of the grant, positive
 * @param owner identity of the claim, unique in space and time: tells apart two grants
 * with the same token, as a store that lost its tokens may give out
 * @param limit how many may hold the resource beside each other as far as this grant is
 * concerned; 1 is exclusive, {@link Claim#SHARED} without limit
 */
public record Fence(String resource, long token, String owner, int limit) implements Serializable {

	public Fence {
		if (token < 1) {
			throw new IllegalArgumentException("A fencing token must be positive, not " + token);
		}
	}

	/**
	 * Returns whether nobody else may hold the resource at the same time.
	 * @return whether the grant is exclusive
	 */
	public boolean isExclusive() {
		return this.limit == 1;
	}

	@Override
	public String toString() {
		return "'" + LeaseRequest.abbreviate(this.resource) + "' with fencing token " + this.token;
	}

}
