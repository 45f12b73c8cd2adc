package io.concord.lease;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Who holds a resource and how many wait for it, as its store saw it at one moment.
 * Immutable.
 *
 * @param holders claims that hold it, at most a hundred
 * @param waiters how many claims stand in its line; an estimate, as some may have died.
 * Those of one process that wait for each other count once.
 * @param line owners of claims that stand in the line, in its order, at most a hundred;
 * empty if the store can't tell
 */
public record ResourceState(List<Holder> holders, int waiters, List<String> line) {

	/** How many holders are listed at most. */
	public static final int MAX_HOLDERS = 100;

	/** How many of the line are listed at most. */
	public static final int MAX_LINE = 100;

	/** Nobody holds it or waits for it. */
	public static final ResourceState FREE = new ResourceState(List.of(), 0, List.of());

	public ResourceState {
		holders = List.copyOf(holders);
		line = List.copyOf(line);
	}

	/**
	 * Creates what a store says that can't list its line.
	 * @param holders as above
	 * @param waiters as above
	 */
	public ResourceState(List<Holder> holders, int waiters) {
		this(holders, waiters, List.of());
	}

	/**
	 * A claim that holds the resource.
	 *
	 * @param owner identity of the claim, see {@link Claim#owner()}
	 * @param limit its {@link Claim#limit()}
	 * @param token its fencing token
	 * @param remaining for how long it holds the resource if it is not renewed, on the
	 * clock of the store; null if only the holder's own process knows that, see
	 * {@link StoreCapabilities.Expiry#SESSION}
	 */
	public record Holder(String owner, int limit, long token, @Nullable Duration remaining) {
	}

}
