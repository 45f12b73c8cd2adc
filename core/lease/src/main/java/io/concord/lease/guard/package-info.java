/**
 * The guard: keeps a holder whose lease has passed to another from committing to a
 * database. Needs Spring's transactions.
 */
@NullMarked
package io.concord.lease.guard;

import org.jspecify.annotations.NullMarked;
