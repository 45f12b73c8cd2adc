package io.concord.lease.zookeeper;

import java.nio.charset.StandardCharsets;

import org.apache.curator.utils.ZKPaths;

import io.concord.lease.Claim;
import io.concord.lease.ResourceNames;

/**
 * Where claims are stored. Part of the stored format:
 *
 * <pre>
 * /concord/&lt;namespace&gt;/lease                    persistent; data: the format
 *   &lt;name&gt;                                      container, which the server deletes when it is empty
 *     1~&lt;limit&gt;~&lt;owner&gt;~&lt;number in line&gt;        ephemeral; data: format and owner
 * </pre>
 *
 * All that tells who holds is in the names of the nodes, so that one read shows a line.
 */
final class Nodes {

	/** The only format that this version knows. */
	static final String FORMAT = "1";

	/** Between the parts of a node's name; no part contains it. */
	static final char SEPARATOR = '~';

	private Nodes() {
	}

	/**
	 * Returns the node above all names.
	 * @param chroot the namespace of the application's CuratorFramework, may be empty
	 * @param part what is kept below it
	 */
	static String base(String chroot, String namespace, String part) {
		return ZKPaths.fixForNamespace(chroot.isEmpty() ? null : chroot, "/concord/" + namespace + "/" + part);
	}

	/** Returns the node of a name, the parent of the claims on it. */
	static String line(String base, String resource) {
		return base + "/" + name(resource);
	}

	/** Returns the name of a node for any name. */
	static String name(String resource) {
		String name = ResourceNames.encode(resource).replace("/", "%s");
		// No node can have these names.
		if (name.equals(".") || name.equals("..")) {
			name = name.replace(".", "%d");
		}
		return name;
	}

	/** Returns how the name of a claim's node begins. Its number in line follows. */
	static String prefix(Claim claim) {
		return FORMAT + SEPARATOR + claim.limit() + SEPARATOR + escape(claim.owner()) + SEPARATOR;
	}

	static byte[] data(Claim claim) {
		return (FORMAT + " " + claim.owner()).getBytes(StandardCharsets.UTF_8);
	}

	/** What the node of a claim holds when the claim has left those who wait. */
	static byte[] markedData(Claim claim) {
		return (FORMAT + " " + claim.owner() + " holds").getBytes(StandardCharsets.UTF_8);
	}

	private static String escape(String owner) {
		return owner.replace("%", "%p").replace("/", "%s").replace("~", "%t");
	}

}
