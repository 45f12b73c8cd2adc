package io.concord.loadbalancer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.concord.hashing.Node;

/**
 * Chooses an instance of one service for each call, by an {@link Algorithm}, from those
 * that a registry names. Counts calls in flight, ejects instances that fail and gives new
 * ones their share step by step. Thread-safe.
 *
 * <p>
 * {@link #choose} takes no lock and allocates nothing: it reads the current
 * {@link Snapshot}. Whoever changes what a snapshot is made of, does so and builds the
 * next one under the lock: {@link #update}, {@link #configure}, a failure that ejects,
 * and a choice that finds the snapshot outdated. If another thread builds at that moment,
 * the choice goes by the old one. Nothing waits under the lock.
 *
 * @param <T> what the caller knows instances by
 */
public final class Balancer<T> {

	private static final Logger logger = LoggerFactory.getLogger(Balancer.class);

	/** How often shares of instances that are new grow, at most. */
	private static final long WARMING_STEP = Duration.ofMillis(100).toNanos();

	private static final int WARMING_STEPS = 20;

	private final String service;

	private final LongSupplier nanoTime;

	private final Supplier<? extends RandomGenerator> random;

	private final BalancerObserver observer;

	/** Starts anywhere, or all clients would ask the first instance first. */
	private final AtomicLong sequence;

	private final AtomicLong inFlight = new AtomicLong();

	private final ReentrantLock lock = new ReentrantLock();

	/** In the order of ids, the same for all clients. Changed under the lock. */
	private Map<String, Target<T>> targets = Map.of();

	/**
	 * Instances that the registry names no more, as long as calls are in flight there:
	 * bounds on load count those too. Under the lock.
	 */
	private final List<Target<T>> departed = new ArrayList<>();

	private volatile BalancerSettings settings;

	private volatile Snapshot<T> snapshot;

	/**
	 * Creates a balancer that knows no instance yet.
	 * @param service name of the service
	 * @param settings how it works
	 */
	public Balancer(String service, BalancerSettings settings) {
		this(service, settings, BalancerObserver.NONE, System::nanoTime, ThreadLocalRandom::current);
	}

	/**
	 * Creates a balancer that knows no instance yet.
	 * @param service name of the service
	 * @param settings how it works
	 * @param observer is told what happens to instances
	 * @param nanoTime the clock, only for differences
	 * @param random gives the generator of the current thread
	 */
	public Balancer(String service, BalancerSettings settings, BalancerObserver observer, LongSupplier nanoTime,
			Supplier<? extends RandomGenerator> random) {
		this.service = service;
		this.settings = settings;
		this.observer = observer;
		this.nanoTime = nanoTime;
		this.random = random;
		this.sequence = new AtomicLong(random.get().nextInt(Integer.MAX_VALUE));
		this.snapshot = new Snapshot<>(settings, List.of(), new double[0], List.of(), null, 0, false);
	}

	/**
	 * Returns the name of the service.
	 * @return the name
	 */
	public String service() {
		return this.service;
	}

	/**
	 * Returns how it works.
	 * @return the settings
	 */
	public BalancerSettings settings() {
		return this.settings;
	}

