package io.concord.lease.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.core.script.RedisScript;
import org.springframework.util.ConcurrentLruCache;

import io.concord.lease.Claim;
import io.concord.lease.Fence;
import io.concord.lease.Fenced;
import io.concord.lease.FencedOutException;
import io.concord.lease.ResourceNames;

/**
 * Keeps holders whose lease has passed to another from writing to Redis, whatever their
 * clocks and pauses.
 *
 * <p>
 * The application's script runs only if no later holder has been here before, and in the
 * same step nobody earlier can come any more. The first call of a holder announces it;
 * what it reads before that may be changed by a stale holder, so it either reads through
 * this guard, too, or calls {@link #announce} first. Later calls find their own
 * announcement or are refused.
 *
 * <p>
 * What the guard knows lies beside the data, under the hash tag of its keys: one key for
 * each resource and tag, which is kept for the retention after its last use. A holder
 * that has never been here and stands still for longer than that is not recognized. All
 * keys of a call have one hash tag, or are one key without a tag; data under other tags
 * is guarded separately, by calls of its own.
 *
 * <p>
 * What it rests on: Redis keeps what it has acknowledged. A fail-over to a replica that
 * missed the last writes, or an eviction, can lose an announcement. Not for scripts that
 * are queued in a transaction or a pipeline. Thread-safe.
 */
public final class RedisFencingGuard {

	/** How long an announcement is kept after its last use. */
	public static final Duration DEFAULT_RETENTION = Duration.ofDays(1);

	private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

	private static final Pattern REFUSAL = Pattern.compile("CONCORDFENCED (\\d+) (\\S+)");

	private static final String AROUND = read("guard.lua");

	private static final RedisScript<Long> NOTHING = RedisScript.of("return 1", Long.class);

	/** Scripts that an application has at a time; more are wrapped anew. */
	private static final int MAX_SCRIPTS = 256;

	/** Holders at a time; one more is announced once more, which harms nothing. */
	private static final int MAX_HOLDERS = 10_000;

	private final StringRedisTemplate redis;

	private final String prefix;

	private final String retentionMillis;

	private final ConcurrentLruCache<Source, RedisScript<?>> guarded = new ConcurrentLruCache<>(MAX_SCRIPTS,
			RedisFencingGuard::guarded);

	private final ConcurrentLruCache<Place, AtomicBoolean> announced = new ConcurrentLruCache<>(MAX_HOLDERS,
			(place) -> new AtomicBoolean());

	/**
	 * Creates a guard.
	 * @param connectionFactory gives the connections to the data
	 * @param namespace separates applications on one server: 1 to 64 of
	 * {@code A-Z a-z 0-9 . _ -}
	 * @param retention how long an announcement is kept after its last use, at least 1 s
	 * @throws IllegalArgumentException if the namespace has other characters or the
	 * retention is too short
	 */
	public RedisFencingGuard(RedisConnectionFactory connectionFactory, String namespace, Duration retention) {
		if (!NAMESPACE.matcher(namespace).matches()) {
			throw new IllegalArgumentException(
					"A namespace is 1 to 64 of the characters A-Z a-z 0-9 . _ - and not '" + namespace + "'");
		}
		if (retention.compareTo(Duration.ofSeconds(1)) < 0) {
			throw new IllegalArgumentException("The retention must be at least 1 s, not " + retention);
		}
		this.redis = new StringRedisTemplate(connectionFactory);
		this.prefix = "concord:" + namespace + ":fence:";
		this.retentionMillis = Long.toString(retention.toMillis());
	}

	/**
	 * Runs a script if the holder is the newest one that has been here.
	 * @param <T> type of the result
	 * @param holder the lock or lease that is held
	 * @param script a constant script, with {@code KEYS} and {@code ARGV} as always; sent
	 * to the server once and called by its digest then
	 * @param keys its keys, at least one, all with the same hash tag
	 * @param args its arguments
	 * @return its result; null if it gave none
	 * @throws FencedOutException if a later holder has been here; the script has not run
	 * @throws IllegalArgumentException if the keys don't have one hash tag, or the holder
	 * is one of a limited number
	 * @throws org.springframework.dao.DataAccessException if Redis or the script failed
	 */
	public <T> @Nullable T execute(Fenced holder, RedisScript<T> script, List<String> keys, String... args) {
		Fence fence = holder.fence();
		if (!fence.isExclusive() && fence.limit() != Claim.SHARED) {
			throw new IllegalArgumentException("Up to " + fence.limit() + " may hold '" + fence.resource()
					+ "' beside each other, and no guard can tell which of them are stale. Guard exclusive and shared holders only.");
		}
		String key = this.prefix + "{" + tag(keys) + "}:" + ResourceNames.encode(fence.resource());
		AtomicBoolean announced = this.announced.get(new Place(fence, key));
		String mode = fence.isExclusive() ? (announced.get() ? "verify" : "announce") : "shared";
		List<String> allKeys = new ArrayList<>(keys.size() + 1);
		allKeys.add(key);
		allKeys.addAll(keys);
		Object[] allArgs = new Object[args.length + 4];
		// Of equal length, so that texts compare as the numbers do, which Lua can't hold.
		allArgs[0] = "%019d".formatted(fence.token());
		allArgs[1] = fence.owner();
		allArgs[2] = mode;
		allArgs[3] = this.retentionMillis;
		System.arraycopy(args, 0, allArgs, 4, args.length);
		try {
			T result = this.redis.execute(guardedOf(script), allKeys, allArgs);
			announced.set(true);
			return result;
		}
		catch (RuntimeException ex) {
			RuntimeException failure = refusal(fence, key, ex);
			if (failure instanceof FencedOutException refused) {
				holder.fencedOutBy(refused.getAnnouncedToken());
			}
			throw failure;
		}
	}

