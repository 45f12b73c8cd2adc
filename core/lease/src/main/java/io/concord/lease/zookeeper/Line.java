package io.concord.lease.zookeeper;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import io.concord.lease.Claim;

/**
 * A line as one read of a name's children shows it. Immutable.
 *
 * <p>
 * Who holds follows from the order and the limits alone. Claims are granted in the order
 * of the line as long as holders + 1 ≤ the least limit of all concerned, so holders are
 * always the first of the line: the longest beginning that is no longer than any of its
 * limits. A claim at place i holds if and only if i ≤ the least limit of the places 1 to
 * i. When others leave, i and the limits before it only change in its favour, so nobody
 * ever stops to hold.
 */
final class Line {

	static final Line EMPTY = new Line(List.of());

	private final List<Entry> entries;

	private Line(List<Entry> entries) {
		this.entries = entries;
	}

	/**
	 * Reads the names of nodes.
	 * @throws UnknownFormatException if one is of another format
	 */
	static Line of(List<String> names) throws UnknownFormatException {
		List<Entry> entries = new ArrayList<>(names.size());
		for (String name : names) {
			entries.add(Entry.of(name));
		}
		// Numbers wrap around: 2^31 - 1 is followed by -2^31.
		entries.sort((a, b) -> Integer.compare(a.number() - b.number(), 0));
		return new Line(entries);
	}

	/** Returns the index from 0, or -1 if there is no such node. */
	int indexOf(String node) {
		for (int i = 0; i < this.entries.size(); i++) {
			if (this.entries.get(i).node().equals(node)) {
				return i;
			}
		}
		return -1;
	}

	/** Returns the names of the nodes that begin like this. */
	List<String> startingWith(String prefix) {
		return this.entries.stream().map(Entry::node).filter((node) -> node.startsWith(prefix)).toList();
	}

	/** Returns those who hold, in order. */
	List<Entry> holding() {
		return this.entries.subList(0, holders());
	}

	/** Returns those who wait, in order. */
	List<Entry> waiting() {
		return this.entries.subList(holders(), this.entries.size());
	}

	/** Returns how many hold. */
	int holders() {
		int least = Claim.SHARED;
		for (int i = 0; i < this.entries.size(); i++) {
			least = Math.min(least, this.entries.get(i).limit());
			if (i + 1 > least) {
				return i;
			}
		}
		return this.entries.size();
	}

	/** Returns whether a claim that joins now has to wait. */
	boolean conflictsWith(int limit) {
		return holders() < this.entries.size()
				|| this.entries.stream().mapToInt(Entry::limit).reduce(limit, Math::min) <= this.entries.size();
	}

	/**
	 * Returns the node that a waiting claim has to watch: the nearest without whose end,
	 * or grant, its own turn can't come.
	 * @param index index of the claim, which does not hold
	 * @return null if the end of any node may bring its turn, so that all have to be
	 * watched
	 */
	@Nullable String watchedBy(int index) {
		Entry claim = this.entries.get(index);
		Entry before = this.entries.get(index - 1);
		if (claim.limit() == 1 || before.limit() == 1) {
			return before.node();
		}
		if (claim.limit() == Claim.SHARED) {
			for (int i = index - 1; i >= 0; i--) {
				if (this.entries.get(i).limit() == 1) {
					return this.entries.get(i).node();
				}
			}
		}
		// Only the first of those who wait watches all; the others wait until they are
		// the first, and learn of it as the one before marks its node or leaves.
		return isWaiting(index - 1) ? before.node() : null;
	}

	boolean isWaiting(int index) {
		return index >= holders();
	}

	/** The name of a node is of another format, or not of ours at all. */
	static final class UnknownFormatException extends Exception {

		UnknownFormatException(String node) {
			super(node);
		}

	}

	/**
	 * One claim.
	 *
	 * @param node name of its node
	 * @param limit its limit
	 * @param owner its owner
	 * @param number its number in line
	 */
	record Entry(String node, int limit, String owner, int number) {

		static Entry of(String node) throws UnknownFormatException {
			String[] parts = node.split(String.valueOf(Nodes.SEPARATOR), -1);
			try {
				if (parts.length == 4 && parts[0].equals(Nodes.FORMAT) && Integer.parseInt(parts[1]) >= 1) {
					return new Entry(node, Integer.parseInt(parts[1]), Nodes.unescape(parts[2]),
							Integer.parseInt(parts[3]));
				}
			}
			catch (NumberFormatException ex) {
				// As below.
			}
			throw new UnknownFormatException(node);
		}

	}

}
