package io.concord.ratelimit;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseInterruptedException;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.ResourceNames;
import io.concord.ratelimit.RateDecision.Outcome;

/**
 * Limits rates in a {@link RateLimitStore} and concurrency by leases.
 *
 * <p>
 * Who counts is the store; nothing here does but for the statistics. On the way there: a
 * refusal that is known is repeated without asking, threads that ask for the same share a
 * call, and a store that fails again and again is left alone for a while.
 */
public final class DefaultRateLimits implements RateLimits, AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(DefaultRateLimits.class);

	private static final int ASYNC_THREADS = 8;

	/** Longer keys are hashed, so that what is kept of many doesn't fill the heap. */
	private static final int LONGEST_KEY = 200;

	private final Supplier<RateLimitStore> store;

	private final ConcurrencyLimits concurrency;

	private final Supplier<RateLimitStore> share;

	private final IntSupplier members;

	private final RateLimitSettings settings;

	private final LongSupplier nanoTime;

	private final List<RateLimitListener> listeners = new CopyOnWriteArrayList<>();

	private final Map<String, Entry> entries = new ConcurrentHashMap<>();

	private final Refusals refusals;

	private final SharedCalls sharedCalls;

	private final Reserves reserves;

	private final StoreGuard guard = new StoreGuard();

	private final ThreadPoolExecutor threads;

	/**
	 * Creates limits without a rule.
	 * @param store the store of rates; asked for with each call and not closed
	 * @param concurrency keeps rules that limit concurrency; not closed
	 * @param share the store of rates with {@link RateRule.OnFailure#SHARE}, if the other
	 * fails; asked for then, and not closed
	 * @param members how many processes there are, of rules that take permits ahead
	 * @param settings how to ask them
	 */
	public DefaultRateLimits(Supplier<? extends RateLimitStore> store, ConcurrencyLimits concurrency,
			Supplier<? extends RateLimitStore> share, IntSupplier members, RateLimitSettings settings) {
		this(store, concurrency, share, members, settings, System::nanoTime);
	}

	DefaultRateLimits(Supplier<? extends RateLimitStore> store, ConcurrencyLimits concurrency,
			Supplier<? extends RateLimitStore> share, IntSupplier members, RateLimitSettings settings,
			LongSupplier nanoTime) {
		this.store = store::get;
		this.share = share::get;
		this.members = members;
		this.concurrency = concurrency;
		this.settings = settings;
		this.nanoTime = nanoTime;
		this.refusals = new Refusals(nanoTime);
		this.sharedCalls = new SharedCalls(settings.storeTimeout());
		this.reserves = new Reserves(settings.storeTimeout(), nanoTime);
		this.threads = threads();
	}

	private static ThreadPoolExecutor threads() {
		AtomicInteger number = new AtomicInteger();
		ThreadPoolExecutor threads = new ThreadPoolExecutor(ASYNC_THREADS, ASYNC_THREADS, 20, TimeUnit.SECONDS,
				new LinkedBlockingQueue<>(), (task) -> {
					Thread thread = new Thread(task, "concord-ratelimit-" + number.incrementAndGet());
					thread.setDaemon(true);
					return thread;
				});
		threads.allowCoreThreadTimeOut(true);
		return threads;
	}

	@Override
	public void define(RateRule rule) {
		Entry before = this.entries.get(rule.name());
		this.entries.put(rule.name(),
				new Entry(rule, (before != null) ? before.counts() : new Counts(this.settings.topRefused())));
	}

	@Override
	public Optional<RateRule> rule(String name) {
		return Optional.ofNullable(this.entries.get(name)).map(Entry::rule);
	}

	@Override
	public Collection<RateRule> rules() {
		return this.entries.values().stream().map(Entry::rule).toList();
	}

	/**
	 * Returns what became of the calls of a rule in this process.
	 * @param rule name of the rule
	 * @return the counts at this moment
	 * @throws UnknownRateRuleException if there is no such rule
	 */
	public RateLimitStatistics statistics(String rule) {
		return entry(rule).counts().sum();
	}

	/**
	 * Returns the keys that a rule has refused most often in this process.
	 * @param rule name of the rule
	 * @return those with the largest counts, these first; none if they are not counted
	 * @throws UnknownRateRuleException if there is no such rule
	 */
	public List<RefusedKey> topRefused(String rule) {
		TopKeys keys = entry(rule).counts().refusedKeys;
		return (keys != null) ? keys.top() : List.of();
	}

	/**
	 * Adds one who is told of all that is decided here.
	 * @param listener the listener
	 */
	public void addListener(RateLimitListener listener) {
		this.listeners.add(listener);
	}

	private Entry entry(String name) {
		Entry entry = this.entries.get(name);
		if (entry == null) {
			throw new UnknownRateRuleException(name, List.copyOf(this.entries.keySet()));
		}
		return entry;
	}

	@Override
	public RateDecision acquire(String name, String key, long permits, Duration maxWait) {
		Entry entry = entry(name);
		RateRule rule = entry.rule();
		check(rule, permits, maxWait);
		if (rule.isConcurrency()) {
			return decide(entry, key, () -> permit(entry, key, wait(rule, maxWait)));
		}
		RateDecision decision = decide(entry, key, () -> rate(entry, key, permits, wait(rule, maxWait)));
		if (!decision.waited().isZero()) {
			try {
				TimeUnit.NANOSECONDS.sleep(decision.waited().toNanos());
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new LeaseInterruptedException(
						"Interrupted while waiting for rate limit '" + name + "'. The permits are used up.");
			}
		}
		return decision;
	}

	@Override
	public CompletableFuture<RateDecision> acquireAsync(String name, String key, long permits, Duration maxWait) {
		Entry entry = entry(name);
		RateRule rule = entry.rule();
		check(rule, permits, maxWait);
		if (rule.isConcurrency()) {
			return permitAsync(entry, key, wait(rule, maxWait));
		}
		return CompletableFuture
			.supplyAsync(() -> decide(entry, key, () -> rate(entry, key, permits, wait(rule, maxWait))), this.threads)
			.thenCompose(this::delayed);
	}

	/** By a timer of the JDK: nothing waits but the future. */
	private CompletableFuture<RateDecision> delayed(RateDecision decision) {
		if (decision.waited().isZero()) {
			return CompletableFuture.completedFuture(decision);
		}
		Executor later = CompletableFuture.delayedExecutor(decision.waited().toNanos(), TimeUnit.NANOSECONDS,
				this::executeAlsoWhenClosed);
		return CompletableFuture.supplyAsync(() -> decision, later);
	}

	/** Or what hangs on a wait that outlives this object would hang for ever. */
	private void executeAlsoWhenClosed(Runnable task) {
		try {
			this.threads.execute(task);
		}
		catch (RejectedExecutionException ex) {
			task.run();
		}
	}

	private static void check(RateRule rule, long permits, Duration maxWait) {
		if (permits < 1 || permits > rule.mostPermits()) {
			throw new IllegalArgumentException("Rate limit " + rule + " grants 1 to " + rule.mostPermits()
					+ " permits to a call, not " + permits + (rule.burst() > 0 ? ". Raise its burst." : "."));
		}
		if (maxWait.isNegative() || (!maxWait.isZero() && !rule.canWait())) {
			throw new IllegalArgumentException("A call can't wait " + maxWait + " for rate limit " + rule
					+ ". Use zero, or one of the algorithms token-bucket without a warm-up, leaky-bucket and concurrency.");
		}
	}

	/** Who only counts doesn't wait. */
	private static Duration wait(RateRule rule, Duration maxWait) {
		if (rule.shadow()) {
			return Duration.ZERO;
		}
		return (maxWait.compareTo(RateRule.LONGEST_WAIT) > 0) ? RateRule.LONGEST_WAIT : maxWait;
	}

	private RateDecision decide(Entry entry, String key, Supplier<RateDecision> asking) {
		RateRule rule = entry.rule();
		Counts counts = entry.counts();
		RateDecision decision;
		try {
			decision = asking.get();
		}
		catch (LeaseStoreException ex) {
			if (!rule.shadow() && rule.onFailure() != RateRule.OnFailure.OPEN) {
				counts.failed.increment();
				throw ex;
			}
			logger.debug("Rate limit '{}' lets a call through, as its store has failed", rule.name(), ex);
			counts.unchecked.increment();
			return told(new RateDecision(rule, Outcome.UNCHECKED, Duration.ZERO, -1, null));
		}
		if (decision.isAdmitted()) {
			counts.admitted.increment();
			return told(decision);
		}
		if (counts.refusedKeys != null) {
			counts.refusedKeys.add(bounded(key));
		}
		if (rule.shadow()) {
			counts.shadowed.increment();
			return told(new RateDecision(rule, Outcome.SHADOWED, Duration.ZERO, 0, null));
		}
		counts.refused.increment();
		return told(decision);
	}

	private RateDecision told(RateDecision decision) {
		for (RateLimitListener listener : this.listeners) {
			listener.decided(decision);
		}
		return decision;
	}

	private RateDecision rate(Entry entry, String key, long permits, Duration maxWait) {
		RateRule rule = entry.rule();
		RateSpec spec = rule.spec();
		long waitMicros = Math.min(maxWait.toNanos() / 1_000, spec.mostWait());
		RateQuery query = new RateQuery(rule.name(), bounded(key), spec, permits, waitMicros, false,
				RateQuery.STORE_TIME);
		RateLimitStore store = this.store.get();
		if (store.isLocal()) {
			// It costs no more than to remember, and can't be down.
			return decision(rule, store.take(query, this.settings.storeTimeout()));
		}
		RateVerdict known = this.refusals.find(query);
		if (known != null) {
			return decision(rule, known);
		}
		long asked = this.nanoTime.getAsLong();
		RateVerdict verdict;
		try {
			verdict = ask(entry, store, query);
		}
		catch (LeaseStoreException ex) {
			if (rule.onFailure() != RateRule.OnFailure.SHARE) {
				throw ex;
			}
			logger.debug("Rate limit '{}' is shared, as its store has failed", rule.name(), ex);
			entry.counts().alone.increment();
			return decision(rule, this.share.get().take(query, this.settings.storeTimeout()));
		}
		if (!verdict.isAdmitted()) {
			this.refusals.add(query, verdict, asked);
		}
		return decision(rule, verdict);
	}

	private RateVerdict ask(Entry entry, RateLimitStore store, RateQuery query) {
		// Parts of leaky buckets are none.
		boolean shared = query.permits() == 1 && query.maxWait() == 0
				&& query.spec().kind() != RateSpec.Kind.LEAKY_BUCKET;
		RateRule rule = entry.rule();
		long batch = (shared && rule.overAdmission() > 0) ? Reserves.batch(rule, this.members.getAsInt()) : 1;
		if (batch > 1) {
			Reserves.Taken taken = this.reserves.take(query, rule, batch, asker(entry, store)::take);
			if (taken.ahead()) {
				entry.counts().ahead.increment();
			}
			entry.counts().overshoot.accumulate(taken.overshoot());
			return taken.verdict();
		}
		return shared ? this.sharedCalls.take(query, asker(entry, store)) : asker(entry, store).take(query);
	}

	private SharedCalls.Asker asker(Entry entry, RateLimitStore store) {
		Duration timeout = this.settings.storeTimeout();
		return new SharedCalls.Asker() {

			@Override
			public RateVerdict take(RateQuery query) {
				entry.counts().asked.increment();
				return DefaultRateLimits.this.guard.call(() -> store.take(query, timeout));
			}

			@Override
			public RateVerdict peek(RateQuery query) {
				entry.counts().asked.increment();
				return DefaultRateLimits.this.guard.call(() -> store.peek(query, timeout));
			}

		};
	}

	private static RateDecision decision(RateRule rule, RateVerdict verdict) {
		return new RateDecision(rule, verdict.isAdmitted() ? Outcome.ADMITTED : Outcome.REFUSED,
				(verdict.waitMicros() > 0) ? Duration.ofNanos(verdict.waitMicros() * 1_000) : Duration.ZERO,
				verdict.remaining(), null);
	}

	private RateDecision permit(Entry entry, String key, Duration maxWait) {
		return decision(entry, this.concurrency.acquire(entry.rule(), bounded(key), maxWait));
	}

	private CompletableFuture<RateDecision> permitAsync(Entry entry, String key, Duration maxWait) {
		CompletableFuture<Optional<ConcurrencyLimits.Permit>> acquiring = this.concurrency.acquireAsync(entry.rule(),
				bounded(key), maxWait);
		CompletableFuture<RateDecision> result = new CompletableFuture<>();
		acquiring.whenComplete((permit, failure) -> {
			try {
				RateDecision decision = decide(entry, key, () -> {
					if (failure instanceof RuntimeException ex) {
						throw ex;
					}
					return decision(entry, Objects.requireNonNull(permit));
				});
				if (!result.complete(decision)) {
					decision.close();
				}
			}
			catch (RuntimeException ex) {
				result.completeExceptionally(ex);
			}
		});
		result.whenComplete((decision, failure) -> {
			if (failure instanceof CancellationException) {
				acquiring.cancel(true);
			}
		});
		return result;
	}

	private static String bounded(String key) {
		return (key.length() <= LONGEST_KEY) ? key : ResourceNames.encode(key);
	}

	private RateDecision decision(Entry entry, Optional<ConcurrencyLimits.Permit> permit) {
		RateRule rule = entry.rule();
		if (permit.isEmpty()) {
			return new RateDecision(rule, Outcome.REFUSED, Duration.ZERO, 0, null);
		}
		LongAdder held = entry.counts().held;
		held.increment();
		return new RateDecision(rule, Outcome.ADMITTED, Duration.ZERO, -1,
				new RateDecision.Permit(permit.get(), this.threads, new AtomicReference<>(held::decrement)));
	}

	@Override
	public RateDecision peek(String name, String key) {
		Entry entry = entry(name);
		RateRule rule = entry.rule();
		if (rule.isConcurrency()) {
			long left = this.concurrency.available(rule, bounded(key));
			return new RateDecision(rule, (left != 0) ? Outcome.ADMITTED : Outcome.REFUSED, Duration.ZERO, left, null);
		}
		RateVerdict verdict = asker(entry, this.store.get())
			.peek(new RateQuery(rule.name(), bounded(key), rule.spec(), 1, 0, false, RateQuery.STORE_TIME));
		return decision(rule, verdict.isAdmitted() ? new RateVerdict(1, 0, verdict.remaining() + 1) : verdict);
	}

	@Override
	public void reset(String name, String key) {
		RateRule rule = entry(name).rule();
		if (rule.isConcurrency()) {
			this.concurrency.reset(rule, bounded(key));
		}
		else {
			this.guard.call(() -> {
				this.store.get().reset(name, bounded(key), this.settings.storeTimeout());
				return true;
			});
			this.refusals.forget(name, bounded(key));
			this.reserves.forget(name, bounded(key));
		}
	}

	/** Ends the threads of async calls. Neither store nor engine is closed. */
	@Override
	public void close() {
		this.threads.shutdown();
	}

	/**
	 * A rule and what became of its calls.
	 *
	 * @param rule the rule
	 * @param counts outlive a change of the rule
	 */
	private record Entry(RateRule rule, Counts counts) {
	}

	private static final class Counts {

		private final LongAdder admitted = new LongAdder();

		private final LongAdder refused = new LongAdder();

		private final LongAdder shadowed = new LongAdder();

		private final LongAdder unchecked = new LongAdder();

		private final LongAdder failed = new LongAdder();

		private final LongAdder alone = new LongAdder();

		private final LongAdder ahead = new LongAdder();

		private final LongAdder asked = new LongAdder();

		private final LongAccumulator overshoot = new LongAccumulator(Math::max, 0);

		private final LongAdder held = new LongAdder();

		private final @Nullable TopKeys refusedKeys;

		Counts(int topRefused) {
			this.refusedKeys = (topRefused > 0) ? new TopKeys(topRefused) : null;
		}

		RateLimitStatistics sum() {
			return new RateLimitStatistics(this.admitted.sum(), this.refused.sum(), this.shadowed.sum(),
					this.unchecked.sum(), this.failed.sum(), this.alone.sum(), this.ahead.sum(), this.asked.sum(),
					this.overshoot.get(), this.held.sum());
		}

	}

}
