package io.concord.sharding;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

import io.concord.ConcordException;

/**
 * A call on all shards failed on some of them, or took too long there. The others have
 * done their work, which stays done.
 */
public class ShardFanOutException extends ConcordException {

	private final transient Map<String, Object> results;

	private final transient Map<String, Throwable> failures;

	/**
	 * Creates the exception.
	 * @param sharding name of the sharding
	 * @param results results by shard, where there are any
	 * @param failures what failed by shard, not empty; the first becomes the cause, the
	 * others are suppressed. A {@link java.util.concurrent.CancellationException} stands
	 * for a call that took too long, which may or may not be done
	 */
	public ShardFanOutException(String sharding, Map<String, Object> results, Map<String, Throwable> failures) {
		super("Of " + (results.size() + failures.size()) + " shards of '" + sharding + "', " + failures.size()
				+ " failed: " + String.join(", ", failures.keySet()), failures.values().iterator().next());
		this.results = Collections.unmodifiableMap(new LinkedHashMap<>(results));
		this.failures = Collections.unmodifiableMap(new LinkedHashMap<>(failures));
		failures.values().stream().skip(1).forEach(this::addSuppressed);
	}

	/**
	 * Returns the results of the shards that did not fail.
	 * @return results by shard; without those that are null
	 */
	public Map<String, Object> getResults() {
		return this.results;
	}

	/**
	 * Returns what failed.
	 * @return failures by shard
	 */
	public Map<String, Throwable> getFailures() {
		return this.failures;
	}

}
