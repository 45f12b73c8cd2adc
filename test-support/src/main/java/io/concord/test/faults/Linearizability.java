package io.concord.test.faults;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

import io.concord.test.faults.Operation.Outcome;

/**
 * Decides whether a history could have come from an object that does one thing at a time.
 *
 * <p>
 * The search is that of Wing and Gong ("Testing and verifying concurrent objects", 1993),
 * with Lowe's memory of configurations that were met before ("Testing for
 * linearizability", 2017): a configuration is the state of the object, and which of the
 * operations that are under way have taken effect. It goes through the history by time
 * and keeps all configurations that are possible at that moment; an operation takes
 * effect at the latest when it returns. So it needs memory for what is under way at a
 * time and not for the length of the history, and an answer takes exponential time only
 * in the number of operations at a time. One whose outcome is unknown is under way for
 * ever, and may have no effect at all.
 *
 * <p>
 * A history is linearizable if that of every key is, so parts of it are checked one by
 * one, by the keys.
 */
public final class Linearizability {

	private static final int STEPS_BETWEEN_LOOKS = 256;

	private Linearizability() {
	}

	/**
	 * Checks the history of one object.
	 * @param <S> its state, with {@code equals}
	 * @param history its operations; those that failed had no effect and are left out
	 * @param model what it does
	 * @param budget how long the check may take
	 * @return no finding if it is linearizable; one if it is not, or if that was not
	 * known in time
	 */
	public static <S> List<Finding> check(List<Operation> history, Model<S> model, Duration budget) {
		return check(history, model, budget, System::nanoTime);
	}

	static <S> List<Finding> check(List<Operation> history, Model<S> model, Duration budget, LongSupplier nanoTime) {
		List<Event> events = new ArrayList<>();
		for (Operation operation : history) {
			if (operation.outcome() == Outcome.FAIL) {
				continue;
			}
			events.add(new Event(operation, operation.invokeNs(), false));
			if (operation.isOk()) {
				events.add(new Event(operation, operation.returnNs(), true));
			}
		}
		// At the same moment beginnings come first: then the order is open.
		events.sort(Comparator.comparingLong(Event::at).thenComparing(Event::isReturn));
		Search<S> search = new Search<>(model, nanoTime, nanoTime.getAsLong() + budget.toNanos());
		for (Event event : events) {
			if (!event.isReturn()) {
				search.begin(event.operation());
			}
			else if (!search.end(event.operation())) {
				return List.of(search.isOutOfTime()
						? Finding.of("whether it is linearizable was not known within " + budget, event.operation())
						: new Finding("not linearizable: no order explains the last of these", search.around(event)));
			}
		}
		return List.of();
	}

	/**
	 * Checks the registers of all keys: {@code write} sets one to the token, {@code read}
	 * has found the token there. Every token is written at most once to a key; 0 is what
	 * is there at first.
	 * @param operations the operations
	 * @param read what reading is called
	 * @param write what writing is called
	 * @param budget how long the check of a key may take
	 * @return a finding for each key whose history is not linearizable
	 */
	public static List<Finding> ofRegisters(List<Operation> operations, String read, String write, Duration budget) {
		List<Finding> findings = new ArrayList<>();
		History.byKey(operations).forEach((key, ofKey) -> {
			Set<Long> seen = new HashSet<>();
			ofKey.stream()
				.filter((operation) -> operation.op().equals(read) && operation.isOk())
				.forEach((operation) -> seen.add(operation.token()));
			// A write whose outcome is unknown and whose value nobody has seen changes
			// nothing if it is taken for not done; and neither does such a read.
			List<Operation> relevant = ofKey.stream()
				.filter((operation) -> operation.isOk() || (operation.outcome() == Outcome.INFO
						&& operation.op().equals(write) && seen.contains(operation.token())))
				.toList();
			findings.addAll(check(relevant, new Register(write), budget));
		});
		return findings;
	}