	/**
	 * Announces a holder before it reads: nothing that is written through this guard
	 * under the same hash tag comes from an earlier one any more.
	 * @param holder the lock or lease that is held
	 * @param keys keys of the data, as for {@link #execute}
	 * @throws FencedOutException if a later holder has been here
	 * @throws IllegalArgumentException as {@link #execute} does
	 * @throws org.springframework.dao.DataAccessException if Redis failed
	 */
	public void announce(Fenced holder, List<String> keys) {
		execute(holder, NOTHING, keys);
	}

	private static RuntimeException refusal(Fence fence, String key, RuntimeException ex) {
		for (Throwable cause = ex; cause != null; cause = cause.getCause()) {
			Matcher refusal = REFUSAL.matcher(String.valueOf(cause.getMessage()));
			if (refusal.find()) {
				long token = Long.parseLong(refusal.group(1));
				String reason;
				if (token == 0) {
					reason = "its announcement is missing from " + key
							+ ". Redis has lost it, by an eviction, a fail-over or a restart without its data";
				}
				else if (token == fence.token()) {
					reason = "another holder has announced the same token in " + key
							+ ". The store of the lease has given it out twice, by a fail-over or a restart without its data";
				}
				else if (token < fence.token()) {
					reason = key + " shows token " + token
							+ ", which is from before its own announcement. Was Redis put back?";
				}
				else {
					reason = "a later holder has announced token " + token + " in " + key
							+ ". If nobody else holds it, the store of the lease has lost its last token, and is let "
							+ "through again as soon as its tokens have passed this one";
				}
				return new FencedOutException(fence, token, reason, ex);
			}
		}
		return ex;
	}

	/**
	 * Finds what decides about the slot of the keys on a cluster.
	 */
	private static String tag(List<String> keys) {
		if (keys.isEmpty()) {
			throw new IllegalArgumentException(
					"A guarded script needs at least one key: what the guard keeps lies beside it");
		}
		String tag = tag(keys.get(0));
		for (String key : keys) {
			if (!tag(key).equals(tag)) {
				throw new IllegalArgumentException("The keys '" + keys.get(0) + "' and '" + key
						+ "' have different hash tags. Let all keys of a guarded script have the same one, such as '{"
						+ tag + "}:items'.");
			}
		}
		if (tag.indexOf('}') >= 0) {
			throw new IllegalArgumentException("The key '" + keys.get(0)
					+ "' has a '}' but no hash tag, and no other key can be put beside it on a cluster. "
					+ "Give it a hash tag, such as '{stock}:" + keys.get(0).replace("}", "") + "'.");
		}
		return tag;
	}

	private static String tag(String key) {
		int begin = key.indexOf('{');
		int end = (begin < 0) ? -1 : key.indexOf('}', begin + 1);
		return (end > begin + 1) ? key.substring(begin + 1, end) : key;
	}

	@SuppressWarnings("unchecked")
	private <T> RedisScript<T> guardedOf(RedisScript<T> script) {
		return (RedisScript<T>) this.guarded.get(new Source(script.getScriptAsString(), script.getResultType()));
	}

	private static RedisScript<?> guarded(Source script) {
		if (script.text().startsWith("#!")) {
			throw new IllegalArgumentException(
					"A guarded script can't begin with '#!': it becomes part of another one. "
							+ "Remove the first line of: " + script.text());
		}
		String text = AROUND.replace("-- @script", script.text());
		Class<?> type = script.type();
		return (type != null) ? RedisScript.of(text, type) : RedisScript.of(text);
	}

	private static String read(String file) {
		try (InputStream in = RedisFencingGuard.class.getResourceAsStream(file)) {
			if (in == null) {
				throw new IllegalStateException("The script " + file + " is missing from the class path");
			}
			return new String(in.readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * A script of the application, by what it says.
	 */
	private record Source(String text, @Nullable Class<?> type) {
	}

	/**
	 * Where a grant is announced.
	 */
	private record Place(Fence fence, String key) {
	}

}
