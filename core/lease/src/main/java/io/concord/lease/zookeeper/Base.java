package io.concord.lease.zookeeper;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.proto.CreateRequest;

import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.zookeeper.Line.UnknownFormatException;

/**
 * The node above all that a feature keeps: creates it, checks the format of what is below
 * it, and finds out who may use it. Once a session: two requests, or one if the
 * application has an ACLProvider.
 *
 * <p>
 * New nodes get what the ACLProvider of the CuratorFramework says. If it has none, they
 * are open to their creator alone if the connection is authenticated, else to everybody.
 */
final class Base {

	/** What others may do with the nodes that all applications share. */
	private static final List<ACL> SHARED = List.of(new ACL(ZooDefs.Perms.ALL, ZooDefs.Ids.AUTH_IDS),
			new ACL(ZooDefs.Perms.READ | ZooDefs.Perms.CREATE, ZooDefs.Ids.ANYONE_ID_UNSAFE));

	private final CuratorFramework client;

	private final Session session;

	private final String path;

	private final Waiting waiting;

	Base(CuratorFramework client, Session session, String path, Waiting waiting) {
		this.client = client;
		this.session = session;
		this.path = path;
		this.waiting = waiting;
	}

	/**
	 * Sees to it that the node is there.
	 * @param store what the requests go to, for messages
	 * @return what the nodes below it get
	 * @throws LeaseStoreException if that could not be done; nothing else was
	 */
	List<ACL> prepare(String store) {
		try {
			return prepare();
		}
		catch (KeeperException ex) {
			throw new LeaseStoreException(String.valueOf(Failures.of(store, ex).getMessage()), ex);
		}
		catch (UnknownFormatException ex) {
			throw wrongFormat(store, this.path, "format '" + ex.getMessage() + "'");
		}
		catch (LeaseOutcomeUnknownException ex) {
			// No more than the nodes above has been sent.
			throw new LeaseStoreException("Nothing was sent yet: " + ex.getMessage(), ex);
		}
	}

	static LeaseStoreException wrongFormat(String store, String path, String found) {
		return new LeaseStoreException("What " + store + " keeps at " + path + " has " + found
				+ ", and this version of Concord knows format " + Nodes.FORMAT + " only. Another version of Concord, or"
				+ " another program, writes there: use the same version on all nodes, or another namespace.");
	}

	private List<ACL> prepare() throws KeeperException, UnknownFormatException {
		List<ACL> acl = configured();
		boolean creatorOnly = false;
		if (Session.isOpen(acl)) {
			creatorOnly = isAuthenticated();
			acl = creatorOnly ? ZooDefs.Ids.CREATOR_ALL_ACL : acl;
		}
		try {
			checkFormat();
		}
		catch (KeeperException.NoNodeException ex) {
			create(this.path, Nodes.FORMAT, acl, creatorOnly);
			checkFormat();
		}
		return acl;
	}

	private void checkFormat() throws KeeperException, UnknownFormatException {
		String format = new String(this.waiting.await(this.session.content(this.path, null)).data(),
				StandardCharsets.UTF_8);
		if (!format.equals(Nodes.FORMAT)) {
			throw new UnknownFormatException(format);
		}
	}

	/** Creates a node, those above it first. */
	private void create(String node, String data, List<ACL> acl, boolean creatorOnly) throws KeeperException {
		byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
		try {
			this.waiting.await(this.session.create(node, bytes, acl, CreateMode.PERSISTENT));
		}
		catch (KeeperException.NoNodeException ex) {
			String parent = node.substring(0, node.lastIndexOf('/'));
			create(parent, "", (creatorOnly && !isOfNamespace(parent)) ? SHARED : acl, creatorOnly);
			create(node, data, acl, creatorOnly);
		}
		catch (KeeperException.NodeExistsException ex) {
			// By somebody else at the same time.
		}
	}

	/** Whether a node is the namespace's own, and not one of the suite. */
	private boolean isOfNamespace(String node) {
		return node.length() >= this.path.lastIndexOf('/');
	}

	/**
	 * Asks Curator, without a request: a description of a node to be created has the ACL
	 * that it would get.
	 */
	private List<ACL> configured() {
		try {
			return ((CreateRequest) this.client.usingNamespace(null)
				.transactionOp()
				.create()
				.forPath(this.path, new byte[0])
				.get()
				.toRequestRecord()).getAcl();
		}
		catch (Exception ex) {
			throw new IllegalStateException("Curator does not say which ACL " + this.path + " is to have", ex);
		}
	}

	/**
	 * Asks for what only an authenticated connection may: the server looks at that first,
	 * before it finds that there is nothing to do.
	 */
	private boolean isAuthenticated() throws KeeperException {
		try {
			this.waiting.await(this.session.create(this.path + "/%/%", new byte[0], ZooDefs.Ids.CREATOR_ALL_ACL,
					CreateMode.EPHEMERAL));
			throw new IllegalStateException("A node was created below one that no name has: " + this.path);
		}
		catch (KeeperException.InvalidACLException ex) {
			return false;
		}
		catch (KeeperException.NoNodeException | KeeperException.NoAuthException
				| KeeperException.NoChildrenForEphemeralsException ex) {
			return true;
		}
	}

	/** How the caller waits for an answer. */
	interface Waiting {

		<T> T await(CompletableFuture<T> reply) throws KeeperException;

	}

}
