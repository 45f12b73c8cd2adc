package io.concord.lease;

import org.jspecify.annotations.Nullable;

/**
 * What a store says to {@link LeaseStore#release}.
 *
 * @param held whether the claim held the resource until now. False for one that waited,
 * has expired or was never made.
 * @param offeredTo owner of the waiting claim that the resource was offered to in the
 * same step, if the store knows; others may have been told by the store's hints
 */
public record ReleaseAnswer(boolean held, @Nullable String offeredTo) {
}
