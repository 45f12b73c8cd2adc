/**
 * Auto-configuration of ids.
 */
@NullMarked
package io.concord.autoconfigure.idgen;

import org.jspecify.annotations.NullMarked;
