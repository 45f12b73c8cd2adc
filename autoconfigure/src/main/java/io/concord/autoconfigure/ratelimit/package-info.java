/**
 * Auto-configuration of flow control.
 */
@NullMarked
package io.concord.autoconfigure.ratelimit;

import org.jspecify.annotations.NullMarked;
