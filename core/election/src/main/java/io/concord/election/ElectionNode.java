package io.concord.election;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import io.concord.lease.LeaseRequest;

/**
 * What a node tells others of itself. Labels only: what tells nodes apart is the identity
 * of their claims. Immutable.
 *
 * @param id what the node is called, such as the name of its host; printable, without
 * spaces
 * @param address where the node can be reached, such as {@code 10.0.0.7:8080}; printable,
 * without spaces; null if that is nobody's business
 */
public record ElectionNode(String id, @Nullable String address) {

	/** Node of which nothing is known. */
	static final String UNNAMED = "unnamed";

	private static final char SEPARATOR = ' ';

	/**
	 * Creates a node.
	 * @throws IllegalArgumentException if a label is empty or has spaces or control
	 * characters, or both together are longer than the stores have room for: 200
	 * characters, where one that is neither a letter, a digit nor one of
	 * {@code . _ : @ , =} counts three
	 */
	public ElectionNode {
		requireLabel("id", id);
		if (address != null) {
			requireLabel("address", address);
		}
		LeaseRequest.exclusive("node", Duration.ZERO, Duration.ofSeconds(1)).withNote(note(id, address));
	}

	static void requireLabel(String what, String label) {
		if (label.isEmpty() || label.chars().anyMatch((character) -> character <= ' ' || character == 127)) {
			throw new IllegalArgumentException("The " + what
					+ " of a node must neither be empty nor have spaces or control characters: '" + label + "'");
		}
	}

	/** How it stands in the claims of the node. */
	String note() {
		return note(this.id, this.address);
	}

	private static String note(String id, @Nullable String address) {
		return (address != null) ? id + SEPARATOR + address : id;
	}

	static ElectionNode ofNote(String note) {
		int separator = note.indexOf(SEPARATOR);
		try {
			return (separator < 0) ? new ElectionNode(note, null)
					: new ElectionNode(note.substring(0, separator), note.substring(separator + 1));
		}
		catch (IllegalArgumentException ex) {
			// Of somebody who has written it by other means.
			return new ElectionNode(UNNAMED, null);
		}
	}

}
