/**
 * Planted violations of the rules.
 */
@NullMarked
package io.concord.architecture.planted.lease;

import org.jspecify.annotations.NullMarked;
