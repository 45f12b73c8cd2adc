/**
 * The actuator endpoint that all features share.
 */
@NullMarked
package io.concord.autoconfigure.actuate;

import org.jspecify.annotations.NullMarked;
