package io.concord.ratelimit;

/**
 * A key that is refused often. Immutable.
 *
 * @param key the key; of a long one what stands for it
 * @param count how often it was refused at most
 * @param over by how much the count is too large at most
 */
public record RefusedKey(String key, long count, long over) {
}
