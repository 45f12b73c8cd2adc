/**
 * Planted violations of the rules.
 */
@NullMarked
package io.concord.architecture.planted.autoconfigure;

import org.jspecify.annotations.NullMarked;
