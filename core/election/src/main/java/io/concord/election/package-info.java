/**
 * Leader election: {@link io.concord.election.LeaderOnly @LeaderOnly} on a method,
 * {@link io.concord.election.LeaderElection} for everything else.
 */
@NullMarked
package io.concord.election;

import org.jspecify.annotations.NullMarked;
