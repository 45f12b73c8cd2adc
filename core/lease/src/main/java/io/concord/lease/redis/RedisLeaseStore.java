package io.concord.lease.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.redis.connection.RedisConnectionFactory;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseNotReplicatedException;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.ReleaseAnswer;
import io.concord.lease.ResourceNames;
import io.concord.lease.ResourceState;
import io.concord.lease.StoreCapabilities;

/**
 * Keeps leases in Redis, from version 6.2 on, through the connections that the
 * application has.
 *
 * <p>
 * Every operation is one EVALSHA of a constant script; the first use of a script at a
 * server costs one EVAL more, and so does every 64 dead waiters that have to be cleared
 * out of a line. A contended hand-over is one release and one refresh of the waiter that
 * is told by PUBLISH.
 *
 * <p>
 * All keys of a name share the hash tag of one of {@value #BUCKETS} buckets. What is kept
 * of a name ends with its last claim; per bucket the last token stays. How it is stored
 * is said in {@code line.lua}.
 *
 * <p>
 * Time is that of the Redis server. What the guarantees rest on: Redis keeps what it has
 * acknowledged. A fail-over to a replica that missed the last writes, a restart without
 * them, or an eviction ({@code maxmemory-policy} other than {@code noeviction}) can lose
 * a lease and grant it again; tokens then still grow if the server's clock is past the
 * last token. Thread-safe.
 */
public final class RedisLeaseStore implements LeaseStore {

	private static final Logger logger = LoggerFactory.getLogger(RedisLeaseStore.class);

	/** Number of buckets that names are spread over: slots on a cluster, kept tokens. */
	static final int BUCKETS = 1024;

	/** Redis counts in ms and may be one late. */
	private static final StoreCapabilities CAPABILITIES = new StoreCapabilities(true, true, true, true,
			Duration.ofMillis(2));

	private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

	private static final byte[] NOTHING = ascii("0");

	private static final Duration STAGGER = Duration.ofMillis(20);

	private final RedisConnectionFactory connectionFactory;

	private final RedisCalls calls;

	private final String prefix;

	private final byte[] channelPrefix;

	private final @Nullable LongSupplier micros;

	private volatile @Nullable OfferHints hints;

	/** Whether the server lets us do all that is needed. */
	private volatile boolean checked;

	/**
	 * Creates a store.
	 * @param connectionFactory gives the connections; not closed by the store
	 * @param namespace separates applications on one server: 1 to 64 of
	 * {@code A-Z a-z 0-9 . _ -}
	 * @throws IllegalArgumentException if the namespace has other characters
	 */
	public RedisLeaseStore(RedisConnectionFactory connectionFactory, String namespace) {
		this(connectionFactory, namespace, 0, Duration.ZERO, null);
	}

	/**
	 * Creates a store whose grants are confirmed by replicas: one that too few of them
	 * have in time is released again, and the claim fails with a
	 * {@link io.concord.lease.LeaseNotReplicatedException}. Renewals are not confirmed.
	 * @param connectionFactory gives the connections; not closed by the store. If
	 * replicas are to confirm, that of Lettuce and not of a cluster
	 * @param namespace separates applications on one server: 1 to 64 of
	 * {@code A-Z a-z 0-9 . _ -}
	 * @param waitReplicas how many replicas have to confirm; 0 for none
	 * @param waitTimeout how long to wait for them, at most half of what is left of the
	 * time-out of the call
	 * @throws IllegalArgumentException if the namespace has other characters, the number
	 * is negative, or replicas can't be waited for on these connections
	 */
	public RedisLeaseStore(RedisConnectionFactory connectionFactory, String namespace, int waitReplicas,
			Duration waitTimeout) {
		this(connectionFactory, namespace, waitReplicas, waitTimeout, null);
	}

