package io.concord.lease.zookeeper;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.imps.CuratorFrameworkState;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.data.ACL;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.ReleaseAnswer;
import io.concord.lease.StoreCapabilities;
import io.concord.lease.zookeeper.Line.UnknownFormatException;
import io.concord.lease.zookeeper.Session.Content;
import io.concord.lease.zookeeper.Session.Created;

/**
 * Keeps leases in ZooKeeper, from version 3.5.3 on, in the session of the application's
 * {@link CuratorFramework}.
 *
 * <p>
 * A claim is an ephemeral node with a number, and a line is what one read of its siblings
 * shows, see {@link Line}. To claim what is free costs a write and a read, two writes
 * more if nobody had claimed the name for some minutes; to release it a write; to renew
 * it a write, as only the leader with a majority can say that the session lives: a
 * follower that is cut off still answers reads. A waiter costs a read or two when it
 * joins and when the node that it watches has changed, which is once in its life as a
 * rule.
 *
 * <p>
 * Time has two sides here. While the process lives, the store itself ends its claims when
 * their time or patience is over. When it has died or is cut off, the server ends them
 * all together, after the session time-out; so a grant says how long that certainly
 * lasts, and the lease is renewed in time for it, see {@link Contacts}.
 *
 * <p>
 * A claim is known to the store that made it, and to no other: all calls for it have to
 * go there. Nothing that was begun is forgotten: a node that could not be deleted, or
 * whose creation had no known outcome, is looked for and deleted in the background.
 *
 * <p>
 * Who owns what: {@code places} has the claims that live, and {@code leaving} those whose
 * nodes are yet to be deleted; a place moves from the one to the other exactly once, by
 * whoever ends it. What orders the rest is the order of requests in a session.
 * Thread-safe.
 */
public final class ZooKeeperLeaseStore implements LeaseStore {

	/** Default of the tick time of the servers. */
	public static final Duration DEFAULT_TICK_TIME = Duration.ofSeconds(2);

	private static final Logger logger = LoggerFactory.getLogger(ZooKeeperLeaseStore.class);

	private static final StoreCapabilities CAPABILITIES = new StoreCapabilities(true, true, true, true, Duration.ZERO,
			StoreCapabilities.Expiry.SESSION);

	private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

	private static final long GREATEST_TOKEN = (1L << 53) - 1;

	private static final Duration HOUSEKEEPING = Duration.ofMillis(200);

	private static final long FIRST_PAUSE_NANOS = HOUSEKEEPING.toNanos();

	private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

	/** Watches are told reliably; to look all the same costs little. */
	private static final Duration LOOK_INTERVAL = Duration.ofSeconds(10);

	/** Those who may hold beside others can be blocked by one that died in line. */
	private static final Duration SHARED_LOOK_INTERVAL = Duration.ofSeconds(1);

	private static final int MOST_TAKEN_NAMES = 256;

	/** How often a parent that goes as soon as it is made is made again. */
	private static final int MOST_CREATIONS = 4;

	private final CuratorFramework client;

	private final String namespace;

	private final boolean alwaysLook;

	private final LongSupplier clock;

	private final LongSupplier nanoTime = System::nanoTime;

	private final ScheduledThreadPoolExecutor housekeeping;

	private final Sessions sessions;

	private final Map<Key, Place> places = new ConcurrentHashMap<>();

	private final Map<Key, Leaving> leaving = new ConcurrentHashMap<>();

	/** Until when claims are barred, on the store's clock. */
	private final Map<Key, Long> barred = new ConcurrentHashMap<>();

	/** One object for all, which the client keeps but once for a node. */
	private final Watcher watcher = this::changed;

	/** Who is to be told when a node changes, by its path. */
	private final Map<String, Set<Place>> watchers = new ConcurrentHashMap<>();

	private final Map<String, Consumer<String>> listeners = new ConcurrentHashMap<>();

	private final TakenNames taken = new TakenNames();

	private volatile boolean closed;

	/** Only the housekeeping touches it. */
	private long touchedAt;

	/**
	 * Creates a store for servers with the usual tick time of {@link #DEFAULT_TICK_TIME}.
	 * @param client the application's client, started sooner or later; not closed by the
	 * store
	 * @param namespace separates applications on one server: 1 to 64 of
	 * {@code A-Z a-z 0-9 . _ -}
	 * @throws IllegalArgumentException if the namespace has other characters
	 */
	public ZooKeeperLeaseStore(CuratorFramework client, String namespace) {
		this(client, namespace, DEFAULT_TICK_TIME);
	}

