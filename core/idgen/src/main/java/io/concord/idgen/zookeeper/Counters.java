package io.concord.idgen.zookeeper;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.jspecify.annotations.Nullable;

import io.concord.idgen.IdsExhaustedException;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.zookeeper.ZooKeeperCalls;
import io.concord.lease.zookeeper.ZooKeeperCalls.Requests;

/**
 * Counters, each of which is one node below the node of its name: the last number that
 * was taken is the base, which is the node's name, + the version of the node.
 *
 * <p>
 * To take one number is one write that every process can make at the same time, without
 * knowing the version: the server counts, and says what it has come to. To take many, or
 * to skip, replaces the node by one with a higher base, in one transaction on the
 * condition of its version. Whoever still writes to the node that is gone is told so and
 * looks for the new one. A version has 31 bits, so the node is replaced long before that
 * is used up, too.
 *
 * <p>
 * What is known of a counter may be old; that costs two reads and another try and harms
 * nothing. Thread-safe.
 */
final class Counters {

	private static final int GREATEST_VERSION = 1 << 30;

	private final ZooKeeperCalls calls;

	private final Map<String, Known> known = new ConcurrentHashMap<>();

	Counters(ZooKeeperCalls calls) {
		this.calls = calls;
	}

	/**
	 * Takes one number.
	 * @return the number, at least {@code least}
	 */
	long next(String name, long least, Duration timeout) {
		Requests requests = this.calls.begin(timeout);
		String parent = path(requests, name);
		for (int attempt = 1;; attempt++) {
			Known counter = known(requests, name, parent);
			if (counter == null || counter.version() >= GREATEST_VERSION || counter.last() < least - 1
					|| counter.base() > Long.MAX_VALUE - 2L * GREATEST_VERSION) {
				Long taken = replace(requests, name, parent, counter, 1, least);
				if (taken != null) {
					return taken;
				}
			}
			else {
				try {
					int version = requests.await(requests.setData(counter.path(parent), "", -1)).getVersion();
					learn(name, new Known(counter.base(), version));
					return counter.base() + version;
				}
				catch (KeeperException.NoNodeException ex) {
					this.known.remove(name, counter);
				}
				catch (KeeperException ex) {
					throw requests.failure(ex);
				}
			}
			requests.pause(attempt);
		}
	}

	/**
	 * Takes several numbers.
	 * @return the last of them
	 */
	long next(String name, long size, long least, Duration timeout) {
		Requests requests = this.calls.begin(timeout);
		String parent = path(requests, name);
		for (int attempt = 1;; attempt++) {
			Long last = replace(requests, name, parent, known(requests, name, parent), size, least);
			if (last != null) {
				return last;
			}
			requests.pause(attempt);
		}
	}

	/**
	 * Tries to put another node in the place of the counter's.
	 * @param counter null if there is none, nor one above it
	 * @return the last number that was taken thereby, or null if another was faster
	 */
	private @Nullable Long replace(Requests requests, String name, String parent, @Nullable Known counter, long size,
			long least) {
		long before = Math.max((counter != null) ? counter.last() : 0, least - 1);
		if (before > Long.MAX_VALUE - size) {
			throw new IdsExhaustedException("The counter '" + name + "' in " + this.calls.describe() + " has no " + size
					+ " numbers left from " + least + " on");
		}
		Known next = new Known(before + size, 0);
		List<Op> operations = new ArrayList<>();
		if (counter != null) {
			operations.add(Op.delete(counter.path(parent), counter.version()));
		}
		else {
			requests.ensure(parent.substring(0, parent.lastIndexOf('/')), "");
			operations.add(requests.create(parent, ""));
		}
		operations.add(requests.create(next.path(parent), ""));
		try {
			requests.await(requests.multi(operations));
			learn(name, next);
			return next.base();
		}
		catch (KeeperException.NoNodeException | KeeperException.BadVersionException
				| KeeperException.NodeExistsException ex) {
			if (counter != null) {
				this.known.remove(name, counter);
			}
			return null;
		}
		catch (KeeperException ex) {
			throw requests.failure(ex);
		}
	}

	private @Nullable Known known(Requests requests, String name, String parent) {
		Known counter = this.known.get(name);
		for (int attempt = 1; counter == null; attempt++) {
			List<String> nodes;
			try {
				nodes = requests.read(requests.children(parent));
			}
			catch (KeeperException.NoNodeException ex) {
				return null;
			}
			if (nodes.size() != 1) {
				throw new LeaseStoreException("The counter '" + name + "' in " + this.calls.describe() + " has not one"
						+ " node but " + nodes + " below " + parent + ". Somebody else has changed it there. Remove it"
						+ " and let the ids begin above all that were given.");
			}
			long base = Long.parseLong(nodes.get(0));
			try {
				int version = requests.read(requests.content(parent + "/" + base)).stat().getVersion();
				counter = new Known(base, version);
				learn(name, counter);
			}
			catch (KeeperException.NoNodeException ex) {
				// Replaced by another meanwhile.
				requests.pause(attempt);
			}
		}
		return counter;
	}

	/** What is learned late must not replace what is newer. */
	private void learn(String name, Known counter) {
		this.known.merge(name, counter,
				(one, other) -> (one.last() >= other.last() && one.base() >= other.base()) ? one : other);
	}

	private static String path(Requests requests, String name) {
		return requests.base() + "/counters/" + ZooKeeperCalls.nodeName(name);
	}

	String describe() {
		return this.calls.describe();
	}

	void close() {
		this.calls.close();
	}

	/**
	 * A counter.
	 *
	 * @param base name of its node
	 * @param version version of its node
	 */
	private record Known(long base, int version) {

		long last() {
			return this.base + this.version;
		}

		String path(String parent) {
			return parent + "/" + this.base;
		}

	}

}