	/**
	 * What an object does when it does one thing at a time.
	 *
	 * @param <S> its state
	 */
	public interface Model<S> {

		/**
		 * Returns the state at first.
		 * @return the state
		 */
		S initial();

		/**
		 * Does one thing.
		 * @param state the state before
		 * @param operation what is done, and what came of it
		 * @return the state after it; null if that can't have come of it
		 */
		@Nullable S step(S state, Operation operation);

	}

	private record Register(String write) implements Model<Long> {

		@Override
		public Long initial() {
			return 0L;
		}

		@Override
		public @Nullable Long step(Long state, Operation operation) {
			if (operation.op().equals(this.write)) {
				return operation.token();
			}
			return (operation.token() == state) ? state : null;
		}

	}

	private record Event(Operation operation, long at, boolean isReturn) {
	}

	/**
	 * A state, and the slots of those under way that have taken effect.
	 */
	private record Configuration<S>(S state, BitSet done) {

		Configuration<S> with(S next, int slot) {
			BitSet more = (BitSet) this.done.clone();
			more.set(slot);
			return new Configuration<>(next, more);
		}

		Configuration<S> without(int slot) {
			BitSet less = (BitSet) this.done.clone();
			less.clear(slot);
			return new Configuration<>(this.state, less);
		}

	}

	private static final class Search<S> {

		private final Model<S> model;

		private final LongSupplier nanoTime;

		private final long endNanos;

		/** Those under way, by their slots. */
		private final Map<Integer, Operation> open = new HashMap<>();

		private final Map<Operation, Integer> slots = new HashMap<>();

		private final BitSet taken = new BitSet();

		private Set<Configuration<S>> possible = new HashSet<>();

		private long steps;

		private boolean outOfTime;

		Search(Model<S> model, LongSupplier nanoTime, long endNanos) {
			this.model = model;
			this.nanoTime = nanoTime;
			this.endNanos = endNanos;
			this.possible.add(new Configuration<>(model.initial(), new BitSet()));
		}

		void begin(Operation operation) {
			int slot = this.taken.nextClearBit(0);
			this.taken.set(slot);
			this.open.put(slot, operation);
			this.slots.put(operation, slot);
		}

		/** Keeps what is possible if the operation has taken effect by now. */
		boolean end(Operation operation) {
			Integer slot = this.slots.remove(operation);
			if (slot == null) {
				throw new IllegalArgumentException("The history has this one twice: " + operation.toJson());
			}
			Set<Configuration<S>> next = new HashSet<>();
			Set<Configuration<S>> met = new HashSet<>(this.possible);
			Deque<Configuration<S>> todo = new ArrayDeque<>(this.possible);
			while (!todo.isEmpty()) {
				Configuration<S> configuration = todo.pop();
				if (configuration.done().get(slot)) {
					next.add(configuration.without(slot));
					continue;
				}
				for (Map.Entry<Integer, Operation> candidate : this.open.entrySet()) {
					if (!configuration.done().get(candidate.getKey())) {
						S state = this.model.step(configuration.state(), candidate.getValue());
						if (state != null) {
							Configuration<S> reached = configuration.with(state, candidate.getKey());
							if (met.add(reached)) {
								todo.push(reached);
							}
						}
						if (++this.steps % STEPS_BETWEEN_LOOKS == 0 && this.nanoTime.getAsLong() - this.endNanos >= 0) {
							this.outOfTime = true;
							return false;
						}
					}
				}
			}
			this.possible = next;
			this.open.remove(slot);
			this.taken.clear(slot);
			return !next.isEmpty();
		}

		boolean isOutOfTime() {
			return this.outOfTime;
		}

		/** Those that were under way, and it. */
		List<Operation> around(Event last) {
			List<Operation> around = new ArrayList<>(this.open.values());
			around.remove(last.operation());
			around.add(last.operation());
			return around;
		}

	}

}