	/**
	 * Creates a store.
	 * @param client the application's client, started sooner or later; not closed by the
	 * store
	 * @param namespace separates applications on one server: 1 to 64 of
	 * {@code A-Z a-z 0-9 . _ -}
	 * @param tickTime the {@code tickTime} of the servers, or longer; longer than zero
	 * @throws IllegalArgumentException if the namespace has other characters
	 */
	public ZooKeeperLeaseStore(CuratorFramework client, String namespace, Duration tickTime) {
		this(client, namespace, tickTime, null);
	}

	/**
	 * Creates a store whose claims end by another clock.
	 * @param clock ns from any origin; null for the real one
	 */
	ZooKeeperLeaseStore(CuratorFramework client, String namespace, Duration tickTime, @Nullable LongSupplier clock) {
		if (!NAMESPACE.matcher(namespace).matches()) {
			throw new IllegalArgumentException(
					"A namespace is 1 to 64 of the characters A-Z a-z 0-9 . _ - and not '" + namespace + "'");
		}
		if (tickTime.isZero() || tickTime.isNegative()) {
			throw new IllegalArgumentException("The tick time must be longer than zero, not " + tickTime);
		}
		this.client = client;
		this.namespace = namespace;
		this.alwaysLook = clock != null;
		this.clock = (clock != null) ? clock : this.nanoTime;
		this.housekeeping = new ScheduledThreadPoolExecutor(1, (task) -> {
			Thread thread = new Thread(task, "concord-zookeeper");
			thread.setDaemon(true);
			return thread;
		});
		this.sessions = new Sessions(client, tickTime, this.housekeeping, this::connected, this.nanoTime);
		this.sessions.follow();
		this.housekeeping.scheduleWithFixedDelay(this::keepHouse, HOUSEKEEPING.toMillis(), HOUSEKEEPING.toMillis(),
				TimeUnit.MILLISECONDS);
	}

	@Override
	public String describe() {
		return this.sessions.describe();
	}

	@Override
	public String kind() {
		return "zookeeper";
	}

	@Override
	public StoreCapabilities capabilities() {
		return CAPABILITIES;
	}

	@Override
	public ClaimAnswer claim(Claim claim, Duration timeout) {
		Call call = call(timeout);
		if (isBarred(claim)) {
			return new ClaimAnswer.Gone();
		}
		Session session = prepared(call);
		Place place = this.places.get(Key.of(claim));
		if (place != null && isAlive(place, session)) {
			Created created = created(session, place, call);
			if (created != null) {
				return again(session, place, created, claim, call);
			}
		}
		if (place != null) {
			leave(place);
		}
		awaitLeft(session, this.leaving.get(Key.of(claim)), call);
		return join(session, claim, call);
	}

	@Override
	public ClaimAnswer refresh(Claim claim, Duration timeout) {
		Call call = call(timeout);
		Place place = this.places.get(Key.of(claim));
		if (place == null) {
			return new ClaimAnswer.Gone();
		}
		Session session = prepared(call);
		Created created = isAlive(place, session) ? created(session, place, call) : null;
		if (created == null) {
			leave(place);
			return new ClaimAnswer.Gone();
		}
		return again(session, place, created, claim, call);
	}

	@Override
	public ReleaseAnswer release(Claim claim, Duration bar, Duration timeout) {
		Call call = call(timeout);
		if (!bar.isZero()) {
			this.barred.put(Key.of(claim), this.clock.getAsLong() + bar.toNanos());
		}
		Place place = this.places.get(Key.of(claim));
		if (place == null && !this.leaving.containsKey(Key.of(claim))) {
			return new ReleaseAnswer(false, null);
		}
		boolean held = false;
		Session session;
		try {
			session = prepared(call);
			if (place != null && !place.isOverdue(this.clock.getAsLong())) {
				held = place.isHeld() || hasOffer(session, place, call);
			}
		}
		catch (LeaseStoreException ex) {
			if (place != null) {
				leave(place);
			}
			throw new LeaseOutcomeUnknownException("The release goes on in the background: " + ex.getMessage(), ex);
		}
		Leaving begun = (place != null) ? leave(place) : this.leaving.get(Key.of(claim));
		return new ReleaseAnswer(awaitLeft(session, begun, call) && held, null);
	}

