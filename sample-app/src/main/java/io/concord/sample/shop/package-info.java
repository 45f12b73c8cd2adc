/**
 * A small shop that sells a limited stock from several processes at once.
 */
@NullMarked
package io.concord.sample.shop;

import org.jspecify.annotations.NullMarked;
