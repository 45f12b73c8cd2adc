package io.concord.lock;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import io.concord.lease.Fence;

/**
 * Several locks that were acquired together and are given back together, in the opposite
 * order.
 */
final class HeldLocks implements HeldLock {

	private final List<HeldLock> parts;

	HeldLocks(List<? extends HeldLock> parts) {
		this.parts = List.copyOf(parts);
	}

	@Override
	public String name() {
		return this.parts.stream().map(HeldLock::name).collect(Collectors.joining(", "));
	}

	@Override
	public long fencingToken() {
		throw new IllegalStateException("Each of the locks '" + LockNames.abbreviate(name())
				+ "' has a fencing token of its own: ask its parts()");
	}

	@Override
	public Fence fence() {
		throw new IllegalStateException("Each of the locks '" + LockNames.abbreviate(name())
				+ "' has a fencing token of its own: ask its parts()");
	}

	@Override
	public List<HeldLock> parts() {
		return this.parts;
	}

	@Override
	public boolean isHeld() {
		return this.parts.stream().allMatch(HeldLock::isHeld);
	}

	@Override
	public void onLost(Consumer<String> listener) {
		AtomicBoolean told = new AtomicBoolean();
		this.parts.forEach((part) -> part.onLost((reason) -> {
			if (told.compareAndSet(false, true)) {
				listener.accept("'" + LockNames.abbreviate(part.name()) + "': " + reason);
			}
		}));
	}

	@Override
	public void close() {
		closeAll(this.parts);
	}

	/** All of them, whatever one of them throws. */
	static void closeAll(List<? extends HeldLock> locks) {
		@Nullable RuntimeException failure = null;
		List<HeldLock> reversed = new ArrayList<>(locks);
		Collections.reverse(reversed);
		for (HeldLock lock : reversed) {
			try {
				lock.close();
			}
			catch (RuntimeException ex) {
				if (failure == null) {
					failure = ex;
				}
				else {
					failure.addSuppressed(ex);
				}
			}
		}
		if (failure != null) {
			throw failure;
		}
	}

	@Override
	public String toString() {
		return "Locks " + this.parts;
	}

}
