package io.concord.autoconfigure.lease;

import java.util.Locale;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

import io.concord.lease.Lease;
import io.concord.lease.Lease.ReleaseOutcome;
import io.concord.lease.LeaseLabel;
import io.concord.lease.LeaseObservation;
import io.concord.lease.LeaseObserver;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseRequest;
import io.concord.lease.LeaseStore;

/**
 * Makes two observations of each request: one while it is acquired, one while its lease
 * is held. Neither opens a scope, as they may end on other threads than they begin on;
 * both are children of what was observed when the request was made. What happens
 * meanwhile are events, which meters count.
 */
final class ObservationLeaseObserver implements LeaseObserver {

	static final Observation.Event HANDED_OVER = Observation.Event.of("handed.over");

	static final Observation.Event LOST = Observation.Event.of("lost");

	static final Observation.Event RENEWED_LATE = Observation.Event.of("renewed.late");

	private final ObservationRegistry registry;

	private final WaiterCount waiters;

	ObservationLeaseObserver(ObservationRegistry registry, WaiterCount waiters) {
		this.registry = registry;
		this.waiters = waiters;
	}

	@Override
	public LeaseObservation acquiring(LeaseRequest request, LeaseStore store) {
		if (this.registry.isNoop()) {
			return LeaseObservation.NONE;
		}
		return new Observed(request.label(), store.kind());
	}

	private final class Observed implements LeaseObservation {

		private final LeaseLabel label;

		private final String store;

		private final Observation acquire;

		private boolean counted;

		private @Nullable Observation hold;

		Observed(LeaseLabel label, String store) {
			this.label = label;
			this.store = store;
			this.acquire = start("acquire", null);
		}

		private Observation start(String step, @Nullable Observation sibling) {
			Observation observation = Observation
				.createNotStarted("concord." + this.label.feature() + "." + step,
						ObservationLeaseObserver.this.registry)
				.contextualName(this.label.feature() + " " + step + " " + this.label.name())
				.lowCardinalityKeyValue("name", this.label.name())
				.lowCardinalityKeyValue("store", this.store);
			if (sibling != null) {
				observation.parentObservation(parentOf(sibling));
			}
			return observation.start();
		}

		private static @Nullable Observation parentOf(Observation sibling) {
			return (sibling.getContext().getParentObservation() instanceof Observation parent) ? parent : null;
		}

		@Override
		public void waiting() {
			this.counted = true;
			ObservationLeaseObserver.this.waiters.add(this.label, this.store, 1);
		}

		@Override
		public void handedOver() {
			this.acquire.event(HANDED_OVER);
		}

		@Override
		public void granted(Lease lease) {
			acquired("acquired");
			this.hold = start("hold", this.acquire);
		}

		@Override
		public void unavailable() {
			acquired("unavailable");
		}

		@Override
		public void failed(Throwable failure) {
			this.acquire.error(failure);
			acquired((failure instanceof LeaseOutcomeUnknownException) ? "unknown" : "failed");
		}

		private void acquired(String outcome) {
			if (this.counted) {
				ObservationLeaseObserver.this.waiters.add(this.label, this.store, -1);
			}
			this.acquire.lowCardinalityKeyValue("outcome", outcome).stop();
		}

		@Override
		public void renewedLate() {
			if (this.hold != null) {
				this.hold.event(RENEWED_LATE);
			}
		}

		@Override
		public void ended(ReleaseOutcome outcome) {
			if (this.hold == null) {
				return;
			}
			if (outcome == ReleaseOutcome.LOST) {
				this.hold.event(LOST);
			}
			this.hold.lowCardinalityKeyValue("outcome", outcome.name().toLowerCase(Locale.ROOT)).stop();
		}

	}

}
