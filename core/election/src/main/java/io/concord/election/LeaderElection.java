package io.concord.election;

import java.time.Duration;
import java.util.Optional;

/**
 * An election among the nodes on a store, as this node takes part in it. At most one of
 * them leads at a time, as the store counts. Thread-safe; what follows asks nobody and
 * doesn't wait, unless it says so.
 *
 * <p>
 * Candidates stand in line. When the leader ends, the first in line leads, and only that
 * one is woken: two store calls, whatever the number of candidates. A leader that can't
 * reach the store ceases to lead by its own clock before its lease can have ended, so
 * {@link #isLeader()} is false before another node's can be true.
 *
 * <p>
 * An idle election costs, in store calls a minute, with a lease time of 15 s: the leader
 * 12, to renew; every other candidate 18, to say that it lives, and 12, to see who leads.
 * On databases the first in line looks more often than it would have to: 120 times on
 * PostgreSQL, in case a notification is lost, and 240 on those that give no hints (H2,
 * MariaDB, MySQL); those behind it in proportion to their place fewer. A shorter lease
 * time costs more in proportion.
 */
public interface LeaderElection {

	/**
	 * Returns the name of the election.
	 * @return the name
	 */
	String name();

	/**
	 * Returns whether this node leads at this moment. No I/O: it goes by the node's own
	 * deadline. False from the moment on at which it steps down, though no other node
	 * leads before running methods have ended.
	 * @return whether this node leads
	 */
	boolean isLeader();

	/**
	 * Returns the term of this node.
	 * @return the term, which is a fencing token, see {@link Leadership#term()}
	 * @throws NotLeaderException if this node doesn't lead
	 */
	long term();

	/**
	 * Returns the leadership of this node.
	 * @return the leadership, or empty if this node doesn't lead
	 */
	Optional<Leadership> leadership();

	/**
	 * Returns who leads, as this node has seen it last: on other nodes than the leader at
	 * most a third of the lease time ago.
	 * @return the leader, or empty if there was none or the store can't tell
	 */
	Optional<Leader> leader();

	/**
	 * Waits until this node leads.
	 * @param timeout how long to wait
	 * @return whether it leads; false after the time-out
	 * @throws io.concord.lease.LeaseInterruptedException if the thread was interrupted
	 * while it waited; its interrupt flag is set
	 */
	boolean awaitLeadership(Duration timeout);

	/**
	 * Lets others go first. When it returns, {@link #isLeader()} is false and methods
	 * with {@link LeaderOnly} are no more let in. Those that run, and listeners, are
	 * waited for in the background; then the first in line leads. If they don't end in
	 * time, the leadership is left to its lease time. May be called from within such a
	 * method.
	 * @param pause for how long this node is no candidate after that; zero to go to the
	 * end of the line at once. If there is no other candidate, nobody leads meanwhile.
	 * @return whether this node led; nothing happens if not
	 * @throws IllegalArgumentException if the pause is negative
	 */
	boolean stepDown(Duration pause);

	/**
	 * Makes this node a candidate, if it isn't one.
	 */
	void join();

	/**
	 * Makes this node no candidate any more, until it joins again. If it leads, it steps
	 * down.
	 */
	void leave();

	/**
	 * Registers a listener for good. If this node leads at this moment, the listener is
	 * told so.
	 * @param listener the listener
	 */
	void addListener(LeadershipListener listener);

	/**
	 * Describes the election at this moment, for people and meters.
	 * @return what this node knows of it
	 */
	ElectionStatus status();

}
