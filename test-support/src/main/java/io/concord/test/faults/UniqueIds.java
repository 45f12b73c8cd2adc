package io.concord.test.faults;

import java.util.HashMap;
import java.util.Map;

/**
 * Finds ids that came twice, with a bit an id: 10<sup>8</sup> ids that lie close together
 * take some 13 MB. Ids are any longs; those that lie far apart take more. Not
 * thread-safe.
 */
public final class UniqueIds {

	private static final int PAGE_BITS = 12;

	private static final int WORD_BITS = 6;

	private final Map<Long, long[]> pages = new HashMap<>();

	private long lastPage = Long.MIN_VALUE;

	private long[] lastWords = new long[0];

	private long count;

	private long repeats;

	private long firstRepeat;

	/**
	 * Takes an id.
	 * @param id the id
	 * @return whether it had not come before
	 */
	public boolean add(long id) {
		long[] words = page(id >> PAGE_BITS);
		int word = (int) (id & ((1 << PAGE_BITS) - 1)) >> WORD_BITS;
		long bit = 1L << id;
		this.count++;
		if ((words[word] & bit) != 0) {
			if (this.repeats++ == 0) {
				this.firstRepeat = id;
			}
			return false;
		}
		words[word] |= bit;
		return true;
	}

	/**
	 * Takes ids that follow each other.
	 * @param first the first
	 * @param count how many
	 * @return how many of them had come before
	 */
	public long addRange(long first, long count) {
		long before = this.repeats;
		for (long i = 0; i < count; i++) {
			add(first + i);
		}
		return this.repeats - before;
	}

	private long[] page(long number) {
		if (number != this.lastPage || this.lastWords.length == 0) {
			this.lastPage = number;
			this.lastWords = this.pages.computeIfAbsent(number, (absent) -> new long[1 << (PAGE_BITS - WORD_BITS)]);
		}
		return this.lastWords;
	}

	/**
	 * Returns how many ids came.
	 * @return also those that came twice
	 */
	public long count() {
		return this.count;
	}

	/**
	 * Returns how many ids had come before.
	 * @return 0 if all are unique
	 */
	public long repeats() {
		return this.repeats;
	}

	@Override
	public String toString() {
		return this.count + " ids, " + ((this.repeats == 0) ? "all different"
				: this.repeats + " of them not for the first time, such as " + this.firstRepeat);
	}

}
