package io.concord.loadbalancer;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A call that an instance works on. Whoever begins one ends it on every way out, by
 * {@link #failed}, {@link #cancelled} or, at the end of the answer's body,
 * {@link #close}; once more does nothing. Thread-safe.
 */
public final class Call implements AutoCloseable {

	private final Balancer<?> balancer;

	private final Target<?> target;

	private final long began;

	private final AtomicBoolean judged = new AtomicBoolean();

	Call(Balancer<?> balancer, Target<?> target, long began) {
		this.balancer = balancer;
		this.target = target;
		this.began = began;
	}

	long began() {
		return this.began;
	}

	Target<?> target() {
		return this.target;
	}

	/**
	 * The beginning of an answer is here. The call goes on.
	 * @param failure whether the answer tells that the instance fails
	 */
	public void answered(boolean failure) {
		if (this.judged.compareAndSet(false, true)) {
			this.balancer.judge(this, failure, false);
		}
	}

	/**
	 * There is no answer, or it broke off. Ends the call.
	 * @param connecting whether the instance could not even be reached
	 */
	public void failed(boolean connecting) {
		if (this.target.ended(this)) {
			this.judged.set(true);
			this.balancer.judge(this, true, connecting);
		}
	}

	/**
	 * Nobody waits for the answer any more. Ends the call. Says nothing about the
	 * instance, unless it has been silent for long.
	 */
	public void cancelled() {
		if (this.target.ended(this) && this.judged.compareAndSet(false, true)) {
			this.balancer.judgeCancelled(this);
		}
	}

	/** The call is over. */
	@Override
	public void close() {
		this.target.ended(this);
	}

}
