package io.concord.faults.planted;

/**
 * Bugs that locks have had elsewhere, and what shows each of them.
 */
enum Bug {

	/** A release takes the lock from whoever holds it by then. */
	RELEASE_WITHOUT_OWNER_CHECK("two held it at the same time"),

	/** It counts only what that connection has written, which is nothing. */
	WAIT_ON_ANOTHER_CONNECTION("two held it at the same time"),

	/** Clients compare the end of a lease with clocks of their own. */
	WALL_CLOCK_TTL("two held it at the same time"),

	/** The store counts from when it granted, which may be long before. */
	DEADLINE_FROM_REPLY("two held it at the same time"),

	/** The counter goes with the lock. */
	TOKEN_RESTARTS_WITH_THE_LOCK("a token was given out twice"),

	/** As a periodic task of the JDK does. */
	RENEWAL_DIES_ON_AN_EXCEPTION("two held it at the same time"),

	/** The session in which it was held may have ended in between. */
	RECONNECTED_MEANS_STILL_HELD("two held it at the same time"),

	/** Who comes first by its number may not be seen yet. */
	INSERT_THEN_LOOK("two held it at the same time"),

	/** It may be late, or for somebody who has gone. */
	NOTIFICATION_TRUSTED("two held it at the same time"),

	/** And so nobody cleans up behind it. */
	UNKNOWN_CLAIM_REPORTED_AS_REFUSED("a name is stuck");

	private final String rule;

	Bug(String rule) {
		this.rule = rule;
	}

	/** The rule that the histories of the bug break. */
	String rule() {
		return this.rule;
	}

}
