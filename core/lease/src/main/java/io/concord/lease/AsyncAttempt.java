package io.concord.lease;

import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

/**
 * An {@link Attempt} that no thread waits for: its steps run on threads of the engine, in
 * between it is an object with a place on the timer.
 *
 * <p>
 * {@code state} sees to it that one step runs at a time: who moves it from WAITING to
 * RUNNING starts a step, a signal under a step turns it to SIGNALLED, and the step then
 * looks once more. Whatever completes the future first decides; a lease that comes after
 * a cancellation is given back.
 */
final class AsyncAttempt {

	private final LeaseEngine engine;

	private final Attempt attempt;

	private final Waiter waiter = new Waiter(this::trigger);

	private final Result result = new Result();

	private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

	/** Whether the lease is given to who waits for it, or nobody waits any more. */
	private final AtomicBoolean decided = new AtomicBoolean();

	/** Touched by the step that runs. */
	private LeaseTimer.@Nullable Tick tick;

	AsyncAttempt(LeaseEngine engine, LeaseRequest request, LeaseObservation observation) {
		this.engine = engine;
		this.attempt = new Attempt(engine, request, this.waiter, observation);
	}

	Attempt attempt() {
		return this.attempt;
	}

	CompletableFuture<Optional<Lease>> start() {
		// Here, so that calls are served in their order, whatever threads make the steps.
		this.attempt.enter();
		trigger();
		return this.result;
	}

	/** Starts a step, or has the one that runs look once more. Any thread. */
	void trigger() {
		State before = this.state.getAndUpdate((current) -> switch (current) {
			case WAITING -> State.RUNNING;
			case RUNNING -> State.SIGNALLED;
			case SIGNALLED, ENDED -> current;
		});
		if (before == State.WAITING && !this.engine.step(this::step)) {
			// The engine is closed, or there are no threads to be had. It must end.
			step();
		}
	}

	private void step() {
		do {
			this.state.set(State.RUNNING);
			if (this.tick != null) {
				this.tick.cancel();
				this.tick = null;
			}
			try {
				if (this.result.isDone()) {
					this.attempt.cancel(new CancellationException("The acquisition was cancelled"));
					end();
					return;
				}
				long pause = this.attempt.advance();
				if (pause == Attempt.ENDED) {
					complete();
					return;
				}
				this.tick = this.engine.at(this.engine.nanoTime() + pause, this::trigger);
			}
			catch (Throwable ex) {
				end();
				this.engine.complete(() -> this.result.completeExceptionally(ex));
				return;
			}
		}
		while (!this.state.compareAndSet(State.RUNNING, State.WAITING));
	}

	private void complete() {
		Lease lease = this.attempt.lease();
		this.state.set(State.ENDED);
		this.engine.complete(() -> {
			if (lease != null && !this.decided.compareAndSet(false, true)) {
				// It is outstanding until what nobody takes is given back.
				try {
					lease.release();
				}
				finally {
					this.engine.ended(this);
				}
				return;
			}
			this.engine.ended(this);
			if (!this.result.complete(Optional.ofNullable(lease)) && lease != null) {
				lease.release();
			}
		});
	}

	/** Whether nobody waits for it any more, but it has not ended yet. */
	boolean isCancelled() {
		return this.result.isCancelled();
	}

	private void end() {
		this.state.set(State.ENDED);
		this.engine.ended(this);
	}

	private enum State {

		WAITING, RUNNING, SIGNALLED, ENDED

	}

	/** Cancelling it leaves the line. */
	private final class Result extends CompletableFuture<Optional<Lease>> {

		@Override
		public boolean cancel(boolean mayInterruptIfRunning) {
			if (!isDone() && AsyncAttempt.this.decided.compareAndSet(false, true)) {
				super.cancel(mayInterruptIfRunning);
				trigger();
			}
			return isCancelled();
		}

		/** What hangs on it has to be cancelled itself. */
		@Override
		public <U> CompletableFuture<U> newIncompleteFuture() {
			return new CompletableFuture<>();
		}

	}

}
