package io.concord.idgen;

import java.util.List;
import java.util.stream.Collectors;

/**
 * All worker ids of the layout, or of the datacenter, are taken.
 */
public class NoFreeWorkerIdException extends IdGenerationException {

	private final transient List<WorkerIdHolder> holders;

	/**
	 * Creates an exception.
	 * @param generator name of the generator
	 * @param first the first worker id that could have been given
	 * @param last the last one
	 * @param holders who holds them
	 */
	public NoFreeWorkerIdException(String generator, int first, int last, List<WorkerIdHolder> holders) {
		super("All worker ids of '" + generator + "' from " + first + " to " + last + " are taken:\n" + list(holders));
		this.holders = List.copyOf(holders);
	}

	/**
	 * Returns who holds the worker ids.
	 * @return all holders
	 */
	public List<WorkerIdHolder> getHolders() {
		return this.holders;
	}

	private static String list(List<WorkerIdHolder> holders) {
		return holders.stream()
			.map((holder) -> "    " + holder.workerId() + ": " + holder.holder())
			.collect(Collectors.joining("\n"));
	}

}
