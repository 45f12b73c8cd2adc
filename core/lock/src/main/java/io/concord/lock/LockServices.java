package io.concord.lock;

import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;

import io.concord.lease.guard.CommitChecks;
import io.concord.lease.guard.FencingGuard;

/**
 * What the calls of annotated methods need. Spring's transactions may be missing: neither
 * type of the guard is loaded unless it is there.
 *
 * @param locks the locks
 * @param commitChecks checks the commits of a method; null if there are no transactions
 * @param fencingGuard the guard; asked only for methods that are fenced, and then there
 * @param events is told of losses; null if nobody is
 */
record LockServices(DistributedLocks locks, @Nullable CommitChecks commitChecks, Supplier<FencingGuard> fencingGuard,
		@Nullable ApplicationEventPublisher events) {

	/** The same, with locks that are observed under a name. */
	LockServices labelled(String name) {
		return new LockServices(this.locks.labelled(name), this.commitChecks, this.fencingGuard, this.events);
	}

}
