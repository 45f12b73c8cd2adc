package io.concord.idgen.redis;

import java.time.Duration;

import io.concord.idgen.IdRange;
import io.concord.idgen.IdsExhaustedException;
import io.concord.idgen.SegmentStore;
import io.concord.lease.LeaseNotReplicatedException;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.redis.RedisCalls;
import io.concord.lease.redis.Script;

/**
 * Takes ranges from a counter by INCRBY, in one script call that also skips to the least
 * id. See {@link RedisIdKeys} for what it rests on. Thread-safe.
 */
final class RedisSegmentStore implements SegmentStore {

	private static final Script COUNTER = new Script(RedisSegmentStore.class, "counter");

	private final RedisIdKeys keys;

	private final RedisCalls calls;

	RedisSegmentStore(RedisIdKeys keys) {
		this.keys = keys;
		this.calls = keys.calls();
	}

	@Override
	public String describe() {
		return this.calls.describe();
	}

	@Override
	public IdRange next(String name, long size, long least, Duration timeout) {
		long base = least - 1;
		long greatest = Long.MAX_VALUE - size;
		if (base > greatest) {
			throw exhausted(name, size, least);
		}
		String[] reply;
		try {
			reply = this.calls
				.runConfirmed(COUNTER, new byte[][] { this.keys.key(name, "c") },
						new byte[][] { RedisIdKeys.ascii(size), RedisIdKeys.ascii(base), RedisIdKeys.ascii(greatest) },
						timeout)
				.split(" ");
		}
		catch (LeaseNotReplicatedException ex) {
			throw new LeaseOutcomeUnknownException(
					"Ids of '" + name + "' were taken, and are not used: " + ex.getMessage(), ex);
		}
		return switch (reply[0]) {
			case "G" -> {
				long last = Long.parseLong(reply[1]);
				yield new IdRange(last - size + 1, last);
			}
			case "E" -> throw exhausted(name, size, least);
			default ->
				throw new LeaseOutcomeUnknownException("Redis gave an unknown reply: " + String.join(" ", reply));
		};
	}

	private IdsExhaustedException exhausted(String name, long size, long least) {
		return new IdsExhaustedException("The counter '" + name + "' in " + describe() + " has no " + size
				+ " numbers left from " + least + " on");
	}

	@Override
	public void close() {
		this.calls.close();
	}

}
