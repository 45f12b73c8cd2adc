/**
 * Auto-configuration of the stores and engines that leases live in.
 */
@NullMarked
package io.concord.autoconfigure.lease;

import org.jspecify.annotations.NullMarked;
