package io.concord.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens on the one channel of an engine, where the transaction that makes an offer
 * tells of it. One connection and one daemon thread, until it is closed; a connection
 * that is lost is replaced in the background, after a pause. Meanwhile waiters look again
 * by time.
 *
 * <p>
 * The thread owns the connection from the moment it has got it until it has given it
 * back, without its subscription; only a close that waits in vain ends it from outside.
 */
final class PostgresOffers implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(PostgresOffers.class);

	/** How long one look at the connection waits, and so how long a close may take. */
	private static final int LOOK_MS = 200;

	/**
	 * After so many looks without a message it is checked that the server is still there.
	 */
	private static final int LOOKS_WITHOUT_CHECK = 25;

	private static final int CHECK_SECONDS = 3;

	private static final long FIRST_PAUSE_MS = 250;

	private static final long LONGEST_PAUSE_MS = 10_000;

	private static final long LONGEST_CLOSE_MS = 2_000;

	private final DataSource dataSource;

	private final String channel;

	private final Consumer<String> offered;

	private final CountDownLatch closed = new CountDownLatch(1);

	private final Thread thread = new Thread(this::run, "concord-jdbc-offers");

	/** Guards {@link #connection}, so that a close never ends one that was given back. */
	private final ReentrantLock lock = new ReentrantLock();

	private @Nullable Connection connection;

	private volatile boolean listening;

	/** Failures since it last listened; of the thread. */
	private int failures;

	/**
	 * Starts to listen in the background.
	 * @param channel safe inside quotes
	 */
	PostgresOffers(DataSource dataSource, String channel, Consumer<String> offered) {
		this.dataSource = dataSource;
		this.channel = channel;
		this.offered = offered;
		this.thread.setDaemon(true);
		this.thread.start();
	}

	/** Whether offers are heard at this moment, as far as is known. */
	boolean isListening() {
		return this.listening;
	}

	private void run() {
		try {
			do {
				try {
					listen();
				}
				catch (SQLException | RuntimeException ex) {
					this.failures++;
					report(ex);
				}
			}
			while (!this.closed.await(pause(), TimeUnit.MILLISECONDS));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void listen() throws SQLException {
		Connection taken = this.dataSource.getConnection();
		boolean clean = false;
		try {
			if (use(taken)) {
				listen(taken);
			}
			clean = true;
		}
		finally {
			this.listening = false;
			giveBack(taken, clean);
		}
	}

	private void listen(Connection taken) throws SQLException {
		boolean manual = !taken.getAutoCommit();
		if (manual) {
			taken.setAutoCommit(true);
		}
		PGConnection notifying = taken.unwrap(PGConnection.class);
		execute(taken, "LISTEN \"" + this.channel + "\"");
		this.failures = 0;
		this.listening = true;
		int looks = 0;
		while (this.closed.getCount() > 0) {
			looks = hear(notifying) ? 0 : looks + 1;
			if (looks == LOOKS_WITHOUT_CHECK) {
				looks = 0;
				if (!taken.isValid(CHECK_SECONDS)) {
					throw new SQLException("The server does not answer");
				}
			}
		}
		execute(taken, "UNLISTEN *");
		if (manual) {
			taken.setAutoCommit(false);
		}
	}

	private boolean hear(PGConnection notifying) throws SQLException {
		PGNotification[] notifications = notifying.getNotifications(LOOK_MS);
		if (notifications == null || notifications.length == 0) {
			return false;
		}
		for (PGNotification notification : notifications) {
			this.offered.accept(notification.getParameter());
		}
		return true;
	}

	private static void execute(Connection taken, String sql) throws SQLException {
		try (Statement statement = taken.createStatement()) {
			statement.execute(sql);
		}
	}

	private boolean use(Connection taken) {
		this.lock.lock();
		try {
			this.connection = taken;
			return this.closed.getCount() > 0;
		}
		finally {
			this.lock.unlock();
		}
	}

	/** One that may still listen must not go to anybody else. */
	private void giveBack(Connection taken, boolean clean) {
		this.lock.lock();
		try {
			this.connection = null;
			if (!clean) {
				abort(taken);
			}
			taken.close();
		}
		catch (SQLException ex) {
			logger.debug("A connection that listened did not close cleanly", ex);
		}
		finally {
			this.lock.unlock();
		}
	}

	private static void abort(Connection taken) {
		try {
			taken.abort(Runnable::run);
		}
		catch (SQLException ex) {
			logger.debug("A connection that listened can't be ended", ex);
		}
	}

	private void report(Exception ex) {
		if (this.closed.getCount() == 0 || this.failures > 1) {
			logger.debug("Not listening to offers", ex);
		}
		else {
			logger.warn("Not listening to offers at PostgreSQL, so waiters look again by time alone until it is back: "
					+ "{}", ex.toString());
		}
	}

	private long pause() {
		return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << Math.min(this.failures, 10));
	}

	@Override
	public void close() {
		this.closed.countDown();
		try {
			this.thread.join(LONGEST_CLOSE_MS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		this.lock.lock();
		try {
			if (this.connection != null) {
				abort(this.connection);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

}
