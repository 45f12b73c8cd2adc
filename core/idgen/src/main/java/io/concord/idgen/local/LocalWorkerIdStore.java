package io.concord.idgen.local;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

import io.concord.idgen.WorkerIdAnswer;
import io.concord.idgen.WorkerIdClaim;
import io.concord.idgen.WorkerIdExtension;
import io.concord.idgen.WorkerIdHolder;
import io.concord.idgen.WorkerIdLease;
import io.concord.idgen.WorkerIdStore;

/**
 * Keeps worker ids in the memory of this JVM: for tests and development. Other processes
 * don't see it, and a restart forgets it. Thread-safe: a lock for each space orders all
 * that happens there, and nothing waits under it.
 */
public final class LocalWorkerIdStore implements WorkerIdStore {

	private final Map<String, Space> spaces = new ConcurrentHashMap<>();

	private final LongSupplier millis;

	public LocalWorkerIdStore() {
		this(System::currentTimeMillis);
	}

	/**
	 * Creates a store on another clock, for tests.
	 * @param millis the clock of the store, ms since 1970
	 */
	public LocalWorkerIdStore(LongSupplier millis) {
		this.millis = millis;
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
	public WorkerIdAnswer claim(WorkerIdClaim claim, Duration timeout) {
		return this.spaces.computeIfAbsent(claim.space(), (name) -> new Space()).claim(claim);
	}

	@Override
	public WorkerIdExtension extend(WorkerIdLease lease, Duration lead, Duration timeout) {
		Space space = this.spaces.get(lease.space());
		return (space != null) ? space.extend(lease, lead) : new WorkerIdExtension.Lost(null);
	}

	@Override
	public boolean release(WorkerIdLease lease, long highWater, Duration timeout) {
		Space space = this.spaces.get(lease.space());
		return space != null && space.release(lease, highWater);
	}

	@Override
	public List<WorkerIdHolder> holders(String space, Duration timeout) {
		Space found = this.spaces.get(space);
		return (found != null) ? found.holders(0, Integer.MAX_VALUE) : List.of();
	}

	@Override
	public long now(Duration timeout) {
		return this.millis.getAsLong();
	}

	@Override
	public void close() {
	}

	/** All worker ids of a space. */
	private final class Space {

		private final ReentrantLock lock = new ReentrantLock();

		private final Map<Integer, Entry> entries = new TreeMap<>();

		private @Nullable String layout;

		WorkerIdAnswer claim(WorkerIdClaim claim) {
			this.lock.lock();
			try {
				if (this.layout != null && !this.layout.equals(claim.layout())) {
					return new WorkerIdAnswer.LayoutDiffers(this.layout);
				}
				this.layout = claim.layout();
				long now = LocalWorkerIdStore.this.millis.getAsLong();
				for (Map.Entry<Integer, Entry> own : this.entries.entrySet()) {
					if (own.getValue().isOf(claim.owner())) {
						return granted(claim, own.getKey(), own.getValue(), now);
					}
				}
				Integer free = lowest(claim, now);
				if (free == null) {
					return new WorkerIdAnswer.Full(holders(claim.first(), claim.last()));
				}
				Entry entry = this.entries.computeIfAbsent(free, (id) -> new Entry());
				entry.owner = claim.owner();
				entry.holder = claim.holder();
				entry.epoch++;
				entry.floor = entry.highWater;
				return granted(claim, free, entry, now);
			}
			finally {
				this.lock.unlock();
			}
		}

		private @Nullable Integer lowest(WorkerIdClaim claim, long now) {
			Integer lowest = null;
			long mark = Long.MAX_VALUE;
			for (int id = claim.first(); id <= claim.last(); id++) {
				Entry entry = this.entries.get(id);
				if (entry == null) {
					return id;
				}
				if (entry.isFree(now) && entry.highWater < mark) {
					lowest = id;
					mark = entry.highWater;
				}
			}
			return lowest;
		}

		private WorkerIdAnswer granted(WorkerIdClaim claim, int workerId, Entry entry, long now) {
			entry.extend(now, claim.lead());
			return new WorkerIdAnswer.Granted(new WorkerIdLease(claim.space(), workerId, claim.owner(), entry.epoch),
					entry.floor, entry.highWater, now);
		}

		WorkerIdExtension extend(WorkerIdLease lease, Duration lead) {
			this.lock.lock();
			try {
				Entry entry = this.entries.get(lease.workerId());
				if (entry == null || !entry.isOf(lease)) {
					return new WorkerIdExtension.Lost((entry != null) ? entry.holder : null);
				}
				long now = LocalWorkerIdStore.this.millis.getAsLong();
				entry.extend(now, lead);
				return new WorkerIdExtension.Extended(entry.highWater, now);
			}
			finally {
				this.lock.unlock();
			}
		}

		boolean release(WorkerIdLease lease, long highWater) {
			this.lock.lock();
			try {
				Entry entry = this.entries.get(lease.workerId());
				if (entry == null || !entry.isOf(lease)) {
					return false;
				}
				entry.owner = null;
				entry.holder = null;
				entry.highWater = Math.min(entry.highWater, highWater);
				return true;
			}
			finally {
				this.lock.unlock();
			}
		}

		List<WorkerIdHolder> holders(int first, int last) {
			this.lock.lock();
			try {
				long now = LocalWorkerIdStore.this.millis.getAsLong();
				List<WorkerIdHolder> holders = new ArrayList<>();
				this.entries.forEach((id, entry) -> {
					if (id >= first && id <= last && !entry.isFree(now)) {
						holders.add(new WorkerIdHolder(id, String.valueOf(entry.holder),
								Instant.ofEpochMilli(entry.highWater)));
					}
				});
				return holders;
			}
			finally {
				this.lock.unlock();
			}
		}

	}

	/** One worker id; guarded by the lock of its space. */
	private static final class Entry {

		private @Nullable String owner;

		private @Nullable String holder;

		private long epoch;

		private long floor;

		private long highWater;

		boolean isOf(String owner) {
			return owner.equals(this.owner);
		}

		boolean isOf(WorkerIdLease lease) {
			return isOf(lease.owner()) && this.epoch == lease.epoch();
		}

		boolean isFree(long now) {
			return this.owner == null || this.highWater < now;
		}

		void extend(long now, Duration lead) {
			this.highWater = Math.max(this.highWater, now + lead.toMillis());
		}

	}

}
