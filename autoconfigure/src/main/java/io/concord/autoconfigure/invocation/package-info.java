/**
 * Start-up failures of what all annotations share.
 */
@NullMarked
package io.concord.autoconfigure.invocation;

import org.jspecify.annotations.NullMarked;
