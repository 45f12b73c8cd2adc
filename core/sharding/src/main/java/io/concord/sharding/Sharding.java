package io.concord.sharding;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import io.concord.hashing.Node;
import io.concord.hashing.NoNodeException;
import io.concord.hashing.Partitioner;

/**
 * Several shards, and which of them the work on a thread belongs to. Safe for use by many
 * threads.
 * <p>
 * The current shard belongs to the thread that entered it, for as long as it is inside;
 * other threads don't inherit it. A transaction keeps the connection of the shard that it
 * began on, whatever shard is current later. So a shard that was entered or left while a
 * transaction is under way on the thread is pinned to it until it ends, in the resources
 * of Spring's transactions, which puts the pin away with a suspended transaction; and to
 * enter another shard than the pinned or the current one is refused there.
 */
public final class Sharding {

	private final String name;

	private final Partitioner<String> partitioner;

	private final ExecutorService fanOut;

	private final List<String> shards;

	private final ThreadLocal<@Nullable String> current = new ThreadLocal<>();

	/** Whether the thread is one that works for {@link #callAll}. */
	private final ThreadLocal<@Nullable Boolean> fanningOut = new ThreadLocal<>();

	Sharding(String name, Partitioner<String> partitioner, ExecutorService fanOut) {
		this.name = name;
		this.partitioner = partitioner;
		this.fanOut = fanOut;
		this.shards = partitioner.nodes().stream().map(Node::name).toList();
	}

	/**
	 * Returns the name.
	 * @return the name under {@code concord.sharding}
	 */
	public String name() {
		return this.name;
	}

	/**
	 * Returns what says which shard a key belongs to.
	 * @return the partitioner; its nodes are the shards
	 */
	public Partitioner<String> partitioner() {
		return this.partitioner;
	}

	/**
	 * Returns the names of all shards, also those of weight 0.
	 * @return the names, sorted; unmodifiable
	 */
	public List<String> shards() {
		return this.shards;
	}

	/**
	 * Returns the shard that connections of this thread go to.
	 * @return its name, or empty outside of all shards
	 */
	public Optional<String> current() {
		return Optional.ofNullable(this.current.get());
	}

	/**
	 * Returns the shard that connections of this thread go to.
	 * @return its name
	 * @throws NoShardException outside of all shards
	 */
	public String requireCurrent() {
		String shard = this.current.get();
		if (shard == null) {
			throw new NoShardException(this.name);
		}
		return shard;
	}

	/**
	 * Does work on the shard of a key, on this thread.
	 * @param <T> type of its result
	 * @param <E> what it may throw
	 * @param key the key
	 * @param work the work
	 * @return its result
	 * @throws E what the work throws
	 * @throws NoNodeException if no shard is there for the key
	 * @throws ShardChangeException if a transaction is under way on another shard
	 */
	public <T extends @Nullable Object, E extends Throwable> T call(String key, ShardCall<T, E> work) throws E {
		return enter(this.partitioner.nodeFor(key).name(), work);
	}

	/**
	 * Does work on a shard, on this thread.
	 * @param <T> type of its result
	 * @param <E> what it may throw
	 * @param shard name of the shard
	 * @param work the work
	 * @return its result
	 * @throws E what the work throws
	 * @throws NoNodeException if there is no such shard
	 * @throws ShardChangeException if a transaction is under way on another shard
	 */
	public <T extends @Nullable Object, E extends Throwable> T callOn(String shard, ShardCall<T, E> work) throws E {
		if (!this.shards.contains(shard)) {
			throw new NoNodeException(
					"There is no shard '" + shard + "' of '" + this.name + "'. The shards are " + this.shards);
		}
		return enter(shard, work);
	}

	private <T extends @Nullable Object, E extends Throwable> T enter(String shard, ShardCall<T, E> work) throws E {
		String outer = this.current.get();
		refuseChange(outer, shard);
		this.current.set(shard);
		try {
			pinToTransaction(shard);
			return work.call();
		}
		finally {
			pinToTransaction(shard);
			if (outer != null) {
				this.current.set(outer);
			}
			else {
				this.current.remove();
			}
		}
	}

