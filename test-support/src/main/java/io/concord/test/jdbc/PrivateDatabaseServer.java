package io.concord.test.jdbc;

/**
 * A {@link DatabaseServer} that belongs to one test, which may kill and restart it, and
 * closes it.
 */
public interface PrivateDatabaseServer extends AutoCloseable {

	/**
	 * End all processes of the server without giving them a chance ({@code SIGKILL}).
	 * Commits that were acknowledged are there after {@link #restart()}.
	 */
	void kill();

	/**
	 * Kill the server unless it has ended, and start it again on the same port with the
	 * same data.
	 */
	void restart();

	/**
	 * End the server and delete what it has written. Has no effect the second time.
	 */
	@Override
	void close();

}