	/**
	 * Creates a store on another clock.
	 * @param micros µs since 1970; null for the server's
	 */
	RedisLeaseStore(RedisConnectionFactory connectionFactory, String namespace, @Nullable LongSupplier micros) {
		this(connectionFactory, namespace, 0, Duration.ZERO, micros);
	}

	private RedisLeaseStore(RedisConnectionFactory connectionFactory, String namespace, int waitReplicas,
			Duration waitTimeout, @Nullable LongSupplier micros) {
		if (!NAMESPACE.matcher(namespace).matches()) {
			throw new IllegalArgumentException(
					"A namespace is 1 to 64 of the characters A-Z a-z 0-9 . _ - and not '" + namespace + "'");
		}
		this.connectionFactory = connectionFactory;
		this.calls = new RedisCalls(connectionFactory, waitReplicas, waitTimeout);
		this.prefix = "concord:" + namespace + ":lease:{";
		this.channelPrefix = ascii("concord:" + namespace + ":offers:");
		this.micros = micros;
	}

	@Override
	public String describe() {
		return this.calls.describe();
	}

	@Override
	public StoreCapabilities capabilities() {
		return CAPABILITIES;
	}

	@Override
	public ClaimAnswer claim(Claim claim, Duration timeout) {
		return claimAnswer(Script.CLAIM, claim, timeout);
	}

	@Override
	public ClaimAnswer refresh(Claim claim, Duration timeout) {
		return claimAnswer(Script.REFRESH, claim, timeout);
	}

	@Override
	public ReleaseAnswer release(Claim claim, Duration bar, Duration timeout) {
		long end = System.nanoTime() + timeout.toNanos();
		boolean held = false;
		@Nullable String offeredTo = null;
		byte[] barMillis = ascii(Long.toString(bar.toMillis()));
		while (true) {
			String[] reply = run(Script.RELEASE, claim, barMillis, end);
			held |= reply[0].equals("H");
			if (offeredTo == null && !reply[1].equals("-")) {
				offeredTo = reply[1];
			}
			if (!isUnfinished(reply)) {
				return new ReleaseAnswer(held, offeredTo);
			}
		}
	}

	@Override
	public Optional<ResourceState> inspect(String resource, Duration timeout) {
		// The script wants all that others do; the limit bounds the holders it lists.
		Claim nobody = new Claim(resource, "nobody", ResourceState.MAX_HOLDERS, Duration.ofMillis(1), Duration.ZERO);
		String[] reply = run(Script.INSPECT, nobody, NOTHING, System.nanoTime() + timeout.toNanos());
		List<ResourceState.Holder> holders = new ArrayList<>();
		for (int i = 2; i < reply.length; i += 4) {
			holders.add(new ResourceState.Holder(reply[i], Integer.parseInt(reply[i + 1]), Long.parseLong(reply[i + 2]),
					Duration.ofNanos(Long.parseLong(reply[i + 3]) * 1_000)));
		}
		return Optional.of(new ResourceState(holders, (int) Math.min(Integer.MAX_VALUE, Long.parseLong(reply[1]))));
	}

	@Override
	public void listen(String engine, Consumer<String> offered) {
		this.hints = new OfferHints(this.connectionFactory,
				new String(this.channelPrefix, StandardCharsets.US_ASCII) + engine, offered);
	}

	@Override
	public void close() {
		OfferHints started = this.hints;
		if (started != null) {
			started.close();
		}
		this.calls.close();
	}

