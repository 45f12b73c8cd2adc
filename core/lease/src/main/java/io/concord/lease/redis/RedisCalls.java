package io.concord.lease.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.util.ClassUtils;

import io.concord.lease.LeaseNotReplicatedException;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStoreException;

/**
 * Makes calls to Redis, each one script within its time-out: one EVALSHA, and one EVAL
 * more if the server doesn't know the script yet. For stores. Thread-safe.
 */
public final class RedisCalls implements AutoCloseable {

	private static final boolean LETTUCE = ClassUtils.isPresent("io.lettuce.core.RedisClient",
			RedisCalls.class.getClassLoader());

	private final ScriptCalls calls;

	/** Others than {@code calls} if replicas confirm. */
	private final ScriptCalls confirmed;

	/** Tells the calls of this object from those of others on the same connections. */
	private final String callPrefix = UUID.randomUUID().toString().substring(0, 8) + ".";

	private final AtomicLong callNumber = new AtomicLong();

	/**
	 * Creates a way to the server.
	 * @param connectionFactory gives the connections; not closed
	 * @param waitReplicas how many replicas have to confirm what is to be confirmed; 0
	 * for none
	 * @param waitTimeout how long to wait for them, at most half of what is left of the
	 * time-out of the call
	 * @throws IllegalArgumentException if the number is negative, or replicas can't be
	 * waited for on these connections
	 */
	public RedisCalls(RedisConnectionFactory connectionFactory, int waitReplicas, Duration waitTimeout) {
		if (waitReplicas < 0) {
			throw new IllegalArgumentException("The number of replicas must not be negative: " + waitReplicas);
		}
		if (waitReplicas > 0 && !LETTUCE) {
			throw new IllegalArgumentException("Writes can't be confirmed by replicas without Lettuce");
		}
		this.calls = calls(connectionFactory);
		this.confirmed = (waitReplicas > 0)
				? new ReplicatedScriptCalls(connectionFactory, waitReplicas, waitTimeout, this.calls.describe())
				: this.calls;
	}

	/**
	 * Returns where the calls go, for messages.
	 * @return kind and address; no secrets
	 */
	public String describe() {
		return this.calls.describe();
	}

	/**
	 * Runs a script.
	 * @param script what to run
	 * @param keys its keys, all of one slot
	 * @param args its arguments, without the name of the call
	 * @param timeout how long it may take
	 * @return what it returned, which must be ASCII
	 * @throws LeaseOutcomeUnknownException if it may have been, or may yet be, run
	 * @throws LeaseStoreException if it was not run
	 */
	public String run(Script script, byte[][] keys, byte[][] args, Duration timeout) {
		return run(this.calls, script, keys, args, timeout);
	}

	/**
	 * Runs a script as {@link #run} does. If it returns {@code G } and more, it has
	 * granted something, and replicas have to confirm what it has written, if that is
	 * wanted.
	 * @param script what to run; writes whenever it grants, or there would be nothing to
	 * wait for
	 * @param keys its keys, all of one slot
	 * @param args its arguments, without the name of the call
	 * @param timeout how long it may take
	 * @return what it returned, which must be ASCII
	 * @throws LeaseNotReplicatedException if it has run and granted something, which too
	 * few replicas have confirmed
	 * @throws LeaseOutcomeUnknownException if it may have been, or may yet be, run
	 * @throws LeaseStoreException if it was not run
	 */
	public String runConfirmed(Script script, byte[][] keys, byte[][] args, Duration timeout) {
		return run(this.confirmed, script, keys, args, timeout);
	}

	/**
	 * Sees to it that the answer is to this very call: Jedis has been seen to leave a
	 * reply in a pooled connection for the next to read.
	 */
	private String run(ScriptCalls through, Script script, byte[][] keys, byte[][] args, Duration timeout) {
		String name = this.callPrefix + Long.toString(this.callNumber.incrementAndGet(), Character.MAX_RADIX);
		byte[][] named = Arrays.copyOf(args, args.length + 1);
		named[args.length] = name.getBytes(StandardCharsets.US_ASCII);
		String reply = through.run(script, keys, named, timeout);
		if (!reply.startsWith(name + " ")) {
			throw new LeaseOutcomeUnknownException(
					describe() + " answered call " + name + " with what belongs to another: " + reply
							+ ". A pooled connection is out of step; Jedis leaves one so if the user may not SUBSCRIBE"
							+ " and UNSUBSCRIBE");
		}
		return reply.substring(name.length() + 1);
	}

	@Override
	public void close() {
		this.confirmed.close();
		this.calls.close();
	}

	private static ScriptCalls calls(RedisConnectionFactory connectionFactory) {
		if (LETTUCE && connectionFactory instanceof LettuceConnectionFactory lettuce
				&& LettuceScriptCalls.supports(lettuce)) {
			return new LettuceScriptCalls(lettuce);
		}
		return new BoundedScriptCalls(connectionFactory);
	}

}
