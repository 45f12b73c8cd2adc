/**
 * Auto-configuration of leader election.
 */
@NullMarked
package io.concord.autoconfigure.election;

import org.jspecify.annotations.NullMarked;
