package io.concord.lock;

import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.ApplicationEventPublisher;

import io.concord.invocation.BodyThread;
import io.concord.lease.guard.CommitChecks;

/**
 * Looks after the lock of one call while its method runs, and gives it back.
 *
 * <p>
 * Who owns what: {@code lock} guards {@code inside}, {@code loss} and
 * {@code interrupted}. The thread of the method turns {@code inside} false, once, before
 * it gives the lock back; the first to tell of the loss sets {@code loss}. Whoever
 * interrupts does so under {@code lock} and only while {@code inside}, so after
 * {@link #leave()} no interrupt is on its way that could meet what the thread does next.
 */
final class LossWatch {

	private static final Logger logger = LoggerFactory.getLogger(LossWatch.class);

	private final HeldLock held;

	private final OnLost onLost;

	private final @Nullable ApplicationEventPublisher events;

	private final BodyThread thread = new BodyThread();

	private final ReentrantLock lock = new ReentrantLock();

	private @Nullable LockLostException loss;

	/**
	 * Creates the watch of a call, on its thread.
	 * @param held its lock or locks, given back at the end
	 * @param onLost what to do if it is lost
	 * @param events is told of the loss; null if nobody is
	 */
	LossWatch(HeldLock held, OnLost onLost, @Nullable ApplicationEventPublisher events) {
		this.held = held;
		this.onLost = onLost;
		this.events = events;
	}

	HeldLock held() {
		return this.held;
	}

	/** Begins to look after the lock. */
	void start() {
		this.held.parts().forEach((part) -> part.onLost((reason) -> lost(part, reason)));
	}

	/**
	 * Gives the lock back when what goes on without its thread has ended.
	 * @throws LockLostException if it was lost, and that matters
	 */
	void end() {
		LockLostException loss = giveBack();
		if (loss != null && this.onLost != OnLost.EVENT) {
			throw loss;
		}
	}

	/**
	 * Runs the method, on this thread, and gives the lock back.
	 * @param method the method
	 * @param checks checks the commits of the method; null if there are no transactions
	 * @return what the method returned
	 * @throws Throwable what the method threw, with the loss suppressed if there was one,
	 * or the loss
	 */
	@Nullable Object call(CommitChecks.Action<@Nullable Object, Throwable> method, @Nullable CommitChecks checks)
			throws Throwable {
		Object result = null;
		Throwable failure = null;
		try {
			start();
			result = (this.onLost == OnLost.EVENT || checks == null) ? method.run()
					: checks.during(this::requireHeld, method);
		}
		catch (Throwable ex) {
			failure = ex;
		}
		boolean wasInterrupted = this.thread.leave();
		LockLostException loss = giveBack();
		if (failure == null) {
			if (loss != null && this.onLost != OnLost.EVENT) {
				throw loss;
			}
			return result;
		}
		if (loss == null || failure instanceof LockLostException) {
			throw failure;
		}
		if (wasInterrupted) {
			// What the method made of the interrupt says nothing to its caller.
			loss.addSuppressed(failure);
			throw loss;
		}
		failure.addSuppressed(loss);
		throw failure;
	}

	/** A lock of which nobody is certain any more counts as lost. */
	private void requireHeld() {
		for (HeldLock part : this.held.parts()) {
			if (!part.isHeld()) {
				LockLostException told = told();
				String reason = (told != null) ? told.getReason()
						: "its lease ended, the machine may have been suspended, or the method gave it back itself";
				throw new LockLostException(part.name(), part.fencingToken(),
						reason + "; the transaction is rolled back");
			}
		}
	}

	private void lost(HeldLock part, String reason) {
		lost(new LockLostException(part.name(), part.fencingToken(), reason));
	}

	/** Whoever finds it out first. */
	private void lost(LockLostException loss) {
		this.lock.lock();
		try {
			if (this.loss != null) {
				return;
			}
			this.loss = loss;
		}
		finally {
			this.lock.unlock();
		}
		if (this.onLost == OnLost.INTERRUPT) {
			this.thread.interrupt();
		}
		publish(loss);
	}

	private void publish(LockLostException loss) {
		if (this.events == null) {
			return;
		}
		try {
			this.events.publishEvent(new LockLostEvent(loss.getName(), loss.getFencingToken(), loss.getReason()));
		}
		catch (RuntimeException ex) {
			logger.error("A listener to the loss of lock '{}' failed", LockNames.abbreviate(loss.getName()), ex);
		}
	}

	private @Nullable LockLostException giveBack() {
		try {
			this.held.close();
		}
		catch (LockLostException ex) {
			lost(ex);
			return ex;
		}
		// The method may have closed it, and kept to itself what that threw.
		LockLostException told = told();
		return (told != null) ? new LockLostException(told.getName(), told.getFencingToken(), told.getReason()) : null;
	}

	private @Nullable LockLostException told() {
		this.lock.lock();
		try {
			return this.loss;
		}
		finally {
			this.lock.unlock();
		}
	}

}
