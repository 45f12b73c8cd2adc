/**
 * Auto-configuration of data distribution.
 */
@NullMarked
package io.concord.autoconfigure.sharding;

import org.jspecify.annotations.NullMarked;
