/**
 * Child processes that can be stopped, killed and watched, and that never outlive the
 * test's JVM.
 */
@NullMarked
package io.concord.test.process;

import org.jspecify.annotations.NullMarked;
