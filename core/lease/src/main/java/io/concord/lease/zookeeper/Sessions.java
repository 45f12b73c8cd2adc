package io.concord.lease.zookeeper;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.imps.CuratorFrameworkState;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.apache.zookeeper.ZooKeeper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.concord.lease.LeaseStoreException;

/**
 * Follows the sessions of the application's {@link CuratorFramework}: the present one is
 * given out while it is connected.
 *
 * <p>
 * Curator says when the connection comes and goes. To ask it for its handle can block, so
 * only the store's housekeeping does. {@code current} is taken away at once by Curator's
 * thread, and set by the housekeeping, which first asks whether there is a connection; if
 * that ends in between, requests fail, no worse.
 */
final class Sessions implements ConnectionStateListener {

	private static final Logger logger = LoggerFactory.getLogger(Sessions.class);

	private final CuratorFramework client;

	private final Duration tickTime;

	private final Executor housekeeping;

	private final Runnable changed;

	private final LongSupplier nanoTime;

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition connected = this.lock.newCondition();

	/** The one that is connected. */
	private volatile @Nullable Session current;

	/** The last one there was; only the housekeeping touches it. */
	private @Nullable Session last;

	/**
	 * Creates the follower.
	 * @param housekeeping one thread, which may be blocked
	 * @param changed what to do when there is a connection again; runs in the
	 * housekeeping
	 */
	Sessions(CuratorFramework client, Duration tickTime, Executor housekeeping, Runnable changed,
			LongSupplier nanoTime) {
		this.client = client;
		this.tickTime = tickTime;
		this.housekeeping = housekeeping;
		this.changed = changed;
		this.nanoTime = nanoTime;
	}

	void follow() {
		this.client.getConnectionStateListenable().addListener(this);
		adoptSoon();
	}

	void stopFollowing() {
		this.client.getConnectionStateListenable().removeListener(this);
	}

	@Override
	public void stateChanged(CuratorFramework framework, ConnectionState state) {
		if (state == ConnectionState.CONNECTED || state == ConnectionState.RECONNECTED) {
			adoptSoon();
		}
		else {
			this.current = null;
		}
	}

	/** Looks, in the housekeeping, whether there is a session. */
	void adoptSoon() {
		try {
			this.housekeeping.execute(this::adopt);
		}
		catch (RejectedExecutionException ex) {
			logger.debug("The store has been closed", ex);
		}
	}

	/** Runs in the housekeeping. */
	void adopt() {
		try {
			if (!isStarted() || !this.client.getZookeeperClient().isConnected()) {
				return;
			}
			ZooKeeper zooKeeper = this.client.getZookeeperClient().getZooKeeper();
			Session session = this.last;
			if (session == null || !session.isOf(zooKeeper)) {
				session = new Session(zooKeeper, this.tickTime, this.nanoTime);
				warnIfShort(session);
				this.last = session;
			}
			this.current = session;
		}
		catch (Exception ex) {
			logger.debug("There is no session", ex);
			return;
		}
		this.lock.lock();
		try {
			this.connected.signalAll();
		}
		finally {
			this.lock.unlock();
		}
		this.changed.run();
	}

	private boolean isStarted() {
		return this.client.getState() == CuratorFrameworkState.STARTED;
	}

	private void warnIfShort(Session session) {
		if (session.timeout().compareTo(this.tickTime.multipliedBy(3)) < 0) {
			logger.warn(
					"The session time-out of {} is {} ms, and leases hold for less than that by more than a tick of"
							+ " the servers ({} ms): ask for a longer one",
					describe(), session.timeout().toMillis(), this.tickTime.toMillis());
		}
	}

	@Nullable Session current() {
		return this.current;
	}

	/**
	 * Returns the session; waits for it, deaf to interruption.
	 * @param end until when, on {@code nanoTime}
	 * @throws LeaseStoreException if there is no connection by then
	 */
	Session await(long end) {
		Session session = this.current;
		if (session != null) {
			return session;
		}
		boolean interrupted = false;
		this.lock.lock();
		try {
			while (true) {
				session = this.current;
				if (session != null) {
					return session;
				}
				long left = end - this.nanoTime.getAsLong();
				if (left <= 0) {
					throw new LeaseStoreException("Nothing was sent to " + describe() + ": " + (isStarted()
							? "there is no connection" : "its CuratorFramework is not started, or closed"));
				}
				try {
					this.connected.awaitNanos(left);
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
		}
		finally {
			this.lock.unlock();
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	String describe() {
		return "zookeeper (" + this.client.getZookeeperClient().getCurrentConnectionString() + ")";
	}

}
