package io.concord.hashing;

import io.concord.ConcordException;

/**
 * No node is there for a key: there are no nodes, all have weight 0, or the key is
 * outside all ranges and mappings.
 */
public class NoNodeException extends ConcordException {

	private static final int SHOWN = 80;

	/**
	 * Creates the exception.
	 * @param message what is missing
	 */
	public NoNodeException(String message) {
		super(message);
	}

	static String shown(String key) {
		return "'" + ((key.length() <= SHOWN) ? key : key.substring(0, SHOWN) + "…") + "'";
	}

}
