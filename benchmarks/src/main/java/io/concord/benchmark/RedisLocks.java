package io.concord.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.baomidou.lock.LockInfo;
import com.baomidou.lock.LockTemplate;
import com.baomidou.lock.executor.RedisTemplateLockExecutor;
import com.baomidou.lock.spring.boot.autoconfigure.Lock4jProperties;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.provider.redis.spring.RedisLockProvider;
import org.jspecify.annotations.Nullable;
import org.redisson.Redisson;
import org.redisson.api.RLock;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.integration.redis.util.RedisLockRegistry;
import org.springframework.integration.redis.util.RedisLockRegistry.RedisLockType;

import io.concord.lease.redis.RedisLeaseStore;

/**
 * Ways to lock on Redis. Each has the connections that an application would give it, and
 * settings as they come.
 */
final class RedisLocks {

	/** How long each way holds at most, where it wants to know. */
	static final Duration LEASE = Duration.ofSeconds(30);

	/** Of those that can't wait: nobody would ask without a pause. */
	static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

	private static final String COMPARE_DELETE = """
			if redis.call('GET', KEYS[1]) == ARGV[1] then
			  return redis.call('DEL', KEYS[1])
			end
			return 0
			""";

	/** The least that gives tokens which survive a lost key and a clock that steps. */
	private static final String TOKEN_CLAIM = """
			local time = redis.call('TIME')
			local token = time[1] * 1000000 + time[2]
			local last = redis.call('GET', KEYS[2])
			if last and tonumber(last) >= token then
			  token = tonumber(last) + 1
			end
			if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
			  redis.call('SET', KEYS[2], string.format('%.0f', token))
			  return string.format('%.0f', token)
			end
			return false
			""";

	private RedisLocks() {
	}

	static Locks concord(Addresses addresses) {
		return new ConcordLocks(new RedisLeaseStore(connections(addresses), "benchmark"));
	}

	/**
	 * What {@code SET NX} and a comparing delete can do: no token, no line, no waiting.
	 */
	static Locks setNx(Addresses addresses) {
		Lettuce redis = new Lettuce(addresses);
		String digest = redis.load(COMPARE_DELETE);
		return new Locks() {

			@Override
			public Held acquire(String key) throws Exception {
				byte[][] keys = { bytes("floor:" + key) };
				byte[] owner = bytes(UUID.randomUUID().toString());
				return Locks.untilHeld(0, () -> {
					String reply = redis
						.await(redis.commands.set(keys[0], owner, SetArgs.Builder.nx().px(LEASE.toMillis())));
					return "OK".equals(reply) ? () -> redis
						.await(redis.commands.evalsha(digest, ScriptOutputType.INTEGER, keys, new byte[][] { owner }))
							: null;
				});
			}

		};
	}

	/** The smallest scripts that bear tokens, called without anything around them. */
	static Locks smallestScripts(Addresses addresses) {
		Lettuce redis = new Lettuce(addresses);
		String claim = redis.load(TOKEN_CLAIM);
		String release = redis.load(COMPARE_DELETE);
		byte[] ttl = bytes(Long.toString(LEASE.toMillis()));
		return new Locks() {

			@Override
			public Held acquire(String key) throws Exception {
				byte[][] keys = { bytes("smallest:" + key), bytes("smallest:token") };
				byte[] owner = bytes(UUID.randomUUID().toString());
				return Locks.untilHeld(0, () -> {
					byte[] token = redis.await(
							redis.commands.evalsha(claim, ScriptOutputType.VALUE, keys, new byte[][] { owner, ttl }));
					return (token != null) ? () -> redis.await(redis.commands.evalsha(release, ScriptOutputType.INTEGER,
							new byte[][] { keys[0] }, new byte[][] { owner })) : null;
				});
			}

		};
	}

	/**
	 * The very two scripts of Concord, called without anything around them: what is
	 * between this and Concord is the cost of the engine.
	 */
	static Locks equalScripts(Addresses addresses) {
		Lettuce redis = new Lettuce(addresses);
		String claim = redis.load(concordScript("claim"));
		String release = redis.load(concordScript("release"));
		byte[] ttl = bytes(Long.toString(LEASE.toMillis()));
		byte[] nothing = bytes("0");
		byte[] channel = bytes("concord:benchmark:offers:");
		byte[] call = bytes("benchmar.1");
		return new Locks() {

			@Override
			public Held acquire(String key) throws Exception {
				String bucket = "concord:benchmark:equal:{" + (key.hashCode() & 1023) + "}:";
				byte[][] keys = { bytes(bucket + "n:" + key), bytes(bucket + "h:" + key), bytes(bucket + "t") };
				byte[] owner = bytes(UUID.randomUUID().toString());
				byte[][] args = { owner, ttl, bytes("1"), nothing, channel, nothing, nothing, call };
				return Locks.untilHeld(0, () -> {
					byte[] reply = Objects
						.requireNonNull(redis.await(redis.commands.evalsha(claim, ScriptOutputType.VALUE, keys, args)));
					return isGrant(reply)
							? () -> redis.await(redis.commands.evalsha(release, ScriptOutputType.VALUE, keys, args))
							: null;
				});
			}

			private boolean isGrant(byte[] reply) {
				return new String(reply, StandardCharsets.US_ASCII).startsWith("benchmar.1 G ");
			}

		};
	}

