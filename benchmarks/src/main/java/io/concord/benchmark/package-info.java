/**
 * Measurements beside the peers.
 */
@NullMarked
package io.concord.benchmark;

import org.jspecify.annotations.NullMarked;
