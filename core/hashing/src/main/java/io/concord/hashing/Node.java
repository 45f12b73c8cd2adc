package io.concord.hashing;

/**
 * One of the nodes that keys are distributed over. Immutable if the value is.
 *
 * @param <N> type of what stands behind a node
 * @param name what the node is known by everywhere and for ever, from 1 to 200
 * characters. Keys follow the name: a name that differs between clients (a position in a
 * list, an ephemeral port, a hash code) sends the same key to different nodes
 * @param weight share of the keys in proportion to the other weights, from 0 to
 * {@value #MAX_WEIGHT}; 0 gets none
 * @param value what stands behind the node; has no influence on where keys go
 */
public record Node<N>(String name, int weight, N value) {

	/** Greatest weight. */
	public static final int MAX_WEIGHT = 1_000_000;

	private static final int MAX_NAME = 200;

	/**
	 * Creates a node.
	 * @throws IllegalArgumentException if the name or the weight is out of range
	 */
	public Node {
		if (name.isBlank() || name.length() > MAX_NAME) {
			throw new IllegalArgumentException(
					"The name of a node must have 1 to " + MAX_NAME + " characters, not '" + name + "'");
		}
		if (weight < 0 || weight > MAX_WEIGHT) {
			throw new IllegalArgumentException(
					"The weight of node '" + name + "' must be between 0 and " + MAX_WEIGHT + ", not " + weight);
		}
	}

	/**
	 * Returns a node of weight 1 that stands for its name.
	 * @param name the name
	 * @return the node
	 */
	public static Node<String> of(String name) {
		return new Node<>(name, 1, name);
	}

	/**
	 * Returns a node that stands for its name.
	 * @param name the name
	 * @param weight the weight
	 * @return the node
	 */
	public static Node<String> of(String name, int weight) {
		return new Node<>(name, weight, name);
	}

	/**
	 * Returns this node with another weight.
	 * @param weight the other weight
	 * @return a node of the same name and value
	 */
	public Node<N> withWeight(int weight) {
		return new Node<>(this.name, weight, this.value);
	}

}
