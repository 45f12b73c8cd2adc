/**
 * Auto-configuration of distributed ids.
 */
@NullMarked
package io.concord.autoconfigure.idgen;

import org.jspecify.annotations.NullMarked;
