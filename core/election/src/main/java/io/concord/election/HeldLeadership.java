package io.concord.election;

import java.time.Instant;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

import io.concord.lease.Fence;
import io.concord.lease.Lease;

/**
 * A leadership and the bodies that run under it.
 *
 * <p>
 * {@code lock} guards all that changes; nothing waits under it. It goes one way: open,
 * ended (no new bodies), and with its lease lost from either.
 */
final class HeldLeadership implements Leadership {

	private final String election;

	private final Lease lease;

	private final ReentrantLock lock = new ReentrantLock();

	private final Set<Body> bodies = Collections.newSetFromMap(new IdentityHashMap<>());

	/** Completed when it has ended and no body is left. */
	private final CompletableFuture<@Nullable Void> idle = new CompletableFuture<>();

	private @Nullable String endReason;

	private @Nullable String lossReason;

	HeldLeadership(String election, Lease lease) {
		this.election = election;
		this.lease = lease;
	}

	@Override
	public String election() {
		return this.election;
	}

	@Override
	public long term() {
		return this.lease.token();
	}

	@Override
	public Fence fence() {
		return this.lease.fence();
	}

	@Override
	public Instant since() {
		return this.lease.since();
	}

	@Override
	public boolean isHeld() {
		return this.lease.isValid();
	}

	Lease lease() {
		return this.lease;
	}

	/**
	 * Lets a body in.
	 * @param onRevoked what to do with it when the leadership ends
	 * @param bound whether all of it runs on this thread
	 * @return the body, or null if the leadership has ended; what runs inside of another
	 * body on the same thread is let in until that one has ended
	 */
	@Nullable Body enter(OnRevoked onRevoked, boolean bound) {
		this.lock.lock();
		try {
			boolean open = this.endReason == null || (bound && this.bodies.stream().anyMatch(Body::isOfThisThread));
			if (!open || this.lossReason != null || !isHeld()) {
				return null;
			}
			Body body = new Body(this, onRevoked, bound);
			this.bodies.add(body);
			return body;
		}
		finally {
			this.lock.unlock();
		}
	}

	void left(Body body) {
		this.lock.lock();
		try {
			this.bodies.remove(body);
			if (this.endReason == null || !this.bodies.isEmpty()) {
				return;
			}
		}
		finally {
			this.lock.unlock();
		}
		this.idle.complete(null);
	}

	/** Lets no more bodies in, and tells those that run. */
	void end(String reason) {
		List<Body> told;
		this.lock.lock();
		try {
			if (this.endReason == null) {
				this.endReason = reason;
			}
			told = List.copyOf(this.bodies);
		}
		finally {
			this.lock.unlock();
		}
		if (told.isEmpty()) {
			this.idle.complete(null);
		}
		told.forEach(Body::interrupt);
	}

	/** The lease is lost. */
	void lost(String reason) {
		this.lock.lock();
		try {
			this.lossReason = reason;
		}
		finally {
			this.lock.unlock();
		}
		end(reason);
	}

	/** Why the lease was lost; null if it was not. */
	@Nullable String lossReason() {
		this.lock.lock();
		try {
			return this.lossReason;
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Why there are no more bodies; null if there are. */
	@Nullable String endReason() {
		this.lock.lock();
		try {
			return this.endReason;
		}
		finally {
			this.lock.unlock();
		}
	}

	CompletableFuture<@Nullable Void> idle() {
		return this.idle;
	}

	@Override
	public String toString() {
		return "Leadership in '" + Names.abbreviate(this.election) + "' of term " + term();
	}

}
