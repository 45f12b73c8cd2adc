package io.concord.idgen;

import java.util.List;

/**
 * What a {@link WorkerIdStore} answers to a claim.
 */
public sealed interface WorkerIdAnswer {

	/**
	 * A worker id was taken.
	 *
	 * @param lease the worker id
	 * @param floor no id at or before this time may be issued, ms since 1970: the mark of
	 * the holder before, or later; 0 or less if there was none
	 * @param highWater no id after this time may be issued until the mark is extended, ms
	 * since 1970; can be at the floor or before it for a while
	 * @param storeTime the store's clock at the step, ms since 1970
	 */
	record Granted(WorkerIdLease lease, long floor, long highWater, long storeTime) implements WorkerIdAnswer {
	}

	/**
	 * None of those wanted is free.
	 *
	 * @param holders who holds them, by worker id
	 */
	record Full(List<WorkerIdHolder> holders) implements WorkerIdAnswer {
	}

	/**
	 * The space has another layout.
	 *
	 * @param stored the layout that is stored
	 */
	record LayoutDiffers(String stored) implements WorkerIdAnswer {
	}

}
