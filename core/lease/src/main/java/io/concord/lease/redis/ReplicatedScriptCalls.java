package io.concord.lease.redis;

import java.time.Duration;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.concord.lease.BoundedCalls;
import io.concord.lease.LeaseNotReplicatedException;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStoreException;

/**
 * Runs the scripts that grant something and then waits, by {@code WAIT}, until enough
 * replicas have what was written.
 *
 * <p>
 * {@code WAIT} counts for the connection that wrote, and blocks it. So these are
 * connections of their own, of Lettuce's native client: on the one that the application
 * shares, it would hold up everybody. Each call has one for itself, on one of few
 * threads; one that failed or broke is closed, as nobody knows what is still under way on
 * it.
 */
final class ReplicatedScriptCalls implements ScriptCalls {

	private static final int MAX_THREADS = 8;

	private final LettuceConnectionFactory connectionFactory;

	private final int replicas;

	private final Duration wait;

	private final String description;

	private final BoundedCalls calls = new BoundedCalls("redis-replicated", MAX_THREADS);

	private final Deque<Dedicated> idle = new ConcurrentLinkedDeque<>();

	private volatile boolean closed;

	/**
	 * Creates the calls.
	 * @param replicas how many replicas have to confirm
	 * @param wait how long to wait for them
	 * @param description of the server, for messages
	 * @throws IllegalArgumentException if the factory is not one whose connections are
	 * known
	 */
	ReplicatedScriptCalls(RedisConnectionFactory connectionFactory, int replicas, Duration wait, String description) {
		if (!(connectionFactory instanceof LettuceConnectionFactory lettuce) || lettuce.isClusterAware()) {
			throw new IllegalArgumentException(
					"Writes can't be confirmed by replicas through a " + connectionFactory.getClass().getSimpleName()
							+ ((connectionFactory instanceof LettuceConnectionFactory) ? " of a cluster" : "")
							+ ": that takes connections of Lettuce to one server");
		}
		this.connectionFactory = lettuce;
		this.replicas = replicas;
		this.wait = wait;
		this.description = description;
	}

	@Override
	public String run(Script script, byte[][] keys, byte[][] args, Duration timeout) {
		long end = System.nanoTime() + timeout.toNanos();
		return this.calls.call((gate) -> {
			Dedicated connection = connect();
			boolean done = false;
			try {
				gate.pass();
				String reply = connection.run(script, keys, args, end);
				int confirmed = isGrant(reply) ? connection.confirmations(end) : this.replicas;
				connection.checkUnbroken(null);
				done = true;
				if (confirmed < this.replicas) {
					throw new LeaseNotReplicatedException(this.description, confirmed, this.replicas);
				}
				return reply;
			}
			finally {
				if (done && !this.closed) {
					this.idle.push(connection);
				}
				else {
					connection.close();
				}
			}
		}, timeout);
	}

	/** After the name of the call. */
	private static boolean isGrant(String reply) {
		return reply.startsWith("G ", reply.indexOf(' ') + 1);
	}

	private Dedicated connect() {
		Dedicated connection;
		while ((connection = this.idle.poll()) != null) {
			if (connection.isUsable()) {
				return connection;
			}
			connection.close();
		}
		try {
			return new Dedicated(
					((RedisClient) this.connectionFactory.getRequiredNativeClient()).connect(ByteArrayCodec.INSTANCE));
		}
		catch (RuntimeException ex) {
			throw new LeaseStoreException("No connection to " + this.description + ": " + ex, ex);
		}
	}

	private static long nanosLeft(long end) {
		return Math.max(0, end - System.nanoTime());
	}

	@Override
	public String describe() {
		return this.description;
	}

	@Override
	public void close() {
		this.closed = true;
		this.calls.close();
		Dedicated connection;
		while ((connection = this.idle.poll()) != null) {
			connection.close();
		}
	}

	/** A connection for one call at a time. */
	private final class Dedicated implements RedisConnectionStateListener {

		private final StatefulRedisConnection<byte[], byte[]> connection;

		private volatile boolean broken;

		Dedicated(StatefulRedisConnection<byte[], byte[]> connection) {
			this.connection = connection;
			connection.addListener(this);
		}

		@Override
		public void onRedisDisconnected(RedisChannelHandler<?, ?> channel) {
			this.broken = true;
		}

		boolean isUsable() {
			return !this.broken && this.connection.isOpen();
		}

		String run(Script script, byte[][] keys, byte[][] args, long end) {
			RedisAsyncCommands<byte[], byte[]> commands = this.connection.async();
			try {
				return ScriptCalls
					.text(await(commands.evalsha(script.digest(), ScriptOutputType.VALUE, keys, args), end));
			}
			catch (ExecutionException ex) {
				if (!(ex.getCause() instanceof RedisNoScriptException)) {
					throw failure(ex);
				}
			}
			try {
				return ScriptCalls.text(await(commands.eval(script.text(), ScriptOutputType.VALUE, keys, args), end));
			}
			catch (ExecutionException ex) {
				throw failure(ex);
			}
		}

		int confirmations(long end) {
			long left = TimeUnit.NANOSECONDS.toMillis(nanosLeft(end));
			// Zero would wait for ever; half of what is left, so that the answer arrives.
			long millis = Math.max(1, Math.min(ReplicatedScriptCalls.this.wait.toMillis(), left / 2));
			try {
				Long confirmed = await(
						this.connection.async().waitForReplication(ReplicatedScriptCalls.this.replicas, millis), end);
				return (confirmed != null) ? confirmed.intValue() : 0;
			}
			catch (ExecutionException ex) {
				throw new LeaseOutcomeUnknownException(
						"WAIT failed at " + ReplicatedScriptCalls.this.description + ": " + ex.getCause(), ex);
			}
		}

		/** Lettuce sends again, after a reconnect, what was not answered. */
		void checkUnbroken(@Nullable Throwable cause) {
			if (this.broken) {
				throw new LeaseOutcomeUnknownException("The connection to " + ReplicatedScriptCalls.this.description
						+ " broke under a call, which may have been made twice", cause);
			}
		}

		private LeaseStoreException failure(ExecutionException ex) {
			checkUnbroken(ex);
			return ScriptCalls.failure(ReplicatedScriptCalls.this.description,
					(ex.getCause() != null) ? ex.getCause() : ex);
		}

		private <T> @Nullable T await(Future<T> reply, long end) throws ExecutionException {
			try {
				return reply.get(nanosLeft(end), TimeUnit.NANOSECONDS);
			}
			catch (TimeoutException | InterruptedException ex) {
				reply.cancel(true);
				throw new LeaseOutcomeUnknownException("No answer from " + ReplicatedScriptCalls.this.description, ex);
			}
		}

		void close() {
			this.connection.closeAsync();
		}

	}

}
