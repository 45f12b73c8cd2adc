package io.concord.benchmark;

import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

import io.concord.hashing.CountedLoads;
import io.concord.hashing.Node;
import io.concord.hashing.Partitioner;
import io.concord.hashing.Partitioners;

/**
 * An algorithm that says where a key belongs.
 */
enum HashingContender {

	/** Nodes of the same weight. */
	RENDEZVOUS("rendezvous", false, Partitioners::rendezvous),

	/** Weights of 1, 2 and 4. */
	RENDEZVOUS_WEIGHTED("rendezvous, weights 1:2:4", true, Partitioners::rendezvous),

	/** With the default number of points. */
	RING("ring, 160 points", false, Partitioners::ring),

	/** With the table that is chosen by the number of nodes. */
	MAGLEV("Maglev", false, Partitioners::maglev),

	/** Weights mean nothing to it. */
	JUMP("jump", false, Partitioners::jump),

	/** Nodes of the same weight. */
	MODULO("modulo", false, Partitioners::modulo),

	/** Without load, so that it never spills. */
	BOUNDED("Maglev, bounded load", false,
			(nodes) -> Partitioners.boundedLoad(Partitioners.maglev(nodes), 1.25, new CountedLoads<>()));

	private final String title;

	private final boolean weighted;

	private final Function<List<Node<String>>, Partitioner<String>> algorithm;

	HashingContender(String title, boolean weighted, Function<List<Node<String>>, Partitioner<String>> algorithm) {
		this.title = title;
		this.weighted = weighted;
		this.algorithm = algorithm;
	}

	String title() {
		return this.title;
	}

	Partitioner<String> over(int nodes) {
		return this.algorithm.apply(IntStream.range(0, nodes)
			.mapToObj((i) -> Node.of("node-" + i, this.weighted ? 1 << (i % 3) : 1))
			.toList());
	}

}