	private ClaimAnswer claimAnswer(Script script, Claim claim, Duration timeout) {
		long end = System.nanoTime() + timeout.toNanos();
		while (true) {
			String[] reply;
			try {
				reply = run(script, claim, NOTHING, end);
			}
			catch (LeaseNotReplicatedException ex) {
				release(claim, Duration.ZERO, left(end));
				throw ex;
			}
			if (isUnfinished(reply)) {
				continue;
			}
			return switch (reply[0]) {
				case "G" -> new ClaimAnswer.Granted(Long.parseLong(reply[1]));
				case "W" -> {
					int ahead = (int) Math.min(Integer.MAX_VALUE, Long.parseLong(reply[1]));
					yield new ClaimAnswer.Waiting(ahead, Duration.ofNanos(Math.max(0, Long.parseLong(reply[2])) * 1_000)
						.plus(STAGGER.multipliedBy(ahead)));
				}
				case "R" -> new ClaimAnswer.Refused();
				case "X" -> new ClaimAnswer.Gone();
				default -> throw new LeaseStoreException("Redis gave an unknown reply: " + String.join(" ", reply));
			};
		}
	}

	private String[] run(Script script, Claim claim, byte[] barMillis, long end) {
		String name = ResourceNames.encode(claim.resource());
		String bucket = this.prefix + bucket(name) + "}:";
		byte[][] keys = { ascii(bucket + "n:" + name), ascii(bucket + "h:" + name), ascii(bucket + "t") };
		byte[] owner = ascii(claim.owner());
		byte[] ttl = ascii(Long.toString(claim.ttl().toMillis()));
		byte[] limit = ascii(Integer.toString(claim.limit()));
		byte[] patience = ascii(Long.toString(claim.patience().toMillis()));
		byte[][] args;
		if (this.micros != null) {
			byte[] now = ascii(Long.toString(this.micros.getAsLong()));
			args = new byte[][] { owner, ttl, limit, patience, this.channelPrefix, barMillis, now };
		}
		else {
			args = new byte[][] { owner, ttl, limit, patience, this.channelPrefix, barMillis };
		}
		if (!this.checked) {
			check(left(end));
		}
		// Who refreshes without patience holds already.
		boolean grants = script == Script.CLAIM || (script == Script.REFRESH && claim.waits());
		String[] reply = (grants ? this.calls.runConfirmed(script, keys, args, left(end))
				: this.calls.run(script, keys, args, left(end)))
			.split(" ");
		if (reply[0].equals("V")) {
			throw new LeaseStoreException("What " + describe() + " keeps of '" + name + "' under " + this.prefix
					+ "… has format " + reply[1]
					+ ", and this version of Concord knows format 1 only. Another version of"
					+ " Concord, or another program, writes to the same keys: use the same version on all nodes, or"
					+ " another namespace.");
		}
		return reply;
	}

	private void check(Duration timeout) {
		String bucket = this.prefix + "probe}:";
		String id = UUID.randomUUID().toString();
		byte[][] keys = { ascii(bucket + "1:" + id), ascii(bucket + "2:" + id) };
		String channel = new String(this.channelPrefix, StandardCharsets.US_ASCII);
		String refused;
		try {
			refused = this.calls.run(Script.PROBE, keys, new byte[][] { ascii(channel + "probe") }, timeout);
		}
		catch (LeaseOutcomeUnknownException ex) {
			throw new LeaseStoreException("The first call failed: " + ex.getMessage(), ex);
		}
		int bar = refused.indexOf('|');
		if (bar > 0) {
			throw new LeaseStoreException(describe() + " refuses commands that leases need: "
					+ refused.substring(0, bar) + ". Permit them to the user on the keys "
					+ this.prefix.substring(0, this.prefix.length() - 1) + "*");
		}
		if (bar + 1 < refused.length() && !this.checked) {
			logger.warn("{} refuses {} on the channels {}*, so waiters look again by time alone", describe(),
					refused.substring(bar + 1), channel);
		}
		this.checked = true;
	}

	private static Duration left(long end) {
		return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
	}

	private static boolean isUnfinished(String[] reply) {
		return reply[reply.length - 1].equals("M");
	}

	/** Part of the stored format: the bucket of a name must be the same on all nodes. */
	private static int bucket(String name) {
		int hash = name.hashCode();
		hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
		return (hash ^ (hash >>> 13)) & (BUCKETS - 1);
	}

	private static byte[] ascii(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

}