	@Override
	public void listen(String engine, Consumer<String> offered) {
		this.listeners.put(engine, offered);
	}

	/** A claim that is not known here would cost no request. */
	@Override
	public void ping(Duration timeout) {
		Call call = call(timeout);
		try {
			await(prepared(call).touch(), call);
		}
		catch (KeeperException ex) {
			throw Failures.of(describe(), ex);
		}
	}

	/**
	 * Stops to follow the session. What is still held is left to its time: the
	 * housekeeping goes on until that is over.
	 */
	@Override
	public void close() {
		this.closed = true;
		this.listeners.clear();
	}

	/** Ends what is over by the clock and waits until its nodes are deleted. */
	void settle(Duration timeout) {
		Call call = call(timeout);
		endOverdue();
		Session session = prepared(call);
		for (Leaving begun : List.copyOf(this.leaving.values())) {
			awaitLeft(session, begun, call);
		}
	}

	/** Joins the line. The claim has no node, and no request for one is under way. */
	private ClaimAnswer join(Session session, Claim claim, Call call) {
		String line = Nodes.line(base(), claim.resource());
		if (!claim.waits() && this.taken.contains(line)) {
			if (read(session, line, false, call).conflictsWith(claim.limit())) {
				return new ClaimAnswer.Refused();
			}
			this.taken.remove(line);
		}
		awaitReady(session, call);
		// Until there is an answer, as long as if it had been granted.
		Place place = new Place(claim, line, session.id(), this.clock.getAsLong() + claim.ttl().toNanos());
		this.places.put(Key.of(claim), place);
		long sentAt = this.nanoTime.getAsLong();
		Created created;
		try {
			created = create(session, place, call);
		}
		catch (LeaseOutcomeUnknownException ex) {
			throw ex;
		}
		catch (LeaseStoreException ex) {
			leave(place);
			throw ex;
		}
		try {
			return look(session, place, created, claim, sentAt, call);
		}
		catch (LeaseOutcomeUnknownException ex) {
			throw ex;
		}
		catch (LeaseStoreException ex) {
			awaitLeft(session, leave(place), call);
			throw ex;
		}
	}

	/**
	 * Creates the node of a claim, and the one of its name if that is missing. The place
	 * learns of the outcome, also if it comes when the caller has given up.
	 */
	private Created create(Session session, Place place, Call call) {
		String path = place.line() + "/" + Nodes.prefix(place.claim());
		byte[] data = Nodes.data(place.claim());
		List<ACL> acl = acl(session);
		int creations = 0;
		while (true) {
			CompletableFuture<Created> creation = session.create(path, data, acl, CreateMode.EPHEMERAL_SEQUENTIAL);
			creation.whenComplete((created, failure) -> {
				if (failure == null) {
					place.creation().complete(created);
				}
				else if (!Failures.isNoNode(failure)) {
					place.creation().completeExceptionally(failure);
				}
			});
			KeeperException missing;
			try {
				return await(creation, call);
			}
			catch (KeeperException.NoNodeException ex) {
				missing = ex;
			}
			catch (LeaseOutcomeUnknownException ex) {
				// Nobody is left to go on if this is the answer that comes.
				creation.whenComplete((created, failure) -> {
					if (failure != null) {
						place.creation().completeExceptionally(failure);
					}
				});
				throw ex;
			}
			catch (KeeperException ex) {
				throw Failures.of(describe(), ex);
			}
			boolean again = false;
			try {
				if (++creations > MOST_CREATIONS) {
					throw Failures.of(describe(), missing);
				}
				createContainer(session, place.line(), acl, call);
				again = true;
			}
			catch (LeaseOutcomeUnknownException ex) {
				throw new LeaseStoreException("Nothing was claimed: " + ex.getMessage(), ex);
			}
			finally {
				if (!again) {
					place.creation().completeExceptionally(missing);
				}
			}
		}
	}

	private void createContainer(Session session, String path, List<ACL> acl, Call call) {
		try {
			await(session.create(path, new byte[0], acl, CreateMode.CONTAINER), call);
		}
		catch (KeeperException.NodeExistsException ex) {
			// By somebody else at the same time.
		}
		catch (KeeperException.NoNodeException ex) {
			// Somebody has deleted what the session had found there.
			prepare(session, call);
		}
		catch (KeeperException ex) {
			throw Failures.of(describe(), ex);
		}
	}

