package io.concord.lease.zookeeper;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;

import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStoreException;

/**
 * Makes calls to ZooKeeper, each within its time-out, in the session of the application's
 * {@link CuratorFramework} and below one node of the namespace. For stores whose nodes
 * outlive sessions.
 *
 * <p>
 * Requests go to the handle of ZooKeeper itself and are sent once, so each is applied at
 * most once, and those of a session in the order in which they were sent. New nodes get
 * what the ACLProvider of the framework says; if it has none, they are open to their
 * creator alone if the connection is authenticated, else to everybody. Thread-safe.
 */
public final class ZooKeeperCalls implements AutoCloseable {

	private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

	private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

	private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

	private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

	private static final Duration IDLE = Duration.ofSeconds(20);

	private final CuratorFramework client;

	private final String namespace;

	private final String part;

	private final LongSupplier nanoTime = System::nanoTime;

	/** One thread, which asking Curator for its handle may block. */
	private final ThreadPoolExecutor housekeeping;

	private final Sessions sessions;

	/**
	 * Creates a way to the servers.
	 * @param client the application's client, started sooner or later; not closed
	 * @param namespace separates applications on one server: 1 to 64 of
	 * {@code A-Z a-z 0-9 . _ -}
	 * @param part what is kept there: the name of the node below that of the namespace
	 * @throws IllegalArgumentException if the namespace has other characters
	 */
	public ZooKeeperCalls(CuratorFramework client, String namespace, String part) {
		if (!NAMESPACE.matcher(namespace).matches()) {
			throw new IllegalArgumentException(
					"A namespace is 1 to 64 of the characters A-Z a-z 0-9 . _ - and not '" + namespace + "'");
		}
		this.client = client;
		this.namespace = namespace;
		this.part = part;
		// To look twice as soon as possible is as good as more often.
		this.housekeeping = new ThreadPoolExecutor(1, 1, IDLE.toMillis(), TimeUnit.MILLISECONDS,
				new ArrayBlockingQueue<>(1), (task) -> {
					Thread thread = new Thread(task, "concord-zookeeper-" + part);
					thread.setDaemon(true);
					return thread;
				}, new ThreadPoolExecutor.DiscardPolicy());
		this.housekeeping.allowCoreThreadTimeOut(true);
		this.sessions = new Sessions(client, Duration.ZERO, this.housekeeping, () -> {
		}, this.nanoTime);
		this.sessions.follow();
	}

	/**
	 * Returns where the calls go, for messages.
	 * @return kind and addresses
	 */
	public String describe() {
		return this.sessions.describe();
	}

	/**
	 * Returns the name of a node for a name.
	 * @param name any text but the empty one
	 * @return the same for the same name on every node and in every version
	 */
	public static String nodeName(String name) {
		return Nodes.name(name);
	}

	/**
	 * Begins a call: waits for a session, and sees to it that the node above all is
	 * there.
	 * @param timeout how long the call may take
	 * @return what to send requests by
	 * @throws LeaseStoreException if there is no session in time, or the node has another
	 * format; nothing was done
	 */
	public Requests begin(Duration timeout) {
		long begin = this.nanoTime.getAsLong();
		long end = begin + timeout.toNanos();
		Session session = session(end);
		String base = Nodes.base(this.client.getNamespace(), this.namespace, this.part);
		List<ACL> acl = session.acl();
		if (acl == null) {
			acl = new Base(this.client, session, base, new Base.Waiting() {

				@Override
				public <T> T await(CompletableFuture<T> reply) throws KeeperException {
					return Replies.await(reply, begin, end, ZooKeeperCalls.this.nanoTime, describe());
				}

			}).prepare(describe());
			session.use(acl);
		}
		return new Requests(session, base, acl, begin, end);
	}

	private Session session(long end) {
		Session session = this.sessions.current();
		while (session == null) {
			if (this.housekeeping.isShutdown()) {
				throw new LeaseStoreException("The store " + describe() + " has been closed");
			}
			this.sessions.adoptSoon();
			try {
				session = this.sessions.await(Math.min(end, this.nanoTime.getAsLong() + LOOK_NANOS));
			}
			catch (LeaseStoreException ex) {
				if (end - this.nanoTime.getAsLong() <= 0) {
					throw ex;
				}
			}
		}
		return session;
	}

	/** Stops to follow the session. */
	@Override
	public void close() {
		this.sessions.stopFollowing();
		this.housekeeping.shutdown();
	}

	/**
	 * The requests of one call. Futures fail with {@link KeeperException}. Used by one
	 * thread.
	 */
	public final class Requests {

		private final Session session;

		private final String base;

		private final List<ACL> acl;

		private final long begin;

		private final long end;

		private Requests(Session session, String base, List<ACL> acl, long begin, long end) {
			this.session = session;
			this.base = base;
			this.acl = acl;
			this.begin = begin;
			this.end = end;
		}

		/**
		 * Returns the node above all.
		 * @return its path
		 */
		public String base() {
			return this.base;
		}

