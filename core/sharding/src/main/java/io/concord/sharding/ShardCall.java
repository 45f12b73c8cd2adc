package io.concord.sharding;

import org.jspecify.annotations.Nullable;

/**
 * Work that is done on one shard.
 *
 * @param <T> type of its result
 * @param <E> what it may throw; inferred as {@code RuntimeException} where it declares
 * nothing
 */
@FunctionalInterface
public interface ShardCall<T extends @Nullable Object, E extends Throwable> {

	/**
	 * Does the work.
	 * @return its result
	 * @throws E if it fails
	 */
	T call() throws E;

}