	/**
	 * Looks at the line for a claim that has a node there.
	 */
	private ClaimAnswer again(Session session, Place place, Created created, Claim claim, Call call) {
		if (place.isHeld()) {
			return hold(session, place, created, claim, null, call);
		}
		if (place.watched() != null && !this.alwaysLook) {
			Duration interval = lookInterval(claim);
			if (this.nanoTime.getAsLong() - place.lookedAt() < interval.toNanos()) {
				return stand(place);
			}
		}
		return look(session, place, created, claim, null, call);
	}

	/**
	 * Looks whether it is a claim's turn.
	 * @param confirmedAt when a request was sent whose answer has confirmed the session;
	 * null if there was none
	 */
	private ClaimAnswer look(Session session, Place place, Created created, Claim claim, @Nullable Long confirmedAt,
			Call call) {
		while (true) {
			Line line = read(session, place.line(), false, call);
			int index = line.indexOf(created.node());
			if (index < 0) {
				return gone(place);
			}
			if (!line.isWaiting(index)) {
				return hold(session, place, created, claim, confirmedAt, call);
			}
			if (!place.claim().waits()) {
				this.taken.add(place.line());
				awaitLeft(session, leave(place), call);
				return new ClaimAnswer.Refused();
			}
			place.looked(this.nanoTime.getAsLong(), index - line.holders());
			boolean watching = false;
			try {
				watching = watch(session, place, created, line, index, call);
			}
			finally {
				// Or the next refresh would rely on a watch that is not there.
				if (!watching) {
					unwatch(place);
				}
			}
			if (watching) {
				return stand(place);
			}
			// It has been seen to wait, and those behind have to be told when it does not
			// any more.
			confirmedAt = null;
		}
	}

	/**
	 * Watches what has to change before the claim's turn can come.
	 * @return false if it has changed already
	 */
	private boolean watch(Session session, Place place, Created created, Line line, int index, Call call) {
		String node = line.watchedBy(index);
		String path = (node != null) ? place.line() + "/" + node : place.line();
		// Before the request, so that nothing can change without being told, and in this
		// order: a change that is told in between makes the next refresh look again.
		unwatch(place);
		place.watch(path);
		this.watchers.compute(path, (watched, present) -> {
			Set<Place> all = (present != null) ? present : ConcurrentHashMap.newKeySet();
			all.add(place);
			return all;
		});
		if (node == null) {
			Line now = read(session, path, true, call);
			int indexNow = now.indexOf(created.node());
			return indexNow >= 0 && now.isWaiting(indexNow) && now.watchedBy(indexNow) == null;
		}
		try {
			Content content = await(session.content(path, this.watcher), call);
			// A mark says that the one before has its turn: now all have to be watched.
			return content.stat().getVersion() == 0 || !line.isWaiting(line.indexOf(node));
		}
		catch (KeeperException.NoNodeException ex) {
			return false;
		}
		catch (KeeperException ex) {
			throw Failures.of(describe(), ex);
		}
	}

	/** A node has changed that somebody watches. Runs on ZooKeeper's thread. */
	private void changed(WatchedEvent event) {
		String path = event.getPath();
		Set<Place> told = (path != null) ? this.watchers.remove(path) : null;
		if (told != null) {
			for (Place place : told) {
				tell(place);
			}
		}
	}

	private void tell(Place place) {
		place.watch(null);
		Consumer<String> listener = this.listeners.get(place.claim().engine());
		if (listener != null) {
			listener.accept(place.claim().owner());
		}
	}

	private void unwatch(Place place) {
		String path = place.watched();
		if (path != null) {
			place.watch(null);
			this.watchers.computeIfPresent(path, (watched, all) -> {
				all.remove(place);
				return all.isEmpty() ? null : all;
			});
		}
	}

	private ClaimAnswer stand(Place place) {
		if (!place.stand(this.clock.getAsLong() + place.claim().patience().toNanos())) {
			return new ClaimAnswer.Gone();
		}
		return new ClaimAnswer.Waiting(place.ahead(), lookInterval(place.claim()));
	}

