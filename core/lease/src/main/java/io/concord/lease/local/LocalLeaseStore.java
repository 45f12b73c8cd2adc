package io.concord.lease.local;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseStore;
import io.concord.lease.ReleaseAnswer;
import io.concord.lease.ResourceState;
import io.concord.lease.StoreCapabilities;

/**
 * Keeps leases in the memory of this JVM: for tests and development. It excludes threads,
 * not processes. No store call leaves the process.
 *
 * <p>
 * Thread-safe: all state of a resource is changed inside
 * {@link ConcurrentHashMap#compute}, which orders it; nothing in there waits or calls
 * others.
 */
public final class LocalLeaseStore implements LeaseStore {

	private static final StoreCapabilities CAPABILITIES = new StoreCapabilities(true, true, true, true, Duration.ZERO);

	/** What a waiter further back adds to its look, so that not all look at once. */
	private static final long STAGGER_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

	private final Map<String, Line> lines = new ConcurrentHashMap<>();

	private final Map<String, Consumer<String>> listeners = new ConcurrentHashMap<>();

	private final AtomicLong lastToken = new AtomicLong();

	private final LongSupplier nanoTime;

	private final LongSupplier wallMicros;

	public LocalLeaseStore() {
		this(System::nanoTime, () -> TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()));
	}

	/**
	 * Creates a store on other clocks.
	 * @param nanoTime the clock of expiry, ns from any origin
	 * @param wallMicros the least token of a grant, µs since 1970
	 */
	LocalLeaseStore(LongSupplier nanoTime, LongSupplier wallMicros) {
		this.nanoTime = nanoTime;
		this.wallMicros = wallMicros;
	}

	@Override
	public String describe() {
		return "memory of this JVM";
	}

	@Override
	public String kind() {
		return "local";
	}

	@Override
	public StoreCapabilities capabilities() {
		return CAPABILITIES;
	}

	@Override
	public ClaimAnswer claim(Claim claim, Duration timeout) {
		return settled(claim.resource(), (line) -> line.claim(claim));
	}

	@Override
	public ClaimAnswer refresh(Claim claim, Duration timeout) {
		return settled(claim.resource(), (line) -> line.refresh(claim));
	}

	@Override
	public ReleaseAnswer release(Claim claim, Duration bar, Duration timeout) {
		return settled(claim.resource(), (line) -> line.release(claim, bar));
	}

	@Override
	public Optional<ResourceState> inspect(String resource, Duration timeout) {
		return Optional.of(settled(resource, Line::inspect));
	}

	@Override
	public void listen(String engine, Consumer<String> offered) {
		this.listeners.put(engine, offered);
	}

	@Override
	public void sweep(Duration timeout) {
		for (String resource : this.lines.keySet()) {
			settled(resource, (line) -> line);
		}
	}

	@Override
	public void close() {
		this.listeners.clear();
	}

	/**
	 * Returns how many resources the store keeps anything of.
	 * @return their number
	 */
	int size() {
		return this.lines.size();
	}

	private <T> T settled(String name, Function<Line, T> step) {
		List<T> answer = new ArrayList<>(1);
		List<String> offers = new ArrayList<>(1);
		this.lines.compute(name, (resource, present) -> {
			Line line = (present != null) ? present : new Line();
			line.now = this.nanoTime.getAsLong();
			line.offers = offers;
			line.settle();
			answer.add(step.apply(line));
			return line.isEmpty() ? null : line;
		});
		for (String owner : offers) {
			Consumer<String> listener = this.listeners.get(Claim.engineOf(owner));
			if (listener != null) {
				listener.accept(owner);
			}
		}
		return answer.get(0);
	}

	private long nextToken(long least) {
		long now = this.wallMicros.getAsLong();
		return this.lastToken.updateAndGet((last) -> Math.max(Math.max(last + 1, now), least));
	}

	private record Holder(int limit, long token, long until) {
	}

	private record Waiter(int limit, long until) {
	}

	/** All of one resource: who holds it, who waits, and who is barred. */
	private final class Line {

		private final Map<String, Holder> holders = new LinkedHashMap<>();

		private final Map<String, Waiter> waiters = new LinkedHashMap<>();

		private final Map<String, Long> barred = new HashMap<>();

		private long now;

		private List<String> offers = List.of();

		ClaimAnswer claim(Claim claim) {
			if (this.barred.containsKey(claim.owner())) {
				return new ClaimAnswer.Gone();
			}
			ClaimAnswer answer = refresh(claim);
			if (!(answer instanceof ClaimAnswer.Gone)) {
				return answer;
			}
			if (this.waiters.isEmpty() && fits(claim.limit())) {
				return hold(claim, nextToken(leastToken(claim)));
			}
			if (!claim.waits()) {
				return new ClaimAnswer.Refused();
			}
			return stand(claim);
		}

		ClaimAnswer refresh(Claim claim) {
			Holder holder = this.holders.get(claim.owner());
			if (holder != null) {
				long least = leastToken(claim);
				return hold(claim, (holder.token() >= least) ? holder.token() : nextToken(least));
			}
			return this.waiters.containsKey(claim.owner()) ? stand(claim) : new ClaimAnswer.Gone();
		}

		ReleaseAnswer release(Claim claim, Duration bar) {
			if (!bar.isZero()) {
				this.barred.put(claim.owner(), this.now + bar.toNanos());
			}
			boolean held = this.holders.remove(claim.owner()) != null;
			this.waiters.remove(claim.owner());
			this.offers.remove(claim.owner());
			settle();
			return new ReleaseAnswer(held, this.offers.isEmpty() ? null : this.offers.get(0));
		}

		ResourceState inspect() {
			List<ResourceState.Holder> held = new ArrayList<>();
			this.holders.forEach((owner, holder) -> held.add(new ResourceState.Holder(owner, holder.limit(),
					holder.token(), Duration.ofNanos(holder.until() - this.now))));
			return new ResourceState(held.subList(0, Math.min(held.size(), ResourceState.MAX_HOLDERS)),
					this.waiters.size(), this.waiters.keySet().stream().limit(ResourceState.MAX_LINE).toList());
		}

		boolean isEmpty() {
			return this.holders.isEmpty() && this.waiters.isEmpty() && this.barred.isEmpty();
		}

		/** Lets go of what has expired and makes the offers that are due. */
		void settle() {
			this.holders.values().removeIf((holder) -> holder.until() - this.now <= 0);
			this.waiters.values().removeIf((waiter) -> waiter.until() - this.now <= 0);
			this.barred.values().removeIf((until) -> until - this.now <= 0);
			Iterator<Map.Entry<String, Waiter>> line = this.waiters.entrySet().iterator();
			while (line.hasNext()) {
				Map.Entry<String, Waiter> first = line.next();
				if (!fits(first.getValue().limit())) {
					return;
				}
				line.remove();
				this.holders.put(first.getKey(),
						new Holder(first.getValue().limit(), nextToken(0), first.getValue().until()));
				this.offers.add(first.getKey());
			}
		}

		private long leastToken(Claim claim) {
			return claim.leastToken(LocalLeaseStore.this.wallMicros.getAsLong());
		}

		private boolean fits(int limit) {
			int least = limit;
			for (Holder holder : this.holders.values()) {
				least = Math.min(least, holder.limit());
			}
			return this.holders.size() < least;
		}

		private ClaimAnswer hold(Claim claim, long token) {
			this.holders.put(claim.owner(), new Holder(claim.limit(), token, this.now + claim.ttl().toNanos()));
			return new ClaimAnswer.Granted(token);
		}

		private ClaimAnswer stand(Claim claim) {
			this.waiters.put(claim.owner(), new Waiter(claim.limit(), this.now + claim.patience().toNanos()));
			int ahead = 0;
			for (String owner : this.waiters.keySet()) {
				if (owner.equals(claim.owner())) {
					break;
				}
				ahead++;
			}
			return new ClaimAnswer.Waiting(ahead, Duration.ofNanos(untilNextEnd() + ahead * STAGGER_NANOS));
		}

		private long untilNextEnd() {
			@Nullable Long least = null;
			for (Holder holder : this.holders.values()) {
				long left = holder.until() - this.now;
				least = (least != null) ? Math.min(least, left) : left;
			}
			return (least != null) ? least : 0;
		}

	}

}
