package io.concord.idgen.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Pattern;

import org.springframework.data.redis.connection.RedisConnectionFactory;

import io.concord.idgen.SegmentStore;
import io.concord.idgen.SequenceStore;
import io.concord.idgen.WorkerIdStore;
import io.concord.lease.ResourceNames;
import io.concord.lease.redis.RedisCalls;

/**
 * The keys under which Redis, from version 6.2 on, keeps what ids need, and the stores on
 * them. All keys of a space or a counter share a hash tag, so they are in one slot of a
 * cluster; none of them ends by itself, and there are three for each space and one for
 * each counter. Immutable and thread-safe.
 *
 * <p>
 * What the stores rest on: Redis keeps what it has acknowledged ({@code appendonly yes}
 * with {@code appendfsync always}, {@code maxmemory-policy noeviction}). Otherwise:
 * <ul>
 * <li>Worker ids: with replicas that confirm, no mark is told before they have it. A
 * fail-over to one that has missed the last writes all the same is made up for as far as
 * clocks go: nobody who claims begins before the time of the server + the longest lead +
 * the skew, past all that a former holder can have been told. Without, a fail-over that
 * loses writes can give a worker id to two holders whose times overlap.</li>
 * <li>Segments and sequences: what a fail-over loses is given again, unless the replica
 * that takes over has confirmed it. Only as many replicas that have to confirm as there
 * are make sure of that.</li>
 * </ul>
 */
public final class RedisIdKeys {

	/**
	 * By how much clocks of servers may differ, where a replica takes over.
	 */
	public static final Duration SKEW = Duration.ofSeconds(1);

	private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

	private final RedisConnectionFactory connectionFactory;

	private final String prefix;

	private final int waitReplicas;

	private final Duration waitTimeout;

	/**
	 * Describes the keys of a namespace.
	 * @param connectionFactory gives the connections; not closed by the stores
	 * @param namespace separates applications on one server: 1 to 64 of
	 * {@code A-Z a-z 0-9 . _ -}
	 * @throws IllegalArgumentException if the namespace has other characters
	 */
	public RedisIdKeys(RedisConnectionFactory connectionFactory, String namespace) {
		this(connectionFactory, namespace, 0, Duration.ZERO);
	}

	/**
	 * Describes the keys of a namespace, of which replicas confirm what is written before
	 * an answer is given. A call whose write too few of them have in time has an unknown
	 * outcome.
	 * @param connectionFactory gives the connections; not closed by the stores. If
	 * replicas are to confirm, that of Lettuce and not of a cluster
	 * @param namespace separates applications on one server: 1 to 64 of
	 * {@code A-Z a-z 0-9 . _ -}
	 * @param waitReplicas how many replicas have to confirm; 0 for none
	 * @param waitTimeout how long to wait for them, at most half of what is left of the
	 * time-out of the call
	 * @throws IllegalArgumentException if the namespace has other characters, or the
	 * number is negative
	 */
	public RedisIdKeys(RedisConnectionFactory connectionFactory, String namespace, int waitReplicas,
			Duration waitTimeout) {
		if (!NAMESPACE.matcher(namespace).matches()) {
			throw new IllegalArgumentException(
					"A namespace is 1 to 64 of the characters A-Z a-z 0-9 . _ - and not '" + namespace + "'");
		}
		if (waitReplicas < 0) {
			throw new IllegalArgumentException("The number of replicas must not be negative: " + waitReplicas);
		}
		this.connectionFactory = connectionFactory;
		this.prefix = "concord:" + namespace + ":id:{";
		this.waitReplicas = waitReplicas;
		this.waitTimeout = waitTimeout;
	}

	/**
	 * Creates a store of worker ids.
	 * @return a new store, to be closed
	 * @throws IllegalArgumentException if replicas can't be waited for on these
	 * connections
	 */
	public WorkerIdStore workers() {
		return new RedisWorkerIdStore(this);
	}

	/**
	 * Creates a store of segments. A counter of the same name in {@link #sequences()} is
	 * the same.
	 * @return a new store, to be closed
	 * @throws IllegalArgumentException if replicas can't be waited for on these
	 * connections
	 */
	public SegmentStore segments() {
		return new RedisSegmentStore(this);
	}

	/**
	 * Creates a store of sequences. A counter of the same name in {@link #segments()} is
	 * the same.
	 * @return a new store, to be closed
	 * @throws IllegalArgumentException if replicas can't be waited for on these
	 * connections
	 */
	public SequenceStore sequences() {
		return new RedisSequenceStore(this);
	}

	RedisCalls calls() {
		return new RedisCalls(this.connectionFactory, this.waitReplicas, this.waitTimeout);
	}

	boolean isConfirmed() {
		return this.waitReplicas > 0;
	}

	/** A key of a space or counter. */
	byte[] key(String name, String kind) {
		return ascii(this.prefix + ResourceNames.encode(name) + "}:" + kind);
	}

	static byte[] ascii(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

	static byte[] ascii(long number) {
		return ascii(Long.toString(number));
	}

}
