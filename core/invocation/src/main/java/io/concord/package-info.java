/**
 * What is common to all of Concord.
 */
@NullMarked
package io.concord;

import org.jspecify.annotations.NullMarked;
