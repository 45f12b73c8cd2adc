package io.concord.ratelimit;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

import io.concord.lease.LeaseStoreException;

/**
 * Decides by the model, at a time that a test sets, and fails or waits if it is told to.
 */
final class StubStore implements RateLimitStore {

	final AtomicInteger calls = new AtomicInteger();

	final AtomicInteger peeks = new AtomicInteger();

	volatile String lastKey = "";

	volatile long micros = 1_000_000_000L;

	volatile @Nullable String failure;

	/** Run with each call, before it decides. */
	volatile Runnable before = () -> {
	};

	private final ReentrantLock lock = new ReentrantLock();

	private final Map<String, AtomicReference<long[]>> states = new ConcurrentHashMap<>();

	@Override
	public String describe() {
		return "stub";
	}

	@Override
	public String kind() {
		return "stub";
	}

	@Override
	public RateVerdict take(RateQuery query, Duration timeout) {
		this.calls.incrementAndGet();
		this.lastKey = query.key();
		this.before.run();
		fail();
		AtomicReference<long[]> state = this.states.computeIfAbsent(query.resource(),
				(name) -> new AtomicReference<>());
		this.lock.lock();
		try {
			RateModel.Step step = RateModel.decide(query, state.get(), this.micros);
			if (step.next() != null) {
				state.set(step.next());
			}
			return step.verdict();
		}
		finally {
			this.lock.unlock();
		}
	}

	private void fail() {
		String message = this.failure;
		if (message != null) {
			throw new LeaseStoreException(message);
		}
	}

	@Override
	public RateVerdict peek(RateQuery query, Duration timeout) {
		this.peeks.incrementAndGet();
		fail();
		AtomicReference<long[]> state = this.states.get(query.resource());
		return RateModel.decide(query, (state != null) ? state.get() : null, this.micros).verdict();
	}

	@Override
	public void reset(String rule, String key, Duration timeout) {
		fail();
		this.states.clear();
	}

	@Override
	public void close() {
	}

}
