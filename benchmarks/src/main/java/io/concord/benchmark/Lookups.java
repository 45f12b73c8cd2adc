package io.concord.benchmark;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.IntStream;

import com.sun.management.ThreadMXBean;

import io.concord.hashing.Partitioner;

/**
 * Looks keys up, on one thread.
 */
final class Lookups {

	/** Looked up between two looks at the time; a power of two. */
	private static final int KEYS = 1 << 10;

	private static final String[] CUSTOMERS = IntStream.range(0, KEYS)
		.mapToObj((key) -> "customer-" + (100_000 + key * 7))
		.toArray(String[]::new);

	private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	private final Partitioner<String> partitioner;

	/** So that no compiler leaves out what nobody uses. */
	private volatile int sink;

	Lookups(Partitioner<String> partitioner) {
		this.partitioner = partitioner;
	}

	/**
	 * Looks up.
	 * @param nanos for how long
	 * @return the keys that were looked up, ns that it took, and bytes that it allocated
	 */
	List<Long> measure(long nanos) {
		long allocated = THREADS.getCurrentThreadAllocatedBytes();
		long begin = System.nanoTime();
		long keys = 0;
		long now;
		do {
			int all = 0;
			for (String customer : CUSTOMERS) {
				all ^= this.partitioner.nodeFor(customer).weight() + customer.length();
			}
			this.sink = all;
			keys += KEYS;
			now = System.nanoTime();
		}
		while (now - begin < nanos);
		return List.of(keys, now - begin, THREADS.getCurrentThreadAllocatedBytes() - allocated);
	}

}
