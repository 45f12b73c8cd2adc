package io.concord.faults;

import java.util.Locale;

/**
 * What the workers do, and are judged by.
 */
enum Work {

	LOCKS(3, 8), ELECTIONS(3, 8), IDS(16, 2), COSID(16, 2), RATES(3, 8);

	private final int workers;

	private final int threads;

	Work(int workers, int threads) {
		this.workers = workers;
		this.threads = threads;
	}

	/** How many processes; fewer by {@code -Dfaults.workers}, on a small machine. */
	int workers() {
		return Math.min(this.workers, Integer.getInteger("faults.workers", this.workers));
	}

	/** How many threads each has. */
	int threads() {
		return this.threads;
	}

	/** Whether a guard stands before what is written. */
	boolean isGuarded() {
		return this == LOCKS || this == ELECTIONS;
	}

	boolean takesIds() {
		return this == IDS || this == COSID;
	}

	/** How it is called in options of workers and in tables. */
	String option() {
		return name().toLowerCase(Locale.ROOT);
	}

	static Work of(String option) {
		return valueOf(option.toUpperCase(Locale.ROOT));
	}

}
