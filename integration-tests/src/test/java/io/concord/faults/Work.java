package io.concord.faults;

import java.util.Locale;

/**
 * What the workers do, and are judged by.
 */
enum Work {

	LOCKS, ELECTIONS;

	/** How it is called in options of workers and in tables. */
	String option() {
		return name().toLowerCase(Locale.ROOT);
	}

	static Work of(String option) {
		return valueOf(option.toUpperCase(Locale.ROOT));
	}

}
