package io.concord.idgen.zookeeper;

import org.apache.curator.framework.CuratorFramework;

import io.concord.idgen.SegmentStore;
import io.concord.idgen.SequenceStore;
import io.concord.idgen.WorkerIdStore;
import io.concord.lease.zookeeper.ZooKeeperCalls;

/**
 * The nodes in which ZooKeeper, from version 3.5.3 on, keeps what ids need, and the
 * stores on them. All nodes are persistent. Immutable and thread-safe. Part of the stored
 * format:
 *
 * <pre>
 * /concord/&lt;namespace&gt;/ids        data: the format
 *   clock                          written to read the time of the servers
 *   counters/&lt;name&gt;/&lt;base&gt;         exactly one; last number taken: base + its version
 *   workers/&lt;space&gt;                data: the layout
 *     ids/&lt;worker id&gt;              taken; see {@link Entry}
 *     ids/&lt;worker id&gt;~&lt;epoch&gt;~&lt;mark&gt;  released
 *     owners/&lt;owner&gt;               data: the worker id that it has
 * </pre>
 *
 * What the stores rest on is what ZooKeeper promises: nothing that was acknowledged is
 * lost while a majority keeps its data.
 */
public final class ZooKeeperIdNodes {

	private final CuratorFramework client;

	private final String namespace;

	/**
	 * Describes the nodes of a namespace.
	 * @param client the application's client, started sooner or later; not closed by the
	 * stores
	 * @param namespace separates applications on one server: 1 to 64 of
	 * {@code A-Z a-z 0-9 . _ -}
	 */
	public ZooKeeperIdNodes(CuratorFramework client, String namespace) {
		this.client = client;
		this.namespace = namespace;
	}

	/**
	 * Creates a store of worker ids.
	 * @return a new store, to be closed
	 * @throws IllegalArgumentException if the namespace has other characters
	 */
	public WorkerIdStore workers() {
		return new ZooKeeperWorkerIdStore(calls());
	}

	/**
	 * Creates a store of segments. A counter of the same name in {@link #sequences()} is
	 * the same.
	 * @return a new store, to be closed
	 * @throws IllegalArgumentException if the namespace has other characters
	 */
	public SegmentStore segments() {
		return new ZooKeeperSegmentStore(calls());
	}

	/**
	 * Creates a store of sequences. A counter of the same name in {@link #segments()} is
	 * the same.
	 * @return a new store, to be closed
	 * @throws IllegalArgumentException if the namespace has other characters
	 */
	public SequenceStore sequences() {
		return new ZooKeeperSequenceStore(calls());
	}

	private ZooKeeperCalls calls() {
		return new ZooKeeperCalls(this.client, this.namespace, "ids");
	}

}
