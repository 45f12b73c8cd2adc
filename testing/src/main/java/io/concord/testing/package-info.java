/**
 * Help for the tests of applications:
 * {@link io.concord.testing.LocalConcord @LocalConcord} puts every store into memory,
 * {@link io.concord.testing.ConcordAssertions} looks at locks.
 */
@NullMarked
package io.concord.testing;

import org.jspecify.annotations.NullMarked;