	/**
	 * Changes how it works from the next choice on. What is known of instances is kept.
	 * @param changed the settings
	 */
	public void configure(BalancerSettings changed) {
		this.lock.lock();
		try {
			this.settings = changed;
			rebuild(this.nanoTime.getAsLong());
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Takes what the registry says. What is known of instances that stay is kept; those
	 * that are new among others start slowly. If several have the same id, the first
	 * counts.
	 * @param candidates all instances, in any order
	 */
	public void update(List<Candidate<T>> candidates) {
		List<Candidate<T>> sorted = new ArrayList<>(candidates);
		sorted.sort(Comparator.comparing(Candidate::id));
		this.lock.lock();
		try {
			long now = this.nanoTime.getAsLong();
			Map<String, Target<T>> old = this.targets;
			Map<String, Target<T>> changed = new LinkedHashMap<>();
			for (Candidate<T> candidate : sorted) {
				if (!changed.containsKey(candidate.id())) {
					changed.put(candidate.id(), target(candidate, old, now));
				}
			}
			if (changed.size() < sorted.size()) {
				logger.warn("The registry names {} instances of '{}' more than once; the first one counts",
						sorted.size() - changed.size(), this.service);
			}
			this.departed.removeIf((target) -> target.inFlight() == 0);
			old.values().stream().filter((target) -> changed.get(target.id()) != target).forEach(this.departed::add);
			this.targets = changed;
			rebuild(now);
		}
		finally {
			this.lock.unlock();
		}
	}

	private Target<T> target(Candidate<T> candidate, Map<String, Target<T>> old, long now) {
		Target<T> known = old.get(candidate.id());
		if (known != null) {
			// From 0 it comes back like a new one.
			if (known.weight() == 0 && candidate.weight() > 0) {
				known.warmUp(now);
			}
			known.update(candidate);
			return known;
		}
		Target<T> created = new Target<>(candidate, this.inFlight, now);
		if (!old.isEmpty()) {
			created.warmUp(now);
		}
		return created;
	}

	/**
	 * Chooses an instance for a call of which nothing is known.
	 * @return the instance, or null if none can be chosen
	 */
	public @Nullable Target<T> choose() {
		return choose(Selection.NONE);
	}

	/**
	 * Chooses an instance. Begins no call: choices that come to nothing don't count.
	 * @param selection what is known of the call
	 * @return the instance, or null if none can be chosen: the registry names none, all
	 * have the weight 0, or all were tried
	 */
	public @Nullable Target<T> choose(Selection selection) {
		long now = this.nanoTime.getAsLong();
		Snapshot<T> current = this.snapshot;
		if (current.isOutdated(now) && this.lock.tryLock()) {
			try {
				rebuild(now);
				current = this.snapshot;
			}
			finally {
				this.lock.unlock();
			}
		}
		Target<T> chosen = current.choose(selection, this.sequence.getAndIncrement(), this.random.get(), now);
		if (chosen != null) {
			chosen.picked();
		}
		return chosen;
	}

	/**
	 * Begins a call.
	 * @param target instance that was chosen
	 * @return the call, which has to be ended
	 */
	public Call begin(Target<T> target) {
		Call call = new Call(this, target, this.nanoTime.getAsLong());
		target.began(call);
		return call;
	}

	/**
	 * Tells of a call that was not counted while it was in flight.
	 * @param target instance that was called
	 * @param took time to the beginning of the answer, or to the failure
	 * @param failure whether the instance failed
	 * @param connecting whether it could not even be reached
	 */
	public void report(Target<T> target, Duration took, boolean failure, boolean connecting) {
		judge(target, took.toNanos(), failure, connecting);
	}

	void judge(Call call, boolean failure, boolean connecting) {
		judge(call.target(), this.nanoTime.getAsLong() - call.began(), failure, connecting);
	}

	private void judge(Target<?> target, long took, boolean failure, boolean connecting) {
		long now = this.nanoTime.getAsLong();
		BalancerSettings current = this.settings;
		if (!failure) {
			target.succeeded(took, now, current.ewmaDecay().toNanos());
			return;
		}
		boolean isOfNow = target.failed(connecting, took, now, current.ewmaDecay().toNanos());
		if (isOfNow && current.ejection().enabled() && !target.isEjected()) {
			EjectionReason reason = target.reasonToEject(current.ejection(), now);
			if (reason != null) {
				eject(target, reason);
			}
		}
	}

	/**
	 * Most who stop waiting have other reasons. An instance that hangs however shows by
	 * nothing else where time-outs cancel.
	 */
	void judgeCancelled(Call call) {
		long waited = this.nanoTime.getAsLong() - call.began();
		if (waited >= this.settings.ejection().cancelledAfter().toNanos()
				&& !call.target().answeredSince(call.began())) {
			judge(call, true, false);
		}
	}

	private void eject(Target<?> target, EjectionReason reason) {
		this.lock.lock();
		try {
			EjectionSettings ejection = this.settings.ejection();
			if (target.isEjected() || this.targets.get(target.id()) != target) {
				return;
			}
			int others = 0;
			int ejected = 0;
			for (Target<T> one : this.targets.values()) {
				if (one.weight() > 0 && one != target) {
					others++;
					ejected += one.isEjected() ? 1 : 0;
				}
			}
			long allowed = Math.max(1, (long) ((others + 1) * ejection.maxShare()));
			if (ejection.maxShare() == 0 || ejected >= others || ejected + 1 > allowed) {
				logger.debug("'{}' of '{}' fails ({}), but too many others are ejected", target, this.service, reason);
				return;
			}
			long now = this.nanoTime.getAsLong();
			target.eject(ejection, now);
			rebuild(now);
			logger.warn("'{}' of '{}' gets no calls for {} s: {}", target, this.service,
					Duration.ofNanos(target.ejectedUntil() - now).toSeconds(), reason);
			this.observer.ejected(this.service, target.id(), reason);
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Under the lock. */
	private void rebuild(long now) {
		BalancerSettings current = this.settings;
		long slowStart = current.slowStart().toNanos();
		long next = Long.MAX_VALUE;
		List<Target<T>> all = new ArrayList<>();
		List<Target<T>> open = new ArrayList<>();
		for (Target<T> target : this.targets.values()) {
			if (target.isEjected() && (now - target.ejectedUntil() >= 0 || !current.ejection().enabled())) {
				target.comeBack(now);
				logger.info("'{}' of '{}' gets calls again", target, this.service);
				this.observer.returned(this.service, target.id());
			}
			if (target.isEjected()) {
				next = Math.min(next, target.ejectedUntil() - now);
			}
			else {
				all.add(target);
				if (target.weight() > 0) {
					open.add(target);
				}
			}
		}
		if (open.isEmpty()) {
			// Those that were left have gone: one that failed is better than none.
			this.targets.values().stream().filter((target) -> target.weight() > 0).forEach(open::add);
		}
		double[] weights = new double[open.size()];
		for (int i = 0; i < weights.length; i++) {
			Target<T> target = open.get(i);
			double warmth = target.warmth(now, slowStart);
			weights[i] = warmth * (current.algorithm().isWeighted() ? target.weight() : 1);
			if (target.isWarming()) {
				next = Math.min(next, Math.max(WARMING_STEP, slowStart / WARMING_STEPS));
			}
		}
		this.snapshot = new Snapshot<>(current, open, weights, all, table(current, open), now + next,
				next != Long.MAX_VALUE);
	}

	/** The one that is there, if it says the same: to build one may take milliseconds. */
	private @Nullable HashTable<T> table(BalancerSettings current, List<Target<T>> open) {
		if (!current.algorithm().isHash() || open.isEmpty()) {
			return null;
		}
		List<Node<Target<T>>> nodes = HashTable.nodes(open);
		HashTable<T> present = this.snapshot.table();
		return (present != null && present.isOf(current.hash(), nodes)) ? present
				: new HashTable<>(current.hash(), nodes, this.inFlight);
	}

	/**
	 * Ends calls that nobody has ended within {@link BalancerSettings#longestCall()},
	 * such as those whose answers were never read. To be called now and then.
	 */
	public void sweep() {
		long before = this.nanoTime.getAsLong() - this.settings.longestCall().toNanos();
		List<Target<T>> all = new ArrayList<>();
		this.lock.lock();
		try {
			all.addAll(this.targets.values());
			all.addAll(this.departed);
			this.departed.removeIf((target) -> target.inFlight() == 0);
		}
		finally {
			this.lock.unlock();
		}
		all.forEach((target) -> target.sweep(before));
	}

	/**
	 * Returns the instances that the registry names.
	 * @return all instances by id
	 */
	public List<Target<T>> targets() {
		this.lock.lock();
		try {
			return List.copyOf(this.targets.values());
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Describes all instances that the registry names.
	 * @return how they do, by id
	 */
	public List<TargetStatus> status() {
		this.lock.lock();
		try {
			long now = this.nanoTime.getAsLong();
			double decay = this.settings.ewmaDecay().toNanos();
			Map<Target<T>, Double> shares = this.snapshot.shares();
			return this.targets.values()
				.stream()
				.map((target) -> new TargetStatus(target.id(), target.weight(), shares.getOrDefault(target, 0.0),
						target.inFlight(), Duration.ofNanos((long) target.ewma(now, decay)),
						target.isEjected() ? Duration.ofNanos(Math.max(0, target.ejectedUntil() - now)) : null,
						target.ejections(), target.picks(), target.failures()))
				.toList();
		}
		finally {
			this.lock.unlock();
		}
	}

}
