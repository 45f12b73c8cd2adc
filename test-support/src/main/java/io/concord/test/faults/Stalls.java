package io.concord.test.faults;

import java.util.Comparator;
import java.util.List;

/**
 * When the processes of a run stood still. Immutable.
 */
public final class Stalls {

	private final List<Operation> stalls;

	Stalls(List<Operation> stalls) {
		this.stalls = stalls.stream().sorted(Comparator.comparingLong(Operation::invokeNs)).toList();
	}

	/**
	 * Returns how long it took, but for the time in which a worker or the runner stood
	 * still.
	 * @param worker the number of the worker
	 * @param fromNs the beginning
	 * @param toNs the end
	 * @return ns
	 */
	public long running(int worker, long fromNs, long toNs) {
		long stood = 0;
		long end = fromNs;
		for (Operation stall : this.stalls) {
			if (stall.worker() == worker || stall.worker() == 0) {
				long from = Math.max(end, stall.invokeNs());
				long to = Math.min(toNs, stall.returnNs());
				if (to > from) {
					stood += to - from;
					end = to;
				}
			}
		}
		return toNs - fromNs - stood;
	}

	/**
	 * Returns the longest stall of a process.
	 * @param worker the number of the worker; 0 for the runner, which nobody stops, so
	 * that it tells of the machine
	 * @return ns, 0 if there was none
	 */
	public long longest(int worker) {
		return this.stalls.stream()
			.filter((stall) -> stall.worker() == worker)
			.mapToLong((stall) -> stall.returnNs() - stall.invokeNs())
			.max()
			.orElse(0);
	}

}