	/**
	 * Has the leader confirm that the node of a claim that holds is there, unless it has
	 * just done so.
	 */
	private ClaimAnswer hold(Session session, Place place, Created created, Claim claim, @Nullable Long confirmedAt,
			Call call) {
		Long sentAt = confirmedAt;
		if (sentAt == null) {
			sentAt = this.nanoTime.getAsLong();
			// Those behind can't tell the turn of one of several from the nodes that end.
			boolean marks = !place.isHeld() && claim.limit() != 1;
			try {
				await(marks ? session.setData(created.path(), Nodes.markedData(claim)) : session.check(created.path()),
						call);
			}
			catch (KeeperException.NoNodeException ex) {
				return gone(place);
			}
			catch (KeeperException ex) {
				throw Failures.of(describe(), ex);
			}
		}
		if (created.zxid() > GREATEST_TOKEN) {
			leave(place);
			throw new LeaseStoreException("The transactions of " + describe() + " have numbers beyond 2^53");
		}
		unwatch(place);
		if (!place.hold(this.clock.getAsLong() + claim.ttl().toNanos())) {
			return new ClaimAnswer.Gone();
		}
		long kept = session.contacts().livesUntil(sentAt) - call.begin();
		return new ClaimAnswer.Granted(created.zxid(), Duration.ofNanos(Math.max(0, kept)));
	}

	private ClaimAnswer gone(Place place) {
		leave(place);
		return new ClaimAnswer.Gone();
	}

	/** Whether a claim that waited may hold, and has not been told. */
	private boolean hasOffer(Session session, Place place, Call call) {
		try {
			Created created = created(session, place, call);
			if (created == null) {
				return false;
			}
			Line line = read(session, place.line(), false, call);
			int index = line.indexOf(created.node());
			return index >= 0 && !line.isWaiting(index);
		}
		catch (LeaseStoreException ex) {
			logger.debug("Whether '{}' was offered can't be told; it leaves the line all the same", place.line(), ex);
			return false;
		}
	}

	/**
	 * Returns the node of a claim, and looks for it if its creation had no known outcome.
	 * @return null if there is none, and none will be
	 */
	private @Nullable Created created(Session session, Place place, Call call) {
		try {
			return await(place.creation(), call);
		}
		catch (KeeperException ex) {
			if (!Failures.isOutcomeUnknown(ex)) {
				return null;
			}
		}
		try {
			await(session.sync(place.line()), call);
			for (String node : read(session, place.line(), false, call).startingWith(Nodes.prefix(place.claim()))) {
				String path = place.line() + "/" + node;
				Content content = await(session.content(path, null), call);
				if (content.stat().getEphemeralOwner() == session.id()) {
					Created found = new Created(path, content.stat().getCzxid());
					place.creation(CompletableFuture.completedFuture(found));
					return found;
				}
			}
			return null;
		}
		catch (KeeperException.NoNodeException ex) {
			return null;
		}
		catch (KeeperException ex) {
			throw Failures.of(describe(), ex);
		}
	}

	private Line read(Session session, String path, boolean watched, Call call) {
		try {
			return Line.of(await(session.children(path, watched ? this.watcher : null), call));
		}
		catch (KeeperException.NoNodeException ex) {
			return Line.EMPTY;
		}
		catch (KeeperException ex) {
			throw Failures.of(describe(), ex);
		}
		catch (UnknownFormatException ex) {
			throw Base.wrongFormat(describe(), path, "a node '" + ex.getMessage() + "'");
		}
	}

	/**
	 * Ends a place, if that has not been done, and begins to delete its node.
	 * @return null if it had ended and its node is deleted
	 */
	private @Nullable Leaving leave(Place place) {
		if (!place.end()) {
			return this.leaving.get(Key.of(place.claim()));
		}
		unwatch(place);
		Leaving begun = new Leaving(place);
		this.leaving.put(Key.of(place.claim()), begun);
		this.places.remove(Key.of(place.claim()), place);
		Session session = this.sessions.current();
		if (session != null) {
			begun.attempt(session);
		}
		return begun;
	}

	/**
	 * Waits until the node of a claim that has left is not there any more.
	 * @return whether it was until now
	 */
	private boolean awaitLeft(Session session, @Nullable Leaving begun, Call call) {
		if (begun == null) {
			return false;
		}
		try {
			return await(begun.attempt(session), call);
		}
		catch (KeeperException ex) {
			throw new LeaseOutcomeUnknownException(
					"A node at " + describe() + " could not be deleted, which goes on in the background: " + ex, ex);
		}
	}

	private boolean isAlive(Place place, Session session) {
		return place.sessionId() == session.id() && !place.isOverdue(this.clock.getAsLong());
	}

	private boolean isBarred(Claim claim) {
		Long until = this.barred.get(Key.of(claim));
		return until != null && until - this.clock.getAsLong() > 0;
	}