		private long nanosLeft() {
			return this.end - ZooKeeperCalls.this.nanoTime.getAsLong();
		}

		/**
		 * Reads a node.
		 * @param path which
		 * @return what it holds
		 */
		public CompletableFuture<Content> content(String path) {
			return this.session.content(path, null)
				.thenApply(
						(content) -> new Content(new String(content.data(), StandardCharsets.UTF_8), content.stat()));
		}

		/**
		 * Reads the names of the nodes below one.
		 * @param path which
		 * @return the names, in no order
		 */
		public CompletableFuture<List<String>> children(String path) {
			return this.session.children(path, null);
		}

		/**
		 * Lets what is read after it, without waiting for it, be no older than this call.
		 * @param path below which
		 */
		public void sync(String path) {
			this.session.sync(path);
		}

		/**
		 * Changes a node.
		 * @param path which
		 * @param data what it is to hold
		 * @param version the version that it must have; -1 for any
		 * @return its status after the change
		 */
		public CompletableFuture<Stat> setData(String path, String data, int version) {
			return this.session.setData(path, bytes(data), version);
		}

		/**
		 * Does several things or nothing.
		 * @param operations what to do
		 * @return the results
		 */
		public CompletableFuture<List<OpResult>> multi(List<Op> operations) {
			return this.session.multi(operations);
		}

		/**
		 * Describes the creation of a node, for {@link #multi}.
		 * @param path which
		 * @param data what it is to hold
		 * @return the operation
		 */
		public Op create(String path, String data) {
			return Op.create(path, bytes(data), this.acl, CreateMode.PERSISTENT);
		}

		/**
		 * Describes the change of a node, for {@link #multi}.
		 * @param path which
		 * @param data what it is to hold
		 * @param version the version that it must have
		 * @return the operation
		 */
		public Op change(String path, String data, int version) {
			return Op.setData(path, bytes(data), version);
		}

		/**
		 * Creates a node, those above it first, unless it is there. Waits for it.
		 * @param path which
		 * @param data what it is to hold
		 * @throws LeaseStoreException if that could not be done
		 */
		public void ensure(String path, String data) {
			try {
				await(this.session.create(path, bytes(data), this.acl, CreateMode.PERSISTENT));
			}
			catch (KeeperException.NoNodeException ex) {
				ensure(path.substring(0, path.lastIndexOf('/')), "");
				ensure(path, data);
			}
			catch (KeeperException.NodeExistsException ex) {
				// By somebody else at the same time.
			}
			catch (KeeperException ex) {
				throw failure(ex);
			}
		}

		/**
		 * Waits for an answer, deaf to interruption.
		 * @param <T> type of the answer
		 * @param reply the answer
		 * @return the answer
		 * @throws KeeperException if the request failed, by which
		 * {@link #failure(KeeperException)} is to be thrown unless it is an answer, too
		 * @throws LeaseOutcomeUnknownException if there was no answer in time
		 */
		public <T> T await(CompletableFuture<T> reply) throws KeeperException {
			return Replies.await(reply, this.begin, this.end, ZooKeeperCalls.this.nanoTime, describe());
		}

		/**
		 * Waits for what is read before anything is changed.
		 * @param <T> type of the answer
		 * @param reply the answer
		 * @return the answer
		 * @throws KeeperException.NoNodeException if there is no such node
		 * @throws LeaseStoreException if it could not be read
		 */
		public <T> T read(CompletableFuture<T> reply) throws KeeperException.NoNodeException {
			try {
				return await(reply);
			}
			catch (KeeperException.NoNodeException ex) {
				throw ex;
			}
			catch (KeeperException ex) {
				throw new LeaseStoreException("Nothing was changed yet: " + failure(ex).getMessage(), ex);
			}
			catch (LeaseOutcomeUnknownException ex) {
				throw new LeaseStoreException("Nothing was changed yet: " + ex.getMessage(), ex);
			}
		}

		/**
		 * Pauses before another try, after others were faster.
		 * @param attempt how many there have been
		 * @throws LeaseStoreException if there is no time for another
		 */
		public void pause(int attempt) {
			long longest = Math.min(LONGEST_PAUSE_NANOS, FIRST_PAUSE_NANOS << Math.min(attempt, 10));
			if (nanosLeft() <= longest) {
				throw new LeaseStoreException("Others were faster " + attempt + " times at " + describe()
						+ ", and the time for the call is over. Nothing was changed");
			}
			// Not the same for all, or those who met meet again.
			LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(longest));
		}

		/**
		 * Translates a failure.
		 * @param ex how a request failed
		 * @return what to throw: a {@link LeaseOutcomeUnknownException} if it may have
		 * been applied
		 */
		public LeaseStoreException failure(KeeperException ex) {
			return Failures.of(describe(), ex);
		}

		private static byte[] bytes(String text) {
			return text.getBytes(StandardCharsets.UTF_8);
		}

	}

	/**
	 * What a node holds.
	 *
	 * @param data its data
	 * @param stat its status
	 */
	public record Content(String data, Stat stat) {
	}

}
