package io.concord.lease;

import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.concord.lease.Lease.ReleaseOutcome;

/**
 * Keeps what a {@link LeaseObserver} throws from the engine, and the promise of what is
 * called how often from its many ways to end.
 */
final class SafeObservation implements LeaseObservation {

	private static final Logger logger = LoggerFactory.getLogger(SafeObservation.class);

	private final LeaseObservation delegate;

	private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.ACQUIRING);

	/** What it ended with, if {@code granted} was yet to be called, or to return. */
	private volatile @Nullable ReleaseOutcome early;

	private SafeObservation(LeaseObservation delegate) {
		this.delegate = delegate;
	}

	static LeaseObservation of(LeaseObserver observer, LeaseRequest request, LeaseStore store) {
		if (observer == LeaseObserver.NONE) {
			return NONE;
		}
		try {
			LeaseObservation observation = observer.acquiring(request, store);
			return (observation != NONE) ? new SafeObservation(observation) : NONE;
		}
		catch (Throwable ex) {
			log(ex);
			return NONE;
		}
	}

	@Override
	public void waiting() {
		if (this.stage.compareAndSet(Stage.ACQUIRING, Stage.WAITING)) {
			safely(this.delegate::waiting);
		}
	}

	@Override
	public void handedOver() {
		safely(this.delegate::handedOver);
	}

	@Override
	public void granted(Lease lease) {
		if (!leaveAcquiring(Stage.GRANTING)) {
			return;
		}
		safely(() -> this.delegate.granted(lease));
		boolean ended = !this.stage.compareAndSet(Stage.GRANTING, Stage.HOLDING);
		ReleaseOutcome outcome = this.early;
		// It may have ended even before it was told of.
		if (outcome != null && (ended || this.stage.compareAndSet(Stage.HOLDING, Stage.ENDED))) {
			safely(() -> this.delegate.ended(outcome));
		}
	}

	@Override
	public void unavailable() {
		if (leaveAcquiring(Stage.ENDED)) {
			safely(this.delegate::unavailable);
		}
	}

	@Override
	public void failed(Throwable failure) {
		if (leaveAcquiring(Stage.ENDED)) {
			safely(() -> this.delegate.failed(failure));
		}
	}

	@Override
	public void renewedLate() {
		if (this.stage.get() == Stage.HOLDING) {
			safely(this.delegate::renewedLate);
		}
	}

	@Override
	public void ended(ReleaseOutcome outcome) {
		this.early = outcome;
		if (this.stage.compareAndSet(Stage.GRANTING, Stage.ENDED)) {
			// Told by who tells of the grant: the one comes after the other.
			return;
		}
		if (this.stage.compareAndSet(Stage.HOLDING, Stage.ENDED)) {
			safely(() -> this.delegate.ended(outcome));
		}
	}

	private boolean leaveAcquiring(Stage next) {
		return this.stage.compareAndSet(Stage.ACQUIRING, next) || this.stage.compareAndSet(Stage.WAITING, next);
	}

	private static void safely(Runnable call) {
		try {
			call.run();
		}
		catch (Throwable ex) {
			log(ex);
		}
	}

	private static void log(Throwable ex) {
		logger.warn("An observer of leases failed; the lease goes on", ex);
	}

	private enum Stage {

		ACQUIRING, WAITING, GRANTING, HOLDING, ENDED

	}

}
