package io.concord.idgen;

import java.time.Duration;

/**
 * What a process asks of a {@link WorkerIdStore}.
 *
 * @param space whose worker ids: mostly the name of a generator; any text of 1 to 255
 * characters
 * @param layout how the ids of the space are built, see {@link SnowflakeLayout#stamp()}:
 * stored by the first claim, all others must have the same text; ASCII, at most 255
 * characters
 * @param first the lowest worker id that is wanted
 * @param last the highest
 * @param owner identity of the claim, never used for another: 1 to 64 letters, digits and
 * dashes
 * @param holder which process it is, for people: any text of at most 255 characters
 * @param lead how far ahead of the store's time the mark is to be, positive
 */
public record WorkerIdClaim(String space, String layout, int first, int last, String owner, String holder,
		Duration lead) {

	/** How long texts may be. */
	public static final int MAX_TEXT = 255;

	public WorkerIdClaim {
		if (space.isEmpty() || space.length() > MAX_TEXT || layout.length() > MAX_TEXT || holder.length() > MAX_TEXT) {
			throw new IllegalArgumentException("Texts of a claim have at most " + MAX_TEXT + " characters");
		}
		if (first < 0 || last < first) {
			throw new IllegalArgumentException("There are no worker ids from " + first + " to " + last);
		}
		if (lead.toMillis() < 1) {
			throw new IllegalArgumentException("The lead must be at least 1 ms");
		}
	}

}
