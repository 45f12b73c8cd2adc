package io.concord.idgen.zookeeper;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

import io.concord.idgen.WorkerIdAnswer;
import io.concord.idgen.WorkerIdClaim;
import io.concord.idgen.WorkerIdExtension;
import io.concord.idgen.WorkerIdHolder;
import io.concord.idgen.WorkerIdLease;
import io.concord.idgen.WorkerIdStore;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.zookeeper.ZooKeeperCalls;
import io.concord.lease.zookeeper.ZooKeeperCalls.Content;
import io.concord.lease.zookeeper.ZooKeeperCalls.Requests;

/**
 * Keeps worker ids as nodes, see {@link ZooKeeperIdNodes}. They outlive sessions: what
 * fences a holder is its mark, and no session could.
 *
 * <p>
 * What orders things: every change of a worker id is one transaction on the condition of
 * its node, by version or by name, so of two that meet one fails, looks again and finds
 * what the other has done. An owner's node is written in the same transactions.
 *
 * <p>
 * To claim costs three reads, which are sent together, and a write. Of those never taken
 * any is tried at random, of those released the one with the lowest mark at first, so
 * that many that start at once part after a try or two. Only if there are neither are
 * nodes of holders looked at: that costs one write, to learn the time, and a read each;
 * so a released worker id is preferred to one whose mark has passed without a release. To
 * extend and to release costs a write. Thread-safe.
 */
final class ZooKeeperWorkerIdStore implements WorkerIdStore {

	/** By how much more are tried at random after each try that met another. */
	private static final int SPREAD = 16;

	private final ZooKeeperCalls calls;

	/** What this store has granted and not seen lost; else it is read. */
	private final Map<WorkerIdLease, Held> held = new ConcurrentHashMap<>();

	ZooKeeperWorkerIdStore(ZooKeeperCalls calls) {
		this.calls = calls;
	}

	@Override
	public String describe() {
		return this.calls.describe();
	}

	@Override
	public WorkerIdAnswer claim(WorkerIdClaim claim, Duration timeout) {
		Requests requests = this.calls.begin(timeout);
		Space space = new Space(requests, claim.space());
		for (int attempt = 1;; attempt++) {
			WorkerIdAnswer answer = attempt(requests, space, claim, attempt);
			if (answer != null) {
				return answer;
			}
			requests.pause(attempt);
		}
	}

	/** Returns null if it met another. */
	private @Nullable WorkerIdAnswer attempt(Requests requests, Space space, WorkerIdClaim claim, int attempt) {
		CompletableFuture<Content> layout = requests.content(space.path());
		CompletableFuture<List<String>> names = requests.children(space.ids());
		CompletableFuture<Content> own = requests.content(space.owner(claim.owner()));
		try {
			String stored = requests.read(layout).data();
			if (!stored.equals(claim.layout())) {
				return new WorkerIdAnswer.LayoutDiffers(stored);
			}
		}
		catch (KeeperException.NoNodeException ex) {
			create(requests, space, claim.layout());
			return null;
		}
		try {
			int workerId = Integer.parseInt(requests.read(own).data());
			return again(requests, space, workerId, claim);
		}
		catch (KeeperException.NoNodeException ex) {
			// It has none.
		}
		Nodes nodes = Nodes.of(read(requests, names), claim);
		if (!nodes.isFull()) {
			return takeFree(requests, space, claim, nodes, attempt);
		}
		long now = now(requests);
		// What was done before that time is seen now, by whichever server.
		nodes = Nodes.of(read(requests, requests.children(space.ids())), claim);
		if (!nodes.isFull()) {
			return takeFree(requests, space, claim, nodes, attempt);
		}
		List<Held> taken = entries(requests, space, nodes.taken());
		List<Held> passed = taken.stream()
			.filter((entry) -> entry.mark() < now)
			.sorted(Comparator.comparingLong(Held::mark).thenComparingInt(Held::workerId))
			.toList();
		if (!passed.isEmpty()) {
			return takeOver(requests, space, claim, choose(passed, attempt));
		}
		if (taken.size() < nodes.taken().size()) {
			// Some were released while they were read.
			return null;
		}
		return new WorkerIdAnswer.Full(taken.stream().map(Held::told).toList());
	}