	/**
	 * Waits until what is granted now would last. Only a session that is new lets wait.
	 */
	private void awaitReady(Session session, Call call) {
		long wait = session.contacts().untilReady(this.nanoTime.getAsLong());
		while (wait > 0) {
			if (call.end() - this.nanoTime.getAsLong() <= wait) {
				throw new LeaseStoreException("The session with " + describe() + " is too new, and its time-out of "
						+ session.timeout().toMillis() + " ms too short, for a lease that would last. Ask for a longer"
						+ " session time-out.");
			}
			try {
				await(session.touch(), call);
				await(new CompletableFuture<Boolean>().completeOnTimeout(true, wait, TimeUnit.NANOSECONDS), call);
			}
			catch (KeeperException ex) {
				throw new LeaseStoreException("A request to " + describe() + " failed: " + ex.getMessage(), ex);
			}
			wait = session.contacts().untilReady(this.nanoTime.getAsLong());
		}
	}

	private List<ACL> acl(Session session) {
		List<ACL> acl = session.acl();
		if (acl == null) {
			throw new IllegalStateException("The session has not been prepared");
		}
		return acl;
	}

	/**
	 * Returns the session that is connected, when the nodes above all names are there.
	 */
	private Session prepared(Call call) {
		Session session = this.sessions.await(call.end());
		if (session.acl() == null) {
			prepare(session, call);
		}
		return session;
	}

	/** Several threads may do this at the same time. */
	private void prepare(Session session, Call call) {
		session.use(new Base(this.client, session, base(), new Base.Waiting() {

			@Override
			public <T> T await(CompletableFuture<T> reply) throws KeeperException {
				return ZooKeeperLeaseStore.this.await(reply, call);
			}

		}).prepare(describe()));
	}

	private String base() {
		return Nodes.base(this.client.getNamespace(), this.namespace, "lease");
	}

	private static Duration lookInterval(Claim claim) {
		return (claim.limit() == 1) ? LOOK_INTERVAL : SHARED_LOOK_INTERVAL;
	}

	/** There is a connection again. Runs in the housekeeping. */
	private void connected() {
		this.touchedAt = this.nanoTime.getAsLong();
		Session session = this.sessions.current();
		if (session != null) {
			session.touch();
		}
		for (Place place : this.places.values()) {
			if (!place.isHeld()) {
				unwatch(place);
				tell(place);
			}
		}
	}

	private void keepHouse() {
		try {
			Session session = this.sessions.current();
			if (session == null) {
				this.sessions.adopt();
			}
			else {
				long now = this.nanoTime.getAsLong();
				if (now - this.touchedAt >= session.timeout().toNanos() / 6) {
					this.touchedAt = now;
					session.touch();
				}
				this.leaving.values().forEach((left) -> left.attemptIfDue(session));
			}
			endOverdue();
			long now = this.clock.getAsLong();
			this.barred.values().removeIf((until) -> until - now <= 0);
			boolean done = this.places.isEmpty() && this.leaving.isEmpty();
			if (this.closed && (done || this.client.getState() == CuratorFrameworkState.STOPPED)) {
				this.sessions.stopFollowing();
				this.housekeeping.shutdown();
			}
		}
		catch (Throwable ex) {
			logger.warn("The housekeeping of {} failed; it goes on", describe(), ex);
		}
	}

	private void endOverdue() {
		long now = this.clock.getAsLong();
		for (Place place : this.places.values()) {
			if (place.isOverdue(now)) {
				leave(place);
			}
		}
	}

	private Call call(Duration timeout) {
		if (this.closed) {
			throw new LeaseStoreException("The store " + describe() + " has been closed");
		}
		long now = this.nanoTime.getAsLong();
		return new Call(now, now + timeout.toNanos());
	}

	private <T> T await(CompletableFuture<T> reply, Call call) throws KeeperException {
		return Replies.await(reply, call.begin(), call.end(), this.nanoTime, describe());
	}

	/**
	 * The time that a call has, on {@code nanoTime}.
	 *
	 * @param begin when it began
	 * @param end when it has to have ended
	 */
	private record Call(long begin, long end) {
	}

	/**
	 * What tells claims apart.
	 *
	 * @param owner the owner
	 * @param resource the resource
	 */
	private record Key(String owner, String resource) {

		static Key of(Claim claim) {
			return new Key(claim.owner(), claim.resource());
		}

	}

