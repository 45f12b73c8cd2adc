package io.concord.hashing;

/**
 * The hash of keys and of names of nodes: XXH64 with seed 0. A whole number that fits a
 * {@code long}, in the form of {@link Long#toString(long)}, is hashed as its eight bytes,
 * any other text as its UTF-16 code units, both little endian: so numbers are cheap, a
 * number and its text agree, and any client in any language can compute the same. What is
 * stored by these hashes outlives a release: they must never change.
 */
final class Hash64 {

	private static final long PRIME_1 = 0x9E3779B185EBCA87L;

	private static final long PRIME_2 = 0xC2B2AE3D27D4EB4FL;

	private static final long PRIME_3 = 0x165667B19E3779F9L;

	private static final long PRIME_4 = 0x85EBCA77C2B2AE63L;

	private static final long PRIME_5 = 0x27D4EB2F165667C5L;

	private static final int MAX_DIGITS = 19;

	private Hash64() {
	}

	static long of(String key) {
		int length = key.length();
		int start = (length > 0 && key.charAt(0) == '-') ? 1 : 0;
		int digits = length - start;
		if (digits < 1 || digits > MAX_DIGITS || (length > 1 && key.charAt(start) == '0')) {
			return ofText(key);
		}
		// Nineteen digits always fit an unsigned long.
		long value = 0;
		for (int i = start; i < length; i++) {
			int digit = key.charAt(i) - '0';
			if (digit < 0 || digit > 9) {
				return ofText(key);
			}
			value = value * 10 + digit;
		}
		if (start == 0) {
			return (value >= 0) ? of(value) : ofText(key);
		}
		return (-value < 0) ? of(-value) : ofText(key);
	}

	static long of(long key) {
		return avalanche(eightBytes(PRIME_5 + Long.BYTES, key));
	}

	static long ofText(String text) {
		int length = text.length();
		int at = 0;
		long hash;
		if (length >= 16) {
			long a = PRIME_1 + PRIME_2;
			long b = PRIME_2;
			long c = 0;
			long d = -PRIME_1;
			do {
				a = round(a, fourChars(text, at));
				b = round(b, fourChars(text, at + 4));
				c = round(c, fourChars(text, at + 8));
				d = round(d, fourChars(text, at + 12));
				at += 16;
			}
			while (at <= length - 16);
			hash = Long.rotateLeft(a, 1) + Long.rotateLeft(b, 7) + Long.rotateLeft(c, 12) + Long.rotateLeft(d, 18);
			hash = merge(merge(merge(merge(hash, a), b), c), d);
		}
		else {
			hash = PRIME_5;
		}
		hash += 2L * length;
		for (; at <= length - 4; at += 4) {
			hash = eightBytes(hash, fourChars(text, at));
		}
		if (at <= length - 2) {
			long four = text.charAt(at) | (long) text.charAt(at + 1) << 16;
			hash = Long.rotateLeft(hash ^ (four * PRIME_1), 23) * PRIME_2 + PRIME_3;
			at += 2;
		}
		if (at < length) {
			char last = text.charAt(at);
			hash = oneByte(oneByte(hash, last & 0xFF), last >>> 8);
		}
		return avalanche(hash);
	}

	/**
	 * Spreads what was combined of two hashes.
	 */
	static long mix(long hash) {
		long mixed = (hash ^ (hash >>> 30)) * 0xBF58476D1CE4E5B9L;
		mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
		return mixed ^ (mixed >>> 31);
	}

	/**
	 * Returns one of the many hashes that belong to one.
	 */
	static long derive(long hash, long number) {
		return mix(hash + number * 0x9E3779B97F4A7C15L);
	}

	private static long fourChars(String text, int at) {
		return text.charAt(at) | (long) text.charAt(at + 1) << 16 | (long) text.charAt(at + 2) << 32
				| (long) text.charAt(at + 3) << 48;
	}

	private static long round(long lane, long input) {
		return Long.rotateLeft(lane + input * PRIME_2, 31) * PRIME_1;
	}

	private static long merge(long hash, long lane) {
		return (hash ^ round(0, lane)) * PRIME_1 + PRIME_4;
	}

	private static long eightBytes(long hash, long input) {
		return Long.rotateLeft(hash ^ round(0, input), 27) * PRIME_1 + PRIME_4;
	}

	private static long oneByte(long hash, int input) {
		return Long.rotateLeft(hash ^ (input * PRIME_5), 11) * PRIME_1;
	}

	private static long avalanche(long hash) {
		long spread = (hash ^ (hash >>> 33)) * PRIME_2;
		spread = (spread ^ (spread >>> 29)) * PRIME_3;
		return spread ^ (spread >>> 32);
	}

}