	private void create(Requests requests, Space space, String layout) {
		requests.ensure(space.path().substring(0, space.path().lastIndexOf('/')), "");
		try {
			requests.await(requests.multi(List.of(requests.create(space.path(), layout),
					requests.create(space.ids(), ""), requests.create(space.owners(), ""))));
		}
		catch (KeeperException.NodeExistsException ex) {
			// By somebody else at the same time.
		}
		catch (KeeperException ex) {
			throw requests.failure(ex);
		}
	}

	/** Extends what the owner has. */
	private @Nullable WorkerIdAnswer again(Requests requests, Space space, int workerId, WorkerIdClaim claim) {
		Held mine = entry(requests, space, workerId);
		if (mine == null || !mine.entry().owner().equals(claim.owner())) {
			return null;
		}
		WorkerIdLease lease = mine.lease(claim.space());
		Extension extension = extend(requests, space, lease, mine, claim.lead());
		return (extension != null)
				? new WorkerIdAnswer.Granted(lease, mine.entry().floor(), extension.held().mark(), extension.time())
				: null;
	}

	private @Nullable WorkerIdAnswer takeFree(Requests requests, Space space, WorkerIdClaim claim, Nodes nodes,
			int attempt) {
		List<Op> operations = new ArrayList<>();
		int workerId;
		long epoch;
		long floor;
		if (!nodes.untaken().isEmpty()) {
			workerId = nodes.untaken().get(ThreadLocalRandom.current().nextInt(nodes.untaken().size()));
			epoch = 1;
			floor = 0;
		}
		else {
			Released released = choose(nodes.released(), attempt);
			workerId = released.workerId();
			epoch = released.epoch() + 1;
			floor = released.mark();
			operations.add(Op.delete(space.ids() + "/" + released.name(), -1));
		}
		Entry entry = new Entry(claim.owner(), epoch, floor, floor, claim.lead().toMillis(), claim.holder());
		String path = space.id(workerId);
		operations.add(requests.create(path, ""));
		// Its answer has the time, that of a creation has not.
		operations.add(requests.change(path, entry.text(), 0));
		operations.add(requests.create(space.owner(claim.owner()), Integer.toString(workerId)));
		return granted(requests, claim, workerId, entry, operations);
	}

	private @Nullable WorkerIdAnswer takeOver(Requests requests, Space space, WorkerIdClaim claim, Held former) {
		Entry entry = new Entry(claim.owner(), former.entry().epoch() + 1, former.mark(), former.mark(),
				claim.lead().toMillis(), claim.holder());
		return granted(requests, claim, former.workerId(), entry,
				List.of(requests.change(space.id(former.workerId()), entry.text(), former.version()),
						Op.delete(space.owner(former.entry().owner()), -1),
						requests.create(space.owner(claim.owner()), Integer.toString(former.workerId()))));
	}

	private @Nullable WorkerIdAnswer granted(Requests requests, WorkerIdClaim claim, int workerId, Entry entry,
			List<Op> operations) {
		List<OpResult> results;
		try {
			results = requests.await(requests.multi(operations));
		}
		catch (KeeperException.NoNodeException | KeeperException.BadVersionException
				| KeeperException.NodeExistsException ex) {
			return null;
		}
		catch (KeeperException ex) {
			throw requests.failure(ex);
		}
		Stat stat = results.stream()
			.filter(OpResult.SetDataResult.class::isInstance)
			.map((result) -> ((OpResult.SetDataResult) result).getStat())
			.findFirst()
			.orElseThrow(() -> new IllegalStateException("A transaction has no result for its change: " + results));
		Held now = new Held(workerId, entry, stat.getVersion(), entry.mark(stat));
		WorkerIdLease lease = now.lease(claim.space());
		this.held.put(lease, now);
		return new WorkerIdAnswer.Granted(lease, entry.floor(), now.mark(), stat.getMtime());
	}

