/**
 * What all annotations of Concord share: their discovery and validation at start-up, key
 * expressions, durations and fallbacks.
 */
@NullMarked
package io.concord.invocation;

import org.jspecify.annotations.NullMarked;
