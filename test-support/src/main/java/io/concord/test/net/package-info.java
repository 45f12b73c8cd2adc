/**
 * Ports and network faults.
 */
@NullMarked
package io.concord.test.net;

import org.jspecify.annotations.NullMarked;
