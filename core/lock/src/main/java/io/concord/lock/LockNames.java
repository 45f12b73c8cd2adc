package io.concord.lock;

/**
 * Rules for the names of locks.
 */
final class LockNames {

	/** Longest full name, in characters. */
	static final int MAX_LENGTH = 1_024;

	/** What the engine has before the name, so that features don't meet in a store. */
	static final String PREFIX = "lock:";

	private static final int SHOWN = 100;

	private LockNames() {
	}

	static String resource(String name) {
		if (name.isEmpty()) {
			throw new IllegalArgumentException("The name of a lock must not be empty. Name what is locked.");
		}
		if (name.length() > MAX_LENGTH) {
			throw new IllegalArgumentException("The name of lock '" + abbreviate(name) + "' has more than " + MAX_LENGTH
					+ " characters. Use a shorter one, such as an id or a hash of what is locked.");
		}
		return PREFIX + name;
	}

	static String abbreviate(String name) {
		return (name.length() <= SHOWN) ? name : name.substring(0, SHOWN) + "… (" + name.length() + " characters)";
	}

}
