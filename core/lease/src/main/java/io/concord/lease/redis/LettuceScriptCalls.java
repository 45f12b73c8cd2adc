package io.concord.lease.redis;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.async.RedisScriptingAsyncCommands;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.concord.lease.BoundedCalls;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStoreException;

/**
 * Runs scripts through Lettuce's own asynchronous API on the connection that the
 * application shares: the caller's thread writes the command and waits for the reply, no
 * longer than the time-out and without a hand-over to another thread.
 *
 * <p>
 * To get hold of the connection can block for long while there is none. So after a
 * failure, and at first, it is fetched on a thread of {@link BoundedCalls}, until a call
 * succeeds.
 */
final class LettuceScriptCalls implements ScriptCalls {

	private static final int MAX_THREADS = 4;

	private final LettuceConnectionFactory connectionFactory;

	private final BoundedCalls calls = new BoundedCalls("redis", MAX_THREADS);

	private final String description;

	/** Whether the last call succeeded; a hint that any thread may set. */
	private volatile boolean connected;

	/** How often a connection broke, on a cluster any of those to the nodes. */
	private final AtomicLong breaks = new AtomicLong();

	private final RedisConnectionStateListener listener = new RedisConnectionStateListener() {

		@Override
		public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
			LettuceScriptCalls.this.shared = null;
			// Those that the client closes itself, having asked the way, carry no call of
			// ours, and neither do subscriptions. One that broke is no longer open
			// either,
			// but nobody has closed it.
			if (!connection.isClosed() && !(connection instanceof StatefulRedisPubSubConnection)) {
				LettuceScriptCalls.this.breaks.incrementAndGet();
			}
		}

	};

	/**
	 * The client whose connections are listened to. A cluster's connection tells nothing
	 * of those that it has to the nodes.
	 */
	private final AtomicReference<@Nullable AbstractRedisClient> watched = new AtomicReference<>();

	/**
	 * What the factory gave out last, as to ask it costs as much as the rest of a call.
	 * Asked again after a failure, when a connection broke or was closed, and when the
	 * factory was stopped or started.
	 */
	private volatile @Nullable RedisScriptingAsyncCommands<byte[], byte[]> shared;

	LettuceScriptCalls(LettuceConnectionFactory connectionFactory) {
		this.connectionFactory = connectionFactory;
		this.description = describe(connectionFactory);
	}

	/**
	 * Returns whether a factory gives out a shared connection without asking the server
	 * first.
	 */
	static boolean supports(LettuceConnectionFactory connectionFactory) {
		return connectionFactory.getShareNativeConnection() && !connectionFactory.getValidateConnection();
	}

	@Override
	public String run(Script script, byte[][] keys, byte[][] args, Duration timeout) {
		long end = System.nanoTime() + timeout.toNanos();
		RedisScriptingAsyncCommands<byte[], byte[]> commands = this.connected ? commands()
				: this.calls.call((gate) -> fetch(), timeout);
		long broken = this.breaks.get();
		try {
			String reply;
			try {
				reply = ScriptCalls
					.text(await(commands.evalsha(script.digest(), ScriptOutputType.VALUE, keys, args), end));
			}
			catch (ExecutionException ex) {
				if (!(ex.getCause() instanceof RedisNoScriptException)) {
					throw ex;
				}
				reply = ScriptCalls.text(await(commands.eval(script.text(), ScriptOutputType.VALUE, keys, args), end));
			}
			checkSentOnce(broken, null);
			this.connected = true;
			return reply;
		}
		catch (TimeoutException ex) {
			this.connected = false;
			throw new LeaseOutcomeUnknownException(
					"No answer from " + this.description + " within " + timeout.toMillis() + " ms");
		}
		catch (ExecutionException ex) {
			this.connected = false;
			checkSentOnce(broken, ex);
			throw ScriptCalls.failure(this.description, (ex.getCause() != null) ? ex.getCause() : ex);
		}
		catch (CancellationException ex) {
			this.connected = false;
			throw new LeaseOutcomeUnknownException("A call to " + this.description + " was cancelled", ex);
		}
		catch (RedisException ex) {
			this.connected = false;
			throw ScriptCalls.failure(this.description, ex);
		}
	}

	/**
	 * Lettuce sends again, after a reconnect, what was not answered on the connection
	 * that broke. What the second run of a script says tells nothing about the first.
	 */
	private void checkSentOnce(long broken, @Nullable Throwable cause) {
		if (this.breaks.get() != broken) {
			throw new LeaseOutcomeUnknownException(
					"The connection to " + this.description + " broke under a call, which may have been made twice",
					cause);
		}
	}

	/** Waits, deaf to interruption. A command that has not been sent by then never is. */
	private static <T> T await(Future<T> reply, long end) throws TimeoutException, ExecutionException {
		boolean interrupted = false;
		try {
			while (true) {
				try {
					return reply.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
		}
		catch (TimeoutException ex) {
			reply.cancel(true);
			throw ex;
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private RedisScriptingAsyncCommands<byte[], byte[]> commands() {
		RedisScriptingAsyncCommands<byte[], byte[]> last = this.shared;
		if (last != null && this.connectionFactory.getNativeClient() == this.watched.get()) {
			return last;
		}
		return fetch();
	}

	@SuppressWarnings("unchecked")
	private RedisScriptingAsyncCommands<byte[], byte[]> fetch() {
		// Closing it gives back the wrapper; the native connection is the factory's.
		try (RedisConnection connection = this.connectionFactory.getConnection()) {
			watch(this.connectionFactory.getRequiredNativeClient());
			RedisScriptingAsyncCommands<byte[], byte[]> commands = (RedisScriptingAsyncCommands<byte[], byte[]>) connection
				.getNativeConnection();
			this.shared = commands;
			return commands;
		}
		catch (RuntimeException ex) {
			this.connected = false;
			throw new LeaseStoreException("No connection to " + this.description + ": " + ex, ex);
		}
	}

	@Override
	public String describe() {
		return this.description;
	}

	/** A factory that was stopped and started again has another client. */
	private void watch(AbstractRedisClient client) {
		AbstractRedisClient before = this.watched.get();
		if (before != client && this.watched.compareAndSet(before, client)) {
			client.addListener(this.listener);
		}
	}

	@Override
	public void close() {
		AbstractRedisClient last = this.watched.getAndSet(null);
		if (last != null) {
			last.removeListener(this.listener);
		}
		this.calls.close();
	}

	private static String describe(LettuceConnectionFactory factory) {
		if (factory.getClusterConfiguration() != null) {
			return "redis (cluster)";
		}
		if (factory.getSentinelConfiguration() != null) {
			return "redis (sentinel)";
		}
		return "redis (" + factory.getHostName() + ":" + factory.getPort() + ")";
	}

}
