package io.concord.sharding;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.concord.hashing.Partitioner;

/**
 * All shardings of an application, and the threads of their calls on all shards. Safe for
 * use by many threads.
 */
public final class Shardings implements AutoCloseable {

	/** Calls on all shards that run at the same time; more of them wait. */
	private static final int THREADS = 16;

	private final Map<String, Sharding> shardings = new LinkedHashMap<>();

	private final ThreadPoolExecutor fanOut;

	/**
	 * Creates shardings.
	 * @param partitioners what says which shard a key belongs to, by the name of the
	 * sharding; copied
	 */
	public Shardings(Map<String, Partitioner<String>> partitioners) {
		AtomicInteger threads = new AtomicInteger();
		this.fanOut = new ThreadPoolExecutor(THREADS, THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
				(runnable) -> {
					Thread thread = new Thread(runnable, "concord-shards-" + threads.incrementAndGet());
					thread.setDaemon(true);
					return thread;
				});
		this.fanOut.allowCoreThreadTimeOut(true);
		partitioners
			.forEach((name, partitioner) -> this.shardings.put(name, new Sharding(name, partitioner, this.fanOut)));
	}

	/**
	 * Returns a sharding.
	 * @param name its name
	 * @return the sharding
	 * @throws UnknownShardingException if there is none of this name
	 */
	public Sharding get(String name) {
		Sharding sharding = this.shardings.get(name);
		if (sharding == null) {
			throw new UnknownShardingException(name, names());
		}
		return sharding;
	}

	/**
	 * Returns the names of all shardings.
	 * @return the names; unmodifiable
	 */
	public Set<String> names() {
		return Set.copyOf(this.shardings.keySet());
	}

	/**
	 * Ends calls on all shards that are still under way, by interrupting them.
	 */
	@Override
	public void close() {
		this.fanOut.shutdownNow();
	}

}
