/**
 * Auto-configuration of distributed locks.
 */
@NullMarked
package io.concord.autoconfigure.lock;

import org.jspecify.annotations.NullMarked;
