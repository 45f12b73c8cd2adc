package io.concord.ratelimit.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Pattern;

import org.springframework.data.redis.connection.RedisConnectionFactory;

import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.ResourceNames;
import io.concord.lease.redis.RedisCalls;
import io.concord.lease.redis.Script;
import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.RateQuery;
import io.concord.ratelimit.RateSpec;
import io.concord.ratelimit.RateSpec.Bandwidth;
import io.concord.ratelimit.RateVerdict;

/**
 * Keeps rate limits in Redis, from version 6.2 on: one key for each rule and key, and one
 * script for each decision, by the time of the server. The script runs as a whole, so
 * nothing comes in between. A key ends by itself when its state says nothing any more. A
 * state that the server has lost, as by a fail-over, begins anew: that lets one more
 * burst or window pass. Thread-safe.
 */
public final class RedisRateLimitStore implements RateLimitStore {

	private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

	private static final Script DECIDE = new Script(RedisRateLimitStore.class, "decide");

	private static final Script RESET = new Script(RedisRateLimitStore.class, "reset");

	private final RedisCalls calls;

	private final String prefix;

	/**
	 * Creates a store.
	 * @param connectionFactory gives the connections; not closed
	 * @param namespace separates applications on one server: 1 to 64 of
	 * {@code A-Z a-z 0-9 . _ -}
	 * @throws IllegalArgumentException if the namespace has other characters
	 */
	public RedisRateLimitStore(RedisConnectionFactory connectionFactory, String namespace) {
		if (!NAMESPACE.matcher(namespace).matches()) {
			throw new IllegalArgumentException(
					"A namespace is 1 to 64 of the characters A-Z a-z 0-9 . _ - and not '" + namespace + "'");
		}
		this.calls = new RedisCalls(connectionFactory, 0, Duration.ZERO);
		this.prefix = "concord:" + namespace + ":rate:{";
	}

	@Override
	public String describe() {
		return this.calls.describe();
	}

	@Override
	public String kind() {
		return "redis";
	}

	@Override
	public RateVerdict take(RateQuery query, Duration timeout) {
		return decide(query, true, timeout);
	}

	@Override
	public RateVerdict peek(RateQuery query, Duration timeout) {
		return decide(query, false, timeout);
	}

	private RateVerdict decide(RateQuery query, boolean take, Duration timeout) {
		String reply = this.calls.run(DECIDE, new byte[][] { key(query.resource()) }, arguments(query, take), timeout);
		String[] parts = reply.split(" ");
		if (parts.length != 3) {
			throw new LeaseOutcomeUnknownException(describe() + " gave an unknown reply: " + reply);
		}
		return new RateVerdict(Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
	}

	private static byte[][] arguments(RateQuery query, boolean take) {
		RateSpec spec = query.spec();
		byte[][] arguments = new byte[7 + 3 * spec.bandwidths().size()][];
		arguments[0] = ascii(spec.kind().code());
		arguments[1] = ascii(query.permits());
		arguments[2] = ascii(query.partial() ? 1 : 0);
		arguments[3] = ascii(query.maxWait());
		arguments[4] = ascii(take ? 1 : 0);
		arguments[5] = ascii(query.now());
		arguments[6] = ascii(spec.warmUp());
		int next = 7;
		for (Bandwidth bandwidth : spec.bandwidths()) {
			arguments[next++] = ascii(bandwidth.cost());
			arguments[next++] = ascii(bandwidth.drain());
			arguments[next++] = ascii(bandwidth.capacity());
		}
		return arguments;
	}

	@Override
	public void reset(String rule, String key, Duration timeout) {
		// One call for each: on a cluster they are in different slots.
		for (RateSpec.Kind kind : RateSpec.Kind.values()) {
			this.calls.run(RESET, new byte[][] { key(RateQuery.resource(rule, kind, key)) }, new byte[0][], timeout);
		}
	}

	@Override
	public void close() {
		this.calls.close();
	}

	private byte[] key(String resource) {
		return (this.prefix + ResourceNames.encode(resource) + "}").getBytes(StandardCharsets.US_ASCII);
	}

	private static byte[] ascii(long number) {
		return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
	}

}
