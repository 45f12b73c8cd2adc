package io.concord.faults;

import io.concord.lease.Fenced;

/**
 * A number a key that only the newest holder may write: what a lease is there to protect.
 */
interface GuardedRegister extends AutoCloseable {

	/**
	 * Announces what is held, does something, and writes.
	 * @param announced run once it is announced, and may take its time
	 * @param write run just before the number is written
	 * @throws io.concord.lease.FencedOutException if the guard refused
	 * @throws RuntimeException anything else if it failed; the number may have been
	 * written
	 */
	void write(Fenced holder, String key, long number, Runnable announced, Runnable write);

	/**
	 * Reads without a lease.
	 * @return the last number, 0 at first
	 */
	long read(String key);

	@Override
	void close();

}
