package io.concord.lock;

import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.ApplicationEventPublisher;

import io.concord.lease.guard.CommitChecks;

/**
 * Looks after the lock of one call while its method runs, and gives it back.
 *
 * <p>
 * Who owns what: {@code lock} guards {@code inside}, {@code reason} and
 * {@code interrupted}. The thread of the method turns {@code inside} false, once, before
 * it gives the lock back; the first to tell of the loss sets {@code reason}. Whoever
 * interrupts does so under {@code lock} and only while {@code inside}, so after
 * {@link #leave()} no interrupt is on its way that could meet what the thread does next.
 */
final class LossWatch {

	private static final Logger logger = LoggerFactory.getLogger(LossWatch.class);

	private final HeldLock held;

	private final OnLost onLost;

	private final @Nullable ApplicationEventPublisher events;

	private final Thread thread = Thread.currentThread();

	private final ReentrantLock lock = new ReentrantLock();

	private boolean inside = true;

	private @Nullable String reason;

	/** Whether the loss has set the thread's flag. */
	private boolean interrupted;

	/**
	 * Creates the watch of a call, on its thread.
	 * @param held its lock; is given back at the end
	 * @param onLost what to do if it is lost
	 * @param events is told of the loss; null if nobody is
	 */
	LossWatch(HeldLock held, OnLost onLost, @Nullable ApplicationEventPublisher events) {
		this.held = held;
		this.onLost = onLost;
		this.events = events;
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
			this.held.onLost(this::lost);
			result = (this.onLost == OnLost.EVENT || checks == null) ? method.run()
					: checks.during(this::requireHeld, method);
		}
		catch (Throwable ex) {
			failure = ex;
		}
		boolean wasInterrupted = leave();
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
		if (!this.held.isHeld()) {
			String told = reason();
			throw new LockLostException(this.held.name(), this.held.fencingToken(),
					((told != null) ? told
							: "its lease ended, the machine may have been suspended, or the method gave it back itself")
							+ "; the transaction is rolled back");
		}
	}

	/** Whoever finds it out first. */
	private void lost(String reason) {
		this.lock.lock();
		try {
			if (this.reason != null) {
				return;
			}
			this.reason = reason;
			if (this.onLost == OnLost.INTERRUPT && this.inside) {
				this.interrupted = !this.thread.isInterrupted();
				this.thread.interrupt();
			}
		}
		finally {
			this.lock.unlock();
		}
		publish(reason);
	}

	private void publish(String reason) {
		if (this.events == null) {
			return;
		}
		try {
			this.events.publishEvent(new LockLostEvent(this.held.name(), this.held.fencingToken(), reason));
		}
		catch (RuntimeException ex) {
			logger.error("A listener to the loss of lock '{}' failed", LockNames.abbreviate(this.held.name()), ex);
		}
	}

	/**
	 * Ends the watch over the thread. An interrupt by others that came after that for the
	 * loss can't be told from it.
	 * @return whether the thread was interrupted for the loss
	 */
	private boolean leave() {
		this.lock.lock();
		try {
			this.inside = false;
			if (this.interrupted) {
				Thread.interrupted();
			}
			return this.interrupted;
		}
		finally {
			this.lock.unlock();
		}
	}

	private @Nullable LockLostException giveBack() {
		try {
			this.held.close();
		}
		catch (LockLostException ex) {
			lost(ex.getReason());
			return ex;
		}
		// The method may have closed it, and kept to itself what that threw.
		String told = reason();
		return (told != null) ? new LockLostException(this.held.name(), this.held.fencingToken(), told) : null;
	}

	private @Nullable String reason() {
		this.lock.lock();
		try {
			return this.reason;
		}
		finally {
			this.lock.unlock();
		}
	}

}
