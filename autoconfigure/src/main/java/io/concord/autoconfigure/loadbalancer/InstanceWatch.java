package io.concord.autoconfigure.loadbalancer;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.cloud.client.ServiceInstance;

/**
 * Keeps the list of a service as the registry has it. Asks once at a time, so that a late
 * answer never comes after a newer one; whoever wants another look meanwhile gets it
 * afterwards. If the registry fails, the last list stays. Thread-safe.
 */
final class InstanceWatch {

	private static final Logger logger = LoggerFactory.getLogger(InstanceWatch.class);

	private final ServiceBalancer balancer;

	private final Function<String, List<ServiceInstance>> registry;

	private final Executor executor;

	private final LongSupplier nanoTime;

	/** Looks that were asked for and not made; whoever raises it from 0 starts them. */
	private final AtomicInteger wanted = new AtomicInteger();

	private final CompletableFuture<Void> first = new CompletableFuture<>();

	private volatile @Nullable Long failingSince;

	InstanceWatch(ServiceBalancer balancer, Function<String, List<ServiceInstance>> registry, Executor executor,
			LongSupplier nanoTime) {
		this.balancer = balancer;
		this.registry = registry;
		this.executor = executor;
		this.nanoTime = nanoTime;
	}

	/** Completes when the registry has answered for the first time, or failed. */
	CompletableFuture<Void> first() {
		return this.first;
	}

	void refresh() {
		if (this.wanted.getAndIncrement() == 0) {
			try {
				this.executor.execute(this::lookAsOftenAsWanted);
			}
			catch (RejectedExecutionException ex) {
				logger.debug("The application stops", ex);
			}
		}
	}

	private void lookAsOftenAsWanted() {
		int seen;
		do {
			seen = this.wanted.get();
			look();
		}
		while (!this.wanted.compareAndSet(seen, 0));
	}

	private void look() {
		String service = this.balancer.service();
		try {
			this.balancer.update(this.registry.apply(service));
			if (this.failingSince != null) {
				this.failingSince = null;
				logger.info("The registry answers again for '{}'", service);
			}
		}
		catch (RuntimeException | Error ex) {
			if (this.failingSince == null) {
				this.failingSince = this.nanoTime.getAsLong();
				logger.warn("The registry fails for '{}'; its last list is used", service, ex);
			}
			else {
				logger.debug("The registry still fails for '{}'", service, ex);
			}
		}
		finally {
			this.first.complete(null);
		}
	}

	@Nullable Duration failingFor() {
		Long since = this.failingSince;
		return (since != null) ? Duration.ofNanos(this.nanoTime.getAsLong() - since) : null;
	}

}
