package io.concord.faults;

import java.util.List;

import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.core.script.RedisScript;

import io.concord.lease.Fenced;
import io.concord.lease.redis.RedisFencingGuard;

/**
 * Keys of a Redis, written by guarded scripts.
 */
final class RedisRegister implements GuardedRegister {

	private static final RedisScript<String> SET = RedisScript.of("redis.call('SET', KEYS[1], ARGV[1]) return ARGV[1]",
			String.class);

	private final StringRedisTemplate redis;

	private final RedisFencingGuard guard;

	RedisRegister(RedisConnectionFactory connectionFactory) {
		this.redis = new StringRedisTemplate(connectionFactory);
		this.guard = new RedisFencingGuard(connectionFactory, "faults", RedisFencingGuard.DEFAULT_RETENTION);
	}

	@Override
	public void write(Fenced holder, String key, long number, Runnable announced, Runnable write) {
		List<String> keys = List.of("{" + key + "}:number");
		this.guard.announce(holder, keys);
		announced.run();
		write.run();
		this.guard.execute(holder, SET, keys, Long.toString(number));
	}

	@Override
	public long read(String key) {
		String number = this.redis.opsForValue().get("{" + key + "}:number");
		return (number != null) ? Long.parseLong(number) : 0;
	}

	@Override
	public void close() {
		// The connections are the worker's.
	}

}
