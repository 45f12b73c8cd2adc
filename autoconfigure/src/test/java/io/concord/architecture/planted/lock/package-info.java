/**
 * Planted violations of the rules.
 */
@NullMarked
package io.concord.architecture.planted.lock;

import org.jspecify.annotations.NullMarked;