	/** As the store puts them together; if it changes that, the first call fails. */
	private static String concordScript(String name) {
		String source = Pattern.compile("(?m)^-- @include (\\w+)$")
			.matcher(resource(name))
			.replaceAll((include) -> Matcher.quoteReplacement(resource(include.group(1))));
		return "local function answer()\n" + source + "\nend\nreturn ARGV[#ARGV] .. ' ' .. answer()\n";
	}

	private static String resource(String name) {
		try (InputStream in = RedisLeaseStore.class.getResourceAsStream(name + ".lua")) {
			return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static Locks redisson(Addresses addresses) {
		return redisson(addresses, RedissonClient::getLock);
	}

	static Locks redissonFair(Addresses addresses) {
		return redisson(addresses, RedissonClient::getFairLock);
	}

	private static Locks redisson(Addresses addresses, BiFunction<RedissonClient, String, RLock> kind) {
		RedissonClient client = redissonClient(addresses);
		return new RedissonLocks() {

			@Override
			public void join(String key) {
				// The owner of a lock is a thread, here by a number that no thread has.
				kind.apply(client, "redisson:" + key).lockAsync(this.joined.incrementAndGet());
			}

			@Override
			public Held acquire(String key) {
				RLock lock = kind.apply(client, "redisson:" + key);
				lock.lock();
				return lock::unlock;
			}

		};
	}

	static RedissonClient redissonClient(Addresses addresses) {
		Config config = new Config();
		config.useSingleServer().setAddress("redis://127.0.0.1:" + addresses.redisPort());
		return Redisson.create(config);
	}

	static Locks shedLock(Addresses addresses) {
		LettuceConnectionFactory connections = connections(addresses);
		RedisLockProvider provider = new RedisLockProvider(connections);
		return new Locks() {

			@Override
			public Held acquire(String key) throws Exception {
				return Locks.untilHeld(PAUSE_NANOS,
						() -> provider.lock(new LockConfiguration(Instant.now(), key, LEASE, Duration.ZERO))
							.<Held>map((lock) -> lock::unlock)
							.orElse(null));
			}

		};
	}

	static Locks springIntegration(Addresses addresses) {
		return springIntegration(addresses, RedisLockType.SPIN_LOCK);
	}

	static Locks springIntegrationPubSub(Addresses addresses) {
		return springIntegration(addresses, RedisLockType.PUB_SUB_LOCK);
	}

	private static Locks springIntegration(Addresses addresses, RedisLockType type) {
		LettuceConnectionFactory connections = connections(addresses);
		RedisLockRegistry registry = new RedisLockRegistry(connections, "integration-" + type, LEASE);
		registry.setRedisLockType(type);
		return new Locks() {

			@Override
			public Held acquire(String key) {
				Lock lock = registry.obtain(key);
				lock.lock();
				return lock::unlock;
			}

		};
	}

	static Locks lock4j(Addresses addresses) throws Exception {
		LettuceConnectionFactory connections = connections(addresses);
		Lock4jProperties properties = new Lock4jProperties();
		LockTemplate template = new LockTemplate();
		template.setProperties(properties);
		template.setExecutors(List.of(new RedisTemplateLockExecutor(new StringRedisTemplate(connections), properties)));
		template.afterPropertiesSet();
		return new Locks() {

			@Override
			public Held acquire(String key) throws Exception {
				return Locks.untilHeld(0, () -> {
					LockInfo lock = template.lock("lock4j:" + key, LEASE.toMillis(), 3_600_000);
					return (lock != null) ? () -> template.releaseLock(lock) : null;
				});
			}

		};
	}

	static LettuceConnectionFactory connections(Addresses addresses) {
		LettuceConnectionFactory connections = new LettuceConnectionFactory("127.0.0.1", addresses.redisPort());
		connections.afterPropertiesSet();
		connections.start();
		return connections;
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

	/** Redisson's locks, which can be waited for by objects. */
	private abstract static class RedissonLocks implements Locks, WaitingMemory.Joinable {

		final AtomicLong joined = new AtomicLong(1_000_000);

	}

	/** One connection that all threads share, as in an application. */
	private static final class Lettuce {

		private final StatefulRedisConnection<byte[], byte[]> connection;

		private final RedisAsyncCommands<byte[], byte[]> commands;

		Lettuce(Addresses addresses) {
			this.connection = RedisClient.create("redis://127.0.0.1:" + addresses.redisPort())
				.connect(ByteArrayCodec.INSTANCE);
			this.commands = this.connection.async();
		}

		String load(String script) {
			return this.connection.sync().scriptLoad(bytes(script));
		}

		<T extends @Nullable Object> T await(Future<T> reply)
				throws ExecutionException, InterruptedException, TimeoutException {
			return reply.get(10, TimeUnit.SECONDS);
		}

	}

}
