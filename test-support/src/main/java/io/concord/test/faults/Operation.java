package io.concord.test.faults;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a thread of a worker did, from when it began until it knew how it went. One line
 * of JSON in a history. Times are those of the host's monotonic clock
 * ({@link System#nanoTime()}), which is the same for all its processes on Linux.
 *
 * @param process who did it: the number of the worker times {@value #THREADS} plus the
 * number of the thread; worker 0 is the runner
 * @param op what it did, such as {@code acquire}
 * @param key on what
 * @param invokeNs when it began, or earlier
 * @param returnNs when it was over, or later; {@link #NEVER} if nobody has seen its end
 * @param outcome how it went
 * @param token the fencing token, value or number that belongs to it; 0 for none
 * @param seed what the run was drawn from
 */
public record Operation(int process, String op, String key, long invokeNs, long returnNs, Outcome outcome, long token,
		long seed) {

	/** End of what nobody has seen the end of. */
	public static final long NEVER = Long.MAX_VALUE;

	/** Numbers of threads of a worker are below this one. */
	public static final int THREADS = 100;

	private static final Pattern LINE = Pattern
		.compile("\\{\"process\":(-?\\d+),\"op\":\"([^\"]*)\",\"key\":\"((?:[^\"\\\\]|\\\\.)*)\",\"invokeNs\":(-?\\d+),"
				+ "\"returnNs\":(-?\\d+),\"outcome\":\"(ok|fail|info)\",\"token\":(-?\\d+),\"seed\":(-?\\d+)}");

	/**
	 * Returns the number of the worker.
	 * @return 0 for the runner
	 */
	public int worker() {
		return this.process / THREADS;
	}

	/**
	 * Returns whether it certainly was done.
	 * @return whether it was done
	 */
	public boolean isOk() {
		return this.outcome == Outcome.OK;
	}

	/**
	 * Returns the line of JSON.
	 * @return without the end of the line
	 */
	public String toJson() {
		return "{\"process\":" + this.process + ",\"op\":\"" + this.op + "\",\"key\":\""
				+ this.key.replace("\\", "\\\\").replace("\"", "\\\"") + "\",\"invokeNs\":" + this.invokeNs
				+ ",\"returnNs\":" + this.returnNs + ",\"outcome\":\"" + this.outcome.word() + "\",\"token\":"
				+ this.token + ",\"seed\":" + this.seed + "}";
	}

	/**
	 * Reads a line of JSON.
	 * @param line as {@link #toJson()} writes it
	 * @return the operation
	 * @throws IllegalArgumentException if it is anything else
	 */
	public static Operation parse(String line) {
		Matcher matcher = LINE.matcher(line);
		if (!matcher.matches()) {
			throw new IllegalArgumentException("Not a line of a history: " + line);
		}
		return new Operation(Integer.parseInt(matcher.group(1)), matcher.group(2),
				matcher.group(3).replaceAll("\\\\(.)", "$1"), Long.parseLong(matcher.group(4)),
				Long.parseLong(matcher.group(5)), Outcome.valueOf(matcher.group(6).toUpperCase(Locale.ROOT)),
				Long.parseLong(matcher.group(7)), Long.parseLong(matcher.group(8)));
	}

	/**
	 * How an operation went.
	 */
	public enum Outcome {

		/** It was done. */
		OK,

		/** It certainly was not done, and never will be. */
		FAIL,

		/** Nobody knows: it may have been done, or may yet be. */
		INFO;

		String word() {
			return name().toLowerCase(Locale.ROOT);
		}

	}

}