	@Override
	public WorkerIdExtension extend(WorkerIdLease lease, Duration lead, Duration timeout) {
		Requests requests = this.calls.begin(timeout);
		Space space = new Space(requests, lease.space());
		for (int attempt = 1;; attempt++) {
			Held mine = this.held.get(lease);
			if (mine == null) {
				// Else a server that lags behind would say that it is lost.
				requests.sync(space.path());
				mine = entry(requests, space, lease.workerId());
				if (mine == null || !mine.isOf(lease)) {
					return new WorkerIdExtension.Lost((mine != null) ? mine.entry().holder() : null);
				}
			}
			Extension extension = extend(requests, space, lease, mine, lead);
			if (extension != null) {
				return new WorkerIdExtension.Extended(extension.held().mark(), extension.time());
			}
			requests.pause(attempt);
		}
	}

	/** Returns null if the node was not as it is known. */
	private @Nullable Extension extend(Requests requests, Space space, WorkerIdLease lease, Held mine, Duration lead) {
		Entry entry = mine.entry().extended(mine.mark(), lead.toMillis());
		try {
			Stat stat = requests.await(requests.setData(space.id(mine.workerId()), entry.text(), mine.version()));
			Held now = new Held(mine.workerId(), entry, stat.getVersion(), entry.mark(stat));
			this.held.put(lease, now);
			return new Extension(now, stat.getMtime());
		}
		catch (KeeperException.NoNodeException | KeeperException.BadVersionException ex) {
			this.held.remove(lease, mine);
			return null;
		}
		catch (KeeperException ex) {
			throw requests.failure(ex);
		}
	}

	@Override
	public boolean release(WorkerIdLease lease, long highWater, Duration timeout) {
		Requests requests = this.calls.begin(timeout);
		Space space = new Space(requests, lease.space());
		for (int attempt = 1;; attempt++) {
			Held mine = this.held.get(lease);
			if (mine == null) {
				// Else a server that lags behind would say that it is lost.
				requests.sync(space.path());
				mine = entry(requests, space, lease.workerId());
				if (mine == null || !mine.isOf(lease)) {
					return false;
				}
			}
			Released released = new Released(mine.workerId(), lease.epoch(), Math.min(mine.mark(), highWater));
			this.held.remove(lease, mine);
			try {
				requests.await(requests.multi(List.of(Op.delete(space.id(mine.workerId()), mine.version()),
						requests.create(space.ids() + "/" + released.name(), ""),
						Op.delete(space.owner(lease.owner()), -1))));
				return true;
			}
			catch (KeeperException.NoNodeException | KeeperException.BadVersionException ex) {
				requests.pause(attempt);
			}
			catch (KeeperException ex) {
				throw requests.failure(ex);
			}
		}
	}

	@Override
	public List<WorkerIdHolder> holders(String space, Duration timeout) {
		Requests requests = this.calls.begin(timeout);
		Space found = new Space(requests, space);
		long now = now(requests);
		Nodes nodes = Nodes.of(read(requests, requests.children(found.ids())), 0, -1);
		return entries(requests, found, nodes.taken()).stream()
			.filter((entry) -> entry.mark() >= now)
			.map(Held::told)
			.toList();
	}

	@Override
	public long now(Duration timeout) {
		return now(this.calls.begin(timeout));
	}

	/** Only what is written has a time. */
	private static long now(Requests requests) {
		String clock = requests.base() + "/clock";
		while (true) {
			try {
				return requests.read(requests.setData(clock, "", -1)).getMtime();
			}
			catch (KeeperException.NoNodeException ex) {
				requests.ensure(clock, "");
			}
		}
	}

	@Override
	public void close() {
		this.calls.close();
	}

	private static List<String> read(Requests requests, CompletableFuture<List<String>> names) {
		try {
			return requests.read(names);
		}
		catch (KeeperException.NoNodeException ex) {
			return List.of();
		}
	}

	private static @Nullable Held entry(Requests requests, Space space, int workerId) {
		List<Held> found = entries(requests, space, List.of(workerId));
		return found.isEmpty() ? null : found.get(0);
	}

	/** Reads the nodes of those that are taken; some may have gone. */
	private static List<Held> entries(Requests requests, Space space, List<Integer> workerIds) {
		List<CompletableFuture<Content>> contents = workerIds.stream()
			.map((workerId) -> requests.content(space.id(workerId)))
			.toList();
		List<Held> entries = new ArrayList<>();
		for (int i = 0; i < workerIds.size(); i++) {
			try {
				Content content = requests.read(contents.get(i));
				Entry entry = Entry.of(content);
				entries.add(new Held(workerIds.get(i), entry, content.stat().getVersion(), entry.mark(content.stat())));
			}
			catch (KeeperException.NoNodeException ex) {
				// Released meanwhile.
			}
		}
		return entries;
	}

