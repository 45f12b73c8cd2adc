package io.concord.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import org.redisson.api.RRateLimiter;
import org.redisson.api.RateType;
import org.redisson.api.RedissonClient;

import io.concord.ratelimit.redis.RedisRateLimitStore;

/**
 * Ways to limit rates on Redis, but for Concord's.
 */
final class RedisRates {

	private RedisRates() {
	}

	/**
	 * The very script of Concord, called without anything around it: what is between this
	 * and Concord is the cost of the rest.
	 */
	static RateSource bare(Addresses addresses, long rate) throws IOException {
		Scripts redis = new Scripts(addresses, resource(RedisRateLimitStore.class, "decide.lua"));
		byte[] one = bytes("1");
		byte[] nothing = bytes("0");
		long divisor = gcd(1_000_000, rate);
		byte[] cost = bytes(Long.toString(1_000_000 / divisor));
		byte[] drain = bytes(Long.toString(rate / divisor));
		byte[] capacity = bytes(Long.toString(rate * (1_000_000 / divisor)));
		byte[] call = bytes("benchmar.1");
		return (key) -> {
			byte[] reply = redis.run(ScriptOutputType.VALUE, new byte[][] { bytes("floor:" + rate + ":{" + key + "}") },
					one, one, nothing, nothing, one, nothing, nothing, cost, drain, capacity, call);
			return reply[0] != '0';
		};
	}

	private static long gcd(long one, long other) {
		return (other == 0) ? one : gcd(other, one % other);
	}

	static RateSource bucket4j(Addresses addresses, long rate) {
		StatefulRedisConnection<byte[], byte[]> connection = RedisClient
			.create("redis://127.0.0.1:" + addresses.redisPort())
			.connect(ByteArrayCodec.INSTANCE);
		ProxyManager<byte[]> buckets = Bucket4jLettuce.casBasedBuilder(connection).build();
		BucketConfiguration configuration = LocalRates.configuration(rate);
		Map<String, Bucket> known = new ConcurrentHashMap<>();
		return (key) -> known
			.computeIfAbsent(key,
					(name) -> buckets.builder().build(bytes("bucket4j:" + rate + ":" + name), () -> configuration))
			.tryConsume(1);
	}

	static RateSource redisson(Addresses addresses, long rate) {
		RedissonClient client = RedisLocks.redissonClient(addresses);
		Map<String, RRateLimiter> known = new ConcurrentHashMap<>();
		return (key) -> known.computeIfAbsent(key, (name) -> {
			RRateLimiter limiter = client.getRateLimiter("redisson:" + rate + ":" + name);
			limiter.trySetRate(RateType.OVERALL, rate, Duration.ofSeconds(1));
			return limiter;
		}).tryAcquire();
	}

	/** The script with the keys and arguments that the gateway gives it. */
	static RateSource gateway(Addresses addresses, long rate) throws IOException {
		Scripts redis = new Scripts(addresses,
				resource(RedisRates.class, "/META-INF/scripts/request_rate_limiter.lua"));
		byte[] limit = bytes(Long.toString(rate));
		return (key) -> {
			String prefix = "request_rate_limiter.{" + rate + "." + key + "}.";
			List<Object> reply = redis.run(ScriptOutputType.MULTI,
					new byte[][] { bytes(prefix + "tokens"), bytes(prefix + "timestamp") }, limit, limit, bytes(""),
					bytes("1"));
			return Long.valueOf(1).equals(reply.get(0));
		};
	}

	private static byte[] resource(Class<?> type, String name) throws IOException {
		try (InputStream in = type.getResourceAsStream(name)) {
			return Objects.requireNonNull(in, name).readAllBytes();
		}
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

	/** One script on one connection that all threads share, as in an application. */
	private static final class Scripts {

		private final StatefulRedisConnection<byte[], byte[]> connection;

		private final String digest;

		Scripts(Addresses addresses, byte[] script) {
			this.connection = RedisClient.create("redis://127.0.0.1:" + addresses.redisPort())
				.connect(ByteArrayCodec.INSTANCE);
			this.digest = this.connection.sync().scriptLoad(script);
		}

		<T> T run(ScriptOutputType type, byte[][] keys, byte[]... arguments) throws Exception {
			return this.connection.async().<T>evalsha(this.digest, type, keys, arguments).get(10, TimeUnit.SECONDS);
		}

	}

}