	/** A place whose node is yet to be deleted. */
	private final class Leaving {

		private final Place place;

		private final ReentrantLock lock = new ReentrantLock();

		private @Nullable CompletableFuture<Boolean> attempt;

		private long pause = FIRST_PAUSE_NANOS;

		private long nextAt;

		Leaving(Place place) {
			this.place = place;
		}

		/**
		 * Tries, unless a try is under way.
		 * @return whether there was a node
		 */
		CompletableFuture<Boolean> attempt(Session session) {
			this.lock.lock();
			try {
				CompletableFuture<Boolean> last = this.attempt;
				if (last != null && !last.isCompletedExceptionally()) {
					return last;
				}
				this.nextAt = ZooKeeperLeaseStore.this.nanoTime.getAsLong() + this.pause;
				this.pause = Math.min(2 * this.pause, LONGEST_PAUSE_NANOS);
				CompletableFuture<Boolean> begun = delete(session);
				this.attempt = begun;
				begun.thenRun(() -> ZooKeeperLeaseStore.this.leaving.remove(Key.of(this.place.claim()), this));
				return begun;
			}
			finally {
				this.lock.unlock();
			}
		}

		void attemptIfDue(Session session) {
			if (this.nextAt - ZooKeeperLeaseStore.this.nanoTime.getAsLong() <= 0) {
				attempt(session);
			}
		}

		/** Fails with {@link KeeperException}. */
		private CompletableFuture<Boolean> delete(Session session) {
			CompletableFuture<Boolean> result = new CompletableFuture<>();
			this.place.creation().whenComplete((created, failure) -> {
				if (created != null) {
					deleteNode(session, created.path(), result);
				}
				else if (!Failures.isOutcomeUnknown(failure)) {
					result.complete(false);
				}
				else {
					find(session, result);
				}
			});
			return result;
		}

		/**
		 * After the answer to this request, no node of an earlier one can come.
		 */
		private void find(Session session, CompletableFuture<Boolean> result) {
			String line = this.place.line();
			session.sync(line).thenCompose((synced) -> session.children(line, null)).whenComplete((nodes, failure) -> {
				if (nodes == null) {
					fail(failure, result);
					return;
				}
				String prefix = Nodes.prefix(this.place.claim());
				List<CompletableFuture<Boolean>> deletions = new ArrayList<>();
				for (String node : nodes) {
					if (node.startsWith(prefix)) {
						CompletableFuture<Boolean> deletion = new CompletableFuture<>();
						deleteNode(session, line + "/" + node, deletion);
						deletions.add(deletion);
					}
				}
				CompletableFuture.allOf(deletions.toArray(CompletableFuture<?>[]::new))
					.whenComplete((nothing, undeleted) -> {
						if (undeleted == null) {
							result.complete(!deletions.isEmpty());
						}
						else {
							fail(undeleted, result);
						}
					});
			});
		}

		private void deleteNode(Session session, String path, CompletableFuture<Boolean> result) {
			session.delete(path).whenComplete((deleted, failure) -> {
				if (failure == null) {
					result.complete(true);
				}
				else {
					fail(failure, result);
				}
			});
		}

		private void fail(Throwable failure, CompletableFuture<Boolean> result) {
			Throwable cause = (failure.getCause() != null && !(failure instanceof KeeperException)) ? failure.getCause()
					: failure;
			if (Failures.isNoNode(cause)) {
				result.complete(false);
				return;
			}
			logger.debug("A node of '{}' is not deleted yet", this.place.line(), cause);
			result.completeExceptionally(cause);
		}

	}

	/** The names that were taken when they were last asked for, the latest of them. */
	private static final class TakenNames {

		private final ReentrantLock lock = new ReentrantLock();

		private final Map<String, Boolean> names = new LinkedHashMap<>();

		boolean contains(String name) {
			this.lock.lock();
			try {
				return this.names.containsKey(name);
			}
			finally {
				this.lock.unlock();
			}
		}

		void remove(String name) {
			this.lock.lock();
			try {
				this.names.remove(name);
			}
			finally {
				this.lock.unlock();
			}
		}

		void add(String name) {
			this.lock.lock();
			try {
				this.names.remove(name);
				this.names.put(name, true);
				if (this.names.size() > MOST_TAKEN_NAMES) {
					this.names.remove(this.names.keySet().iterator().next());
				}
			}
			finally {
				this.lock.unlock();
			}
		}

	}

}
