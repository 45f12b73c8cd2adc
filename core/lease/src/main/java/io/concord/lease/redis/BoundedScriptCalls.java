package io.concord.lease.redis;

import java.time.Duration;

import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.ReturnType;

import io.concord.lease.BoundedCalls;
import io.concord.lease.LeaseStoreException;

/**
 * Runs scripts through Spring Data's connections, whatever the client, each on a thread
 * of {@link BoundedCalls}: such a connection can't be bounded in time by its caller.
 */
final class BoundedScriptCalls implements ScriptCalls {

	private static final int MAX_THREADS = 16;

	private final RedisConnectionFactory connectionFactory;

	private final BoundedCalls calls = new BoundedCalls("redis", MAX_THREADS);

	private final String description;

	BoundedScriptCalls(RedisConnectionFactory connectionFactory) {
		this.connectionFactory = connectionFactory;
		this.description = "redis (" + connectionFactory.getClass().getSimpleName() + ")";
	}

	@Override
	public String run(Script script, byte[][] keys, byte[][] args, Duration timeout) {
		byte[][] keysAndArgs = new byte[keys.length + args.length][];
		System.arraycopy(keys, 0, keysAndArgs, 0, keys.length);
		System.arraycopy(args, 0, keysAndArgs, keys.length, args.length);
		return this.calls.call((gate) -> run(script, keys.length, keysAndArgs, gate), timeout);
	}

	private String run(Script script, int keys, byte[][] keysAndArgs, BoundedCalls.Gate gate) {
		try (RedisConnection connection = connect()) {
			gate.pass();
			try {
				return ScriptCalls
					.text(connection.scriptingCommands().evalSha(script.digest(), ReturnType.VALUE, keys, keysAndArgs));
			}
			catch (RuntimeException ex) {
				if (ScriptCalls.isUnknownScript(ex)) {
					return ScriptCalls
						.text(connection.scriptingCommands().eval(script.text(), ReturnType.VALUE, keys, keysAndArgs));
				}
				throw ex;
			}
		}
		catch (LeaseStoreException ex) {
			throw ex;
		}
		catch (RuntimeException ex) {
			throw ScriptCalls.failure(this.description, ex);
		}
	}

	private RedisConnection connect() {
		try {
			return this.connectionFactory.getConnection();
		}
		catch (RuntimeException ex) {
			throw new LeaseStoreException("No connection to " + this.description + ": " + ex, ex);
		}
	}

	@Override
	public String describe() {
		return this.description;
	}

	@Override
	public void close() {
		this.calls.close();
	}

}