	private void refuseChange(@Nullable String outer, String shard) {
		if (!TransactionSynchronizationManager.isSynchronizationActive()) {
			return;
		}
		Object pinned = TransactionSynchronizationManager.getResource(this);
		String kept = (pinned != null) ? (String) pinned : outer;
		if (kept != null && !kept.equals(shard)) {
			throw new ShardChangeException(this.name, "shard '" + kept + "'", "shard '" + shard + "'");
		}
	}

	private void pinToTransaction(String shard) {
		if (TransactionSynchronizationManager.isSynchronizationActive()
				&& !TransactionSynchronizationManager.hasResource(this)) {
			TransactionSynchronizationManager.bindResource(this, shard);
			TransactionSynchronizationManager.registerSynchronization(new Pin(shard));
		}
	}

	/**
	 * Does the same work on every shard, at the same time on threads of the sharding,
	 * each inside of its shard. The work takes part in no transaction of the caller, nor
	 * has it anything else that belongs to the caller's thread.
	 * @param <T> type of a result
	 * @param timeout how long to wait for all of them; positive. Work that takes longer
	 * is interrupted and may go on regardless
	 * @param work the work; called by several threads
	 * @return the results by the names of the shards, sorted; unmodifiable
	 * @throws ShardFanOutException if work failed or took too long on some shards
	 * @throws ShardChangeException inside of a transaction
	 * @throws IllegalStateException inside of other work of this kind, whose threads it
	 * would wait for
	 * @throws InterruptedException if this thread is interrupted; all work has been then,
	 * too
	 */
	public <T extends @Nullable Object> Map<String, T> callAll(Duration timeout, Callable<T> work)
			throws InterruptedException {
		if (timeout.isZero() || timeout.isNegative()) {
			throw new IllegalArgumentException("The time-out must be positive, not " + timeout);
		}
		if (this.fanningOut.get() != null) {
			throw new IllegalStateException("Work on all shards of '" + this.name + "' is under way on this thread");
		}
		if (TransactionSynchronizationManager.isActualTransactionActive()) {
			throw new ShardChangeException(this.name,
					current().map((shard) -> "shard '" + shard + "'").orElse("no shard"), "all shards");
		}
		List<Callable<T>> calls = new ArrayList<>();
		this.shards.forEach((shard) -> calls.add(() -> onOwnThread(shard, work)));
		return collect(this.fanOut.invokeAll(calls, timeout.toNanos(), TimeUnit.NANOSECONDS));
	}

	private <T extends @Nullable Object> T onOwnThread(String shard, Callable<T> work) throws Exception {
		this.fanningOut.set(Boolean.TRUE);
		try {
			return this.<T, Exception>enter(shard, work::call);
		}
		finally {
			this.fanningOut.remove();
		}
	}

	private <T extends @Nullable Object> Map<String, T> collect(List<Future<T>> futures) throws InterruptedException {
		Map<String, T> results = new LinkedHashMap<>();
		Map<String, Throwable> failures = new LinkedHashMap<>();
		for (int i = 0; i < futures.size(); i++) {
			String shard = this.shards.get(i);
			try {
				results.put(shard, futures.get(i).get());
			}
			catch (ExecutionException ex) {
				failures.put(shard, (ex.getCause() != null) ? ex.getCause() : ex);
			}
			catch (CancellationException ex) {
				failures.put(shard, ex);
			}
		}
		if (!failures.isEmpty()) {
			Map<String, Object> known = new LinkedHashMap<>();
			results.forEach((shard, result) -> {
				if (result != null) {
					known.put(shard, result);
				}
			});
			throw new ShardFanOutException(this.name, known, failures);
		}
		return Collections.unmodifiableMap(results);
	}

	@Override
	public String toString() {
		return "Sharding '" + this.name + "' over " + this.shards;
	}

	private final class Pin implements TransactionSynchronization {

		private final String shard;

		Pin(String shard) {
			this.shard = shard;
		}

		@Override
		public void suspend() {
			TransactionSynchronizationManager.unbindResourceIfPossible(Sharding.this);
		}

		@Override
		public void resume() {
			TransactionSynchronizationManager.bindResource(Sharding.this, this.shard);
		}

		@Override
		public void afterCompletion(int status) {
			TransactionSynchronizationManager.unbindResourceIfPossible(Sharding.this);
		}

	}

}
