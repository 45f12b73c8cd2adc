package io.concord.benchmark;

/**
 * A part of the measurements that can be run alone, and has a part of the page of its
 * own. To add one: implement this, add it to {@link Benchmarks#GROUPS}, and put the two
 * markers of its name into {@code docs/performance.md}.
 */
interface BenchmarkGroup {

	/**
	 * Returns the name, which asks for the group and marks its part of the page.
	 */
	String name();

	/**
	 * Returns whether a word asks for the group.
	 * @param word its name, or one for several groups
	 */
	default boolean answersTo(String word) {
		return word.equals(name()) || word.equals("all");
	}

	/**
	 * Measures.
	 * @param run the servers, and how long and often to measure
	 * @return what was found
	 * @throws Exception if something fails; nothing is written then
	 */
	Report run(BenchmarkRun run) throws Exception;

}
