/**
 * What tests of every feature share.
 */
@NullMarked
package io.concord.test;

import org.jspecify.annotations.NullMarked;
