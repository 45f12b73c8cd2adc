package io.concord.ratelimit;

import java.time.Duration;
import java.util.function.IntSupplier;

import io.concord.ratelimit.RateSpec.Bandwidth;
import io.concord.ratelimit.RateSpec.Kind;

/**
 * Divides each limit by the number of processes, and lets each keep its part for itself:
 * no call to anybody. All together keep the limit as far as the number is right, with one
 * exception: no part is smaller than one call asks for. A process with less to do leaves
 * its part unused. Thread-safe.
 */
public final class SharedRateLimitStore implements RateLimitStore {

	private final RateLimitStore local;

	private final IntSupplier members;

	/**
	 * Creates a store.
	 * @param local keeps the part of this process; closed with this one
	 * @param members how many processes there are; at least 1
	 */
	public SharedRateLimitStore(RateLimitStore local, IntSupplier members) {
		this.local = local;
		this.members = members;
	}

	@Override
	public String describe() {
		return "a part of " + this.members.getAsInt() + " in " + this.local.describe();
	}

	@Override
	public String kind() {
		return "share";
	}

	@Override
	public boolean isLocal() {
		return this.local.isLocal();
	}

	@Override
	public RateVerdict take(RateQuery query, Duration timeout) {
		return this.local.take(part(query), timeout);
	}

	@Override
	public RateVerdict peek(RateQuery query, Duration timeout) {
		return this.local.peek(part(query), timeout);
	}

	private RateQuery part(RateQuery query) {
		int divisor = Math.max(1, this.members.getAsInt());
		RateSpec spec = query.spec();
		long least = query.partial() ? 1 : query.permits();
		RateSpec part = new RateSpec(spec.kind(),
				spec.bandwidths().stream().map((bandwidth) -> part(spec.kind(), bandwidth, divisor, least)).toList(),
				spec.warmUp());
		return new RateQuery(query.rule(), query.key(), part, query.permits(), query.maxWait(), query.partial(),
				query.now());
	}

	/** A permit of a part costs as many times more as there are parts. */
	private static Bandwidth part(Kind kind, Bandwidth whole, int divisor, long least) {
		return switch (kind) {
			case FIXED_WINDOW, SLIDING_WINDOW ->
				new Bandwidth(whole.cost(), whole.drain(), Math.max(least, whole.capacity() / divisor));
			case TOKEN_BUCKET, WARM_BUCKET, LEAKY_BUCKET -> {
				long cost = whole.cost() * divisor;
				long calls = (kind == Kind.WARM_BUCKET) ? 3 * least : least;
				yield new Bandwidth(cost, whole.drain(), Math.max(calls * cost, whole.capacity()));
			}
		};
	}

	@Override
	public void reset(String rule, String key, Duration timeout) {
		this.local.reset(rule, key, timeout);
	}

	@Override
	public boolean sweep(Duration timeout) {
		return this.local.sweep(timeout);
	}

	@Override
	public void close() {
		this.local.close();
	}

}
