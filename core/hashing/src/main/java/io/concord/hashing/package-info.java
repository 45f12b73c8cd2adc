/**
 * Data distribution: which of several nodes a key belongs to. Start at
 * {@link io.concord.hashing.Partitioners}.
 */
@NullMarked
package io.concord.hashing;

import org.jspecify.annotations.NullMarked;
