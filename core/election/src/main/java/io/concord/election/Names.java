package io.concord.election;

/**
 * Names of elections as the engine and messages have them.
 */
final class Names {

	/** What the engine has before the name, so that features don't meet in a store. */
	private static final String PREFIX = "election:";

	private static final int SHOWN = 100;

	private Names() {
	}

	static String resource(String name) {
		return PREFIX + name;
	}

	static String abbreviate(String name) {
		return (name.length() <= SHOWN) ? name : name.substring(0, SHOWN) + "… (" + name.length() + " characters)";
	}

}
