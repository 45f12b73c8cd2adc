package io.concord.test.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What all workers of a run and the runner saw. Immutable.
 */
public final class History {

	/** What a {@link StallMonitor} writes. */
	public static final String STALL = "stall";

	/** What the runner writes of each fault, with its name as the key. */
	public static final String FAULT = "fault";

	private final List<Operation> operations;

	private History(List<Operation> operations) {
		this.operations = operations;
	}

	/**
	 * Creates a history by hand.
	 * @param operations what happened, in any order
	 * @return the history
	 */
	public static History of(List<Operation> operations) {
		return new History(operations.stream().sorted(Comparator.comparingLong(Operation::invokeNs)).toList());
	}

	/**
	 * Reads what {@link HistoryWriter}s have written.
	 * @param directory all its files that end with {@code .jsonl}; the last line of a
	 * worker that was killed may be torn
	 * @return the history
	 */
	public static History read(Path directory) {
		Map<Identity, Operation> last = new LinkedHashMap<>();
		try (Stream<Path> files = Files.list(directory)) {
			for (Path file : files.filter((file) -> file.toString().endsWith(".jsonl")).sorted().toList()) {
				String text = Files.readString(file, StandardCharsets.UTF_8);
				text.substring(0, text.lastIndexOf('\n') + 1)
					.lines()
					.map(Operation::parse)
					.forEach((operation) -> last.put(Identity.of(operation), operation));
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return of(new ArrayList<>(last.values()));
	}

	/**
	 * Returns all operations.
	 * @return in the order in which they began
	 */
	public List<Operation> operations() {
		return this.operations;
	}

	/**
	 * Returns the operations of some kinds.
	 * @param ops the kinds
	 * @return in the order in which they began
	 */
	public List<Operation> of(String... ops) {
		List<String> wanted = List.of(ops);
		return where((operation) -> wanted.contains(operation.op()));
	}

	/**
	 * Returns some of the operations.
	 * @param filter which
	 * @return in the order in which they began
	 */
	public List<Operation> where(Predicate<Operation> filter) {
		return this.operations.stream().filter(filter).toList();
	}

	/**
	 * Parts operations by their keys.
	 * @param operations any operations
	 * @return those of each key in their order, the keys sorted
	 */
	public static Map<String, List<Operation>> byKey(List<Operation> operations) {
		return operations.stream().collect(Collectors.groupingBy(Operation::key, TreeMap::new, Collectors.toList()));
	}

	/**
	 * Returns when processes stood still.
	 * @return what the monitors saw
	 */
	public Stalls stalls() {
		return new Stalls(of(STALL));
	}

	/**
	 * The beginning and the end of an operation have it in common.
	 */
	private record Identity(int process, String op, String key, long invokeNs) {

		static Identity of(Operation operation) {
			return new Identity(operation.process(), operation.op(), operation.key(), operation.invokeNs());
		}

	}

}
