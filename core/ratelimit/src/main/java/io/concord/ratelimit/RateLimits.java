package io.concord.ratelimit;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import io.concord.lease.LeaseInterruptedException;
import io.concord.lease.LeaseStoreException;

/**
 * Limits by rules that all processes on the same store share. Each key of a rule is
 * limited apart; the empty key is one as any other. Thread-safe.
 *
 * <p>
 * All methods that ask throw an {@link UnknownRateRuleException} if there is no such
 * rule, an {@link IllegalArgumentException} if no call can be granted so many permits,
 * and a {@link LeaseStoreException} if the store fails and the rule says
 * {@link RateRule.OnFailure#CLOSED}.
 */
public interface RateLimits {

	/**
	 * Asks for one permit without waiting.
	 * @param rule name of the rule
	 * @param key what is limited apart
	 * @return what came of it, to be {@linkplain RateDecision#close() closed} if the rule
	 * limits concurrency
	 */
	default RateDecision tryAcquire(String rule, String key) {
		return tryAcquire(rule, key, 1);
	}

	/**
	 * Asks for permits without waiting.
	 * @param rule name of the rule
	 * @param key what is limited apart
	 * @param permits how many; 1 to {@link RateRule#mostPermits()}
	 * @return what came of it, to be closed if the rule limits concurrency
	 */
	default RateDecision tryAcquire(String rule, String key, long permits) {
		return acquire(rule, key, permits, Duration.ZERO);
	}

	/**
	 * Asks for permits, and waits for them if they will come in time. If they will not,
	 * it is refused at once.
	 * @param rule name of the rule
	 * @param key what is limited apart
	 * @param permits how many; 1 to {@link RateRule#mostPermits()}
	 * @param maxWait how long to wait at most; zero or up to
	 * {@link RateRule#LONGEST_WAIT}
	 * @return what came of it, to be closed if the rule limits concurrency
	 * @throws IllegalArgumentException if the time is not zero and the rule's algorithm
	 * can't wait
	 * @throws LeaseInterruptedException if the thread was interrupted while it waited;
	 * the permits of a rate are used up
	 */
	RateDecision acquire(String rule, String key, long permits, Duration maxWait);

	/**
	 * Asks as {@link #acquire} does, without a thread that waits.
	 * @param rule as there
	 * @param key as there
	 * @param permits as there
	 * @param maxWait as there
	 * @return completes when the wait is over, with what {@link #acquire} returns or
	 * throws. To cancel it gives back nothing but a place in the line for concurrency.
	 */
	CompletableFuture<RateDecision> acquireAsync(String rule, String key, long permits, Duration maxWait);

	/**
	 * Tells how a call for one permit would go at this moment, and takes nothing.
	 * @param rule name of the rule
	 * @param key what is limited apart
	 * @return what would come of it; of a rule for concurrency, whether less than its
	 * limit are held, if the store can tell that
	 */
	RateDecision peek(String rule, String key);

	/**
	 * Forgets what a key has taken. What runs under a limit of concurrency goes on, and
	 * counts no more. Other processes may refuse it for a second yet.
	 * @param rule name of the rule
	 * @param key what is limited apart
	 */
	void reset(String rule, String key);

	/**
	 * Adds a rule to this process, or puts it in the place of that with the same name.
	 * What was taken counts on, unless the algorithm is another.
	 * @param rule the rule
	 */
	void define(RateRule rule);

	/**
	 * Returns a rule.
	 * @param name its name
	 * @return the rule; empty if there is none
	 */
	Optional<RateRule> rule(String name);

	/**
	 * Returns all rules.
	 * @return the rules at this moment
	 */
	Collection<RateRule> rules();

}
