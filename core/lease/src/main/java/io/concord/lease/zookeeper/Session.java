package io.concord.lease.zookeeper;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import org.apache.zookeeper.AsyncCallback;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * One session with ZooKeeper: its requests, as futures that fail with
 * {@link KeeperException}, and what has been learned through it.
 *
 * <p>
 * Requests go to the handle of ZooKeeper itself and not through Curator's builders, for
 * those repeat them behind the caller's back for as long as the retry policy says. What
 * is sent once is applied at most once, and <strong>requests of a session are applied in
 * the order in which they were sent, across reconnects too</strong>: a server closes the
 * old connection of a session before it takes the new one, and the leader refuses
 * requests that come late through another server than the one to which the session has
 * moved. So what has not been applied when a later request, other than a read, is
 * answered never will be.
 *
 * <p>
 * Nothing here waits, and what is done when a request is answered runs on ZooKeeper's own
 * thread and must not either.
 */
final class Session {

	private final ZooKeeper zooKeeper;

	private final long id;

	private final Duration timeout;

	private final Contacts contacts;

	private final LongSupplier nanoTime;

	/** What new nodes get, once the place for them has been looked at. */
	private volatile @Nullable List<ACL> acl;

	Session(ZooKeeper zooKeeper, Duration tickTime, LongSupplier nanoTime) {
		this.zooKeeper = zooKeeper;
		this.id = zooKeeper.getSessionId();
		this.timeout = Duration.ofMillis(zooKeeper.getSessionTimeout());
		this.contacts = new Contacts(this.timeout, tickTime);
		this.nanoTime = nanoTime;
	}

	long id() {
		return this.id;
	}

	Duration timeout() {
		return this.timeout;
	}

	Contacts contacts() {
		return this.contacts;
	}

	/**
	 * Returns whether nothing has changed; the time-out is agreed on anew at every
	 * connection.
	 */
	boolean isOf(ZooKeeper other) {
		return this.zooKeeper == other && this.id == other.getSessionId()
				&& this.timeout.toMillis() == other.getSessionTimeout();
	}

	@Nullable List<ACL> acl() {
		return this.acl;
	}

	void use(List<ACL> acl) {
		this.acl = acl;
	}

	CompletableFuture<Created> create(String path, byte[] data, List<ACL> acl, CreateMode mode) {
		return send((reply) -> this.zooKeeper.create(path, data, acl, mode, (AsyncCallback.Create2Callback) (rc, asked,
				context, name, stat) -> reply.answer(rc, path, () -> new Created(name, stat.getCzxid())), null));
	}

	CompletableFuture<Boolean> delete(String path) {
		return send((reply) -> this.zooKeeper.delete(path, -1,
				(rc, asked, context) -> reply.answer(rc, path, () -> true), null));
	}

	/**
	 * Confirms through the leader and a majority that a node is there and this session
	 * lives. Changes nothing.
	 */
	CompletableFuture<Boolean> check(String path) {
		return send((reply) -> this.zooKeeper.multi(List.of(Op.check(path, -1)),
				(rc, asked, context, results) -> reply.answer(rc, path, () -> true), null));
	}

	CompletableFuture<Boolean> setData(String path, byte[] data) {
		return send((reply) -> this.zooKeeper.setData(path, data, -1,
				(rc, asked, context, stat) -> reply.answer(rc, path, () -> true), null));
	}

	/** Changes a node if it has the version. */
	CompletableFuture<Stat> setData(String path, byte[] data, int version) {
		return send((reply) -> this.zooKeeper.setData(path, data, version,
				(rc, asked, context, stat) -> reply.answer(rc, path, () -> stat), null));
	}

	/** Does all of it, or nothing; fails as the first that failed. */
	CompletableFuture<List<OpResult>> multi(List<Op> operations) {
		return send((reply) -> this.zooKeeper.multi(operations,
				(rc, asked, context, results) -> reply.answer(rc, String.valueOf(asked), () -> results), null));
	}

	/** Waits for the server to know what the leader does. */
	CompletableFuture<Boolean> sync(String path) {
		return send(
				(reply) -> this.zooKeeper.sync(path, (rc, asked, context) -> reply.answer(rc, path, () -> true), null));
	}

	CompletableFuture<List<String>> children(String path, @Nullable Watcher watcher) {
		return send((reply) -> this.zooKeeper.getChildren(path, watcher, (AsyncCallback.ChildrenCallback) (rc, asked,
				context, children) -> reply.answer(rc, path, () -> children), null));
	}

	CompletableFuture<Content> content(String path, @Nullable Watcher watcher) {
		return send((reply) -> this.zooKeeper.getData(path, watcher, (rc, asked, context, data, stat) -> reply
			.answer(rc, path, () -> new Content((data != null) ? data : new byte[0], stat)), null));
	}

	/** Says that the client lives. */
	CompletableFuture<Boolean> touch() {
		return send((reply) -> this.zooKeeper.exists("/", false,
				(rc, asked, context, stat) -> reply.answer(rc, "/", () -> true), null));
	}

	private <T> CompletableFuture<T> send(Request<T> request) {
		Reply<T> reply = new Reply<>(this.nanoTime.getAsLong());
		try {
			request.send(reply);
		}
		catch (RuntimeException ex) {
			reply.completeExceptionally(ex);
		}
		return reply;
	}

	/** Whether a permission to everybody is what the application's framework says. */
	static boolean isOpen(List<ACL> acl) {
		return acl.equals(ZooDefs.Ids.OPEN_ACL_UNSAFE);
	}

	/**
	 * A node that was created.
	 *
	 * @param path where
	 * @param zxid number of the transaction that created it
	 */
	record Created(String path, long zxid) {

		String node() {
			return this.path.substring(this.path.lastIndexOf('/') + 1);
		}

	}

	/**
	 * What a node holds.
	 *
	 * @param data its data
	 * @param stat its status
	 */
	@SuppressWarnings("ArrayRecordComponent")
	record Content(byte[] data, Stat stat) {
	}

	private interface Request<T> {

		void send(Reply<T> reply);

	}

	/** What is answered counts as a contact, whatever the answer. */
	private final class Reply<T> extends CompletableFuture<T> {

		private final long sentAt;

		Reply(long sentAt) {
			this.sentAt = sentAt;
		}

		void answer(int rc, String path, Supplier<T> result) {
			Code code = Code.get(rc);
			if (!Failures.isWithoutAnswer(code)) {
				Session.this.contacts.answered(this.sentAt);
			}
			if (code == Code.OK) {
				complete(result.get());
			}
			else {
				completeExceptionally(KeeperException.create((code != null) ? code : Code.SYSTEMERROR, path));
			}
		}

	}

}
