package io.concord.idgen;

import org.jspecify.annotations.Nullable;

/**
 * What a {@link WorkerIdStore} answers to an extension.
 */
public sealed interface WorkerIdExtension {

	/**
	 * The worker id still is this holder's.
	 *
	 * @param highWater the mark that is stored now, ms since 1970
	 * @param storeTime the store's clock at the step, ms since 1970
	 */
	record Extended(long highWater, long storeTime) implements WorkerIdExtension {
	}

	/**
	 * The worker id is this holder's no more, for good.
	 *
	 * @param holder who has it now, as it has called itself, or null if nobody has or it
	 * is not known
	 */
	record Lost(@Nullable String holder) implements WorkerIdExtension {
	}

}
