package io.concord.ratelimit;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

import io.concord.lease.LeaseInterruptedException;
import io.concord.lease.LeaseStoreException;

/**
 * Permits that were taken from the store ahead of their use. The store has counted them
 * before, so what comes too much in any window are those that were taken before it and
 * are used within: at most what all processes have in stock, a batch less one each. What
 * is not used in time is thrown away. Thread-safe: many count a stock down, and one at a
 * time fills it, so that no process has more than one batch of a key.
 */
final class Reserves {

	/** How long a permit may be in stock, but never longer than a tenth of the period. */
	private static final Duration LONGEST = Duration.ofSeconds(1);

	static final int MOST = 50_000;

	private static final Batch NONE = new Batch(null, 0, new AtomicLong(), 0);

	private final Map<Key, Stock> stocks = new ConcurrentHashMap<>();

	private final Duration timeout;

	private final LongSupplier nanoTime;

	private final Purges purges;

	Reserves(Duration timeout, LongSupplier nanoTime) {
		this.timeout = timeout;
		this.nanoTime = nanoTime;
		this.purges = new Purges(nanoTime);
	}

	/**
	 * Returns how many permits to take at once.
	 * @param members how many processes there are
	 * @return 1 for no reserve
	 */
	static long batch(RateRule rule, int members) {
		double extra = rule.overAdmission() * rule.windowPermits() / Math.max(1, members);
		return 1 + (long) Math.floor(extra);
	}

	/**
	 * Takes a permit from the stock, which is filled if it is empty.
	 * @param query for one permit
	 * @param batch how many to fill it with, that for this call among them
	 * @param filling asks the store
	 * @return the verdict; of a permit from the stock, its rest is what is left there
	 */
	Taken take(RateQuery query, RateRule rule, long batch, Filling filling) {
		Stock stock = this.stocks.computeIfAbsent(new Key(query.rule(), query.key()), (key) -> new Stock());
		long left = fromStock(stock, query);
		if (left >= 0) {
			return new Taken(new RateVerdict(1, 0, left), true, 0);
		}
		lock(stock, query);
		try {
			left = fromStock(stock, query);
			if (left >= 0) {
				return new Taken(new RateVerdict(1, 0, left), true, 0);
			}
			long asked = this.nanoTime.getAsLong();
			long carried = stock.empty(asked, rule.shortest().period().toNanos());
			RateVerdict filled = filling
				.take(new RateQuery(query.rule(), query.key(), query.spec(), batch, 0, true, query.now()));
			// All of the others may have as much in stock as the rule allows.
			boolean scarce = filled.permits() < batch
					|| filled.remaining() <= (long) (rule.overAdmission() * rule.windowPermits());
			if (filled.isAdmitted()) {
				long longest = Math.min(LONGEST.toNanos(), rule.shortest().period().toNanos() / 10);
				long ahead = filled.permits() - 1;
				stock.batch = new Batch(query.spec(), ahead, new AtomicLong(ahead), asked + longest);
				return new Taken(new RateVerdict(1, 0, filled.remaining() + ahead), false, scarce ? carried : 0);
			}
			return new Taken(filled, false, scarce ? carried : 0);
		}
		finally {
			stock.filling.unlock();
			if (this.stocks.size() > MOST && this.purges.isTime()) {
				purge();
			}
		}
	}

	private long fromStock(Stock stock, RateQuery query) {
		Batch batch = stock.batch;
		if (!query.spec().equals(batch.spec()) || batch.isOver(this.nanoTime.getAsLong())) {
			return -1;
		}
		return batch.left().decrementAndGet();
	}

	private void lock(Stock stock, RateQuery query) {
		try {
			if (!stock.filling.tryLock(this.timeout.toNanos(), TimeUnit.NANOSECONDS)) {
				throw new LeaseStoreException(
						"The thread that takes permits of '" + query.rule() + "' ahead did not end in time");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new LeaseInterruptedException("Interrupted while asking for rate limit '" + query.rule() + "'");
		}
	}

	/** Those who fill a stock that has gone leave it to themselves. */
	private void purge() {
		long now = this.nanoTime.getAsLong();
		this.stocks.values().removeIf((stock) -> !stock.filling.isLocked() && stock.batch.isOver(now));
	}

	/** Keys that something is kept of. */
	int size() {
		return this.stocks.size();
	}

	void forget(String rule, String key) {
		this.stocks.remove(new Key(rule, key));
	}

	/** Asks the store. */
	interface Filling {

		RateVerdict take(RateQuery query);

	}

	/**
	 * What came of a call.
	 *
	 * @param verdict the verdict
	 * @param ahead whether the permit was in stock
	 * @param overshoot by how many this process has been beyond the limit in a window, at
	 * most; 0 if the store has enough
	 */
	record Taken(RateVerdict verdict, boolean ahead, long overshoot) {
	}

	/**
	 * Whose stock it is.
	 *
	 * @param rule name of the rule
	 * @param key the key
	 */
	private record Key(String rule, String key) {
	}

	/**
	 * Permits that are taken.
	 *
	 * @param spec the limit they were taken from; null for none
	 * @param size how many there were
	 * @param left how many; below zero, if more were wanted
	 * @param until when they are thrown away
	 */
	private record Batch(@Nullable RateSpec spec, long size, AtomicLong left, long until) {

		long used() {
			return this.size - Math.max(0, this.left.get());
		}

		/** One that was never filled is. */
		boolean isOver(long now) {
			return this.spec == null || now - this.until >= 0;
		}

	}

	private static final class Stock {

		private final ReentrantLock filling = new ReentrantLock();

		private volatile Batch batch = NONE;

		/**
		 * The rest is for who fills it: most used of a batch, in the last two periods.
		 */
		private long period;

		private long most;

		private long mostBefore;

		/**
		 * Forgets the batch, which has come to its end.
		 * @return how many were used at most in a window that were taken before it: of
		 * one batch, as there is never more than one
		 */
		long empty(long now, long length) {
			long current = Math.floorDiv(now, length);
			if (current != this.period) {
				this.mostBefore = (current == this.period + 1) ? this.most : 0;
				this.most = 0;
				this.period = current;
			}
			if (now - this.batch.until() < length) {
				this.most = Math.max(this.most, this.batch.used());
			}
			this.batch = NONE;
			return Math.max(this.most, this.mostBefore);
		}

	}

}
