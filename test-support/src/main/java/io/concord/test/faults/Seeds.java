package io.concord.test.faults;

/**
 * Gives the parts of a run seeds of their own, so that what one part draws does not
 * depend on how much another has drawn before.
 */
public final class Seeds {

	private Seeds() {
	}

	/**
	 * Returns the seed of a part.
	 * @param seed the seed of the run
	 * @param part which part; numbers and texts that don't depend on the run of the JVM
	 * @return always the same for the same arguments
	 */
	public static long derive(long seed, Object... part) {
		long derived = mix(seed);
		for (Object one : part) {
			derived = mix(derived + one.toString().hashCode());
		}
		return derived;
	}

	/** The finalizer of SplitMix64. */
	private static long mix(long value) {
		long mixed = value + 0x9e3779b97f4a7c15L;
		mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
		mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
		return mixed ^ (mixed >>> 31);
	}

}