	/** The first at first; after each that met another one, any of more and more. */
	private static <T> T choose(List<T> best, int attempt) {
		long among = Math.min(best.size(), Math.round(Math.pow(SPREAD, attempt - 1.0)));
		return best.get(ThreadLocalRandom.current().nextInt((int) among));
	}

	/**
	 * Where a space is.
	 *
	 * @param path its node
	 */
	private record Space(String path) {

		Space(Requests requests, String name) {
			this(requests.base() + "/workers/" + ZooKeeperCalls.nodeName(name));
		}

		String ids() {
			return this.path + "/ids";
		}

		String id(int workerId) {
			return ids() + "/" + workerId;
		}

		String owners() {
			return this.path + "/owners";
		}

		String owner(String owner) {
			return owners() + "/" + ZooKeeperCalls.nodeName(owner);
		}

	}

	/**
	 * A worker id that is taken.
	 *
	 * @param workerId the worker id
	 * @param entry what its node holds
	 * @param version version of the node
	 * @param mark the mark, ms since 1970
	 */
	private record Held(int workerId, Entry entry, int version, long mark) {

		boolean isOf(WorkerIdLease lease) {
			return this.entry.owner().equals(lease.owner()) && this.entry.epoch() == lease.epoch();
		}

		WorkerIdLease lease(String space) {
			return new WorkerIdLease(space, this.workerId, this.entry.owner(), this.entry.epoch());
		}

		WorkerIdHolder told() {
			return new WorkerIdHolder(this.workerId, this.entry.holder(), Instant.ofEpochMilli(this.mark));
		}

	}

	/**
	 * A mark that was moved.
	 *
	 * @param held what the node holds now
	 * @param time the time of that, ms since 1970
	 */
	private record Extension(Held held, long time) {
	}

	/**
	 * A worker id that was released, as the name of its node says.
	 *
	 * @param workerId the worker id
	 * @param epoch how often it was taken
	 * @param mark its mark, ms since 1970
	 */
	private record Released(int workerId, long epoch, long mark) {

		static Released of(String name) {
			String[] parts = name.split("~", 3);
			if (parts.length != 3) {
				throw new LeaseStoreException("A node '" + name + "' among those of worker ids is of no known format");
			}
			return new Released(Integer.parseInt(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
		}

		String name() {
			return this.workerId + "~" + this.epoch + "~" + this.mark;
		}

	}

	/**
	 * The worker ids that are wanted, as one read of their names shows them.
	 *
	 * @param untaken those that were never taken
	 * @param released those that were released, the lowest mark first
	 * @param taken those that are taken
	 */
	private record Nodes(List<Integer> untaken, List<Released> released, List<Integer> taken) {

		static Nodes of(List<String> names, WorkerIdClaim claim) {
			return of(names, claim.first(), claim.last());
		}

		/** All that there are if {@code last} is before {@code first}. */
		static Nodes of(List<String> names, int first, int last) {
			List<Released> released = new ArrayList<>();
			List<Integer> taken = new ArrayList<>();
			Set<Integer> known = new HashSet<>();
			for (String name : names) {
				boolean free = name.indexOf('~') >= 0;
				Released node = free ? Released.of(name) : new Released(Integer.parseInt(name), 0, 0);
				if (last < first || (node.workerId() >= first && node.workerId() <= last)) {
					known.add(node.workerId());
					if (free) {
						released.add(node);
					}
					else {
						taken.add(node.workerId());
					}
				}
			}
			List<Integer> untaken = new ArrayList<>();
			for (int workerId = first; workerId <= last; workerId++) {
				if (!known.contains(workerId)) {
					untaken.add(workerId);
				}
			}
			released.sort(Comparator.comparingLong(Released::mark).thenComparingInt(Released::workerId));
			taken.sort(Comparator.naturalOrder());
			return new Nodes(untaken, released, taken);
		}

		boolean isFull() {
			return this.untaken.isEmpty() && this.released.isEmpty();
		}

	}

}
