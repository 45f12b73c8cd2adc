package io.concord.autoconfigure.ratelimit;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.concurrent.ExecutorConfigurationSupport;

import io.concord.autoconfigure.Backend;
import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.autoconfigure.lease.LeaseStores;
import io.concord.autoconfigure.lease.StoreClients;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseStoreException;
import io.concord.ratelimit.ConcurrencyLimits;
import io.concord.ratelimit.LeasedConcurrency;
import io.concord.ratelimit.Members;
import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.SharedRateLimitStore;
import io.concord.ratelimit.local.LocalRateLimitStore;

/**
 * The store of rates, that of parts and the engine of limits of concurrency, opened when
 * they are first needed. A bean of type {@link RateLimitStore} comes before all backends.
 * One thread has the stores sweep. Thread-safe: one lock orders opening and closing.
 *
 * <p>
 * Stops after web server and schedulers and before the leases, which would wait for that
 * by which this process is counted. What is used after that is opened anew.
 */
final class RateLimitStores implements SmartLifecycle, AutoCloseable {

	static final String BEAN_NAME = "concordRateLimitStores";

	static final String FEATURE = "ratelimit";

	private static final Logger logger = LoggerFactory.getLogger(RateLimitStores.class);

	private static final int PHASE = ExecutorConfigurationSupport.DEFAULT_PHASE - 512;

	private static final Duration SWEEP_INTERVAL = Duration.ofMinutes(1);

	private static final Duration SWEEP_TIMEOUT = Duration.ofSeconds(10);

	private static final Map<Backend, String> FACTORIES = Map.of(Backend.REDIS, "concordRedisRateLimitStoreFactory",
			Backend.JDBC, "concordJdbcRateLimitStoreFactory");

	private final ConfigurableListableBeanFactory beanFactory;

	private final Supplier<StoreClients> clients;

	private final Supplier<LeaseStores> leaseStores;

	private final @Nullable Backend backend;

	private final int maxLocalKeys;

	private final Duration leaseTime;

	/** Null unless resilience4j limits. */
	private final @Nullable ConcurrencyLimits bulkheads;

	private final ReentrantLock lock = new ReentrantLock();

	private final Deque<AutoCloseable> open = new ArrayDeque<>();

	private volatile @Nullable RateLimitStore rates;

	private volatile @Nullable RateLimitStore share;

	private volatile @Nullable Members members;

	private @Nullable ScheduledExecutorService sweeper;

	private volatile boolean running;

	RateLimitStores(ConfigurableListableBeanFactory beanFactory, Supplier<StoreClients> clients,
			Supplier<LeaseStores> leaseStores, RateLimitProperties properties) {
		this.beanFactory = beanFactory;
		this.clients = clients;
		this.leaseStores = leaseStores;
		this.backend = properties.getBackend();
		this.maxLocalKeys = properties.getMaxLocalKeys();
		this.leaseTime = properties.getLeaseTime();
		this.bulkheads = (properties.getLocalLimiter() == RateLimitProperties.LocalLimiter.RESILIENCE4J)
				? Resilience4jLimiters.concurrency(beanFactory.getBeanClassLoader()) : null;
	}

	/** Who limits concurrency. */
	ConcurrencyLimits concurrency() {
		return (this.bulkheads != null) ? this.bulkheads : new LeasedConcurrency(this::engine, this.leaseTime);
	}

	/** The engine of limits of concurrency. */
	LeaseEngine engine() {
		return this.leaseStores.get().engine(FEATURE, this.backend);
	}

	/** The store of rates. */
	RateLimitStore rates() {
		RateLimitStore present = this.rates;
		if (present != null) {
			return present;
		}
		this.lock.lock();
		try {
			present = this.rates;
			if (present == null) {
				present = openRates();
				this.rates = present;
			}
			return present;
		}
		finally {
			this.lock.unlock();
		}
	}

	private RateLimitStore openRates() {
		RateLimitStore bean = this.beanFactory.getBeanProvider(RateLimitStore.class).getIfAvailable();
		if (bean != null) {
			return bean;
		}
		StoreClients.StoreClient choice = this.clients.get().choose(FEATURE, this.backend, BEAN_NAME);
		Object client = choice.client();
		if (client == null) {
			return swept((this.bulkheads != null) ? Resilience4jLimiters.store(this.maxLocalKeys)
					: new LocalRateLimitStore(this.maxLocalKeys));
		}
		if (choice.backend() == Backend.ZOOKEEPER) {
			logger.info("Rate limits: {}, each divided by the number of live processes", choice.description());
			return share();
		}
		String factory = FACTORIES.get(choice.backend());
		if (factory == null || !this.beanFactory.containsBean(factory)) {
			throw choice.withoutLibraries();
		}
		RateLimitStore store = this.beanFactory.getBean(factory, RateLimitStoreFactory.class)
			.open(client, choice.namespace());
		logger.info("Rate limits: {}", choice.description());
		return swept(store);
	}

	/** The store that keeps the part of this process. */
	RateLimitStore share() {
		RateLimitStore present = this.share;
		if (present != null) {
			return present;
		}
		this.lock.lock();
		try {
			present = this.share;
			if (present == null) {
				present = swept(new SharedRateLimitStore(new LocalRateLimitStore(this.maxLocalKeys), this::members));
				this.share = present;
			}
			return present;
		}
		finally {
			this.lock.unlock();
		}
	}

	/** How many processes there are. */
	int members() {
		Members present = this.members;
		if (present != null) {
			return present.count();
		}
		this.lock.lock();
		try {
			present = this.members;
			if (present == null) {
				present = new Members(this::engine);
				this.open.push(present);
				this.members = present;
			}
			return present.count();
		}
		finally {
			this.lock.unlock();
		}
	}

	private RateLimitStore swept(RateLimitStore store) {
		this.open.push(store);
		ScheduledExecutorService thread = this.sweeper;
		if (thread == null) {
			thread = Executors.newSingleThreadScheduledExecutor((task) -> {
				Thread created = new Thread(task, "concord-ratelimit-sweeper");
				created.setDaemon(true);
				return created;
			});
			this.sweeper = thread;
		}
		thread.scheduleWithFixedDelay(() -> sweep(store), SWEEP_INTERVAL.toMillis(), SWEEP_INTERVAL.toMillis(),
				TimeUnit.MILLISECONDS);
		return store;
	}

	private static void sweep(RateLimitStore store) {
		try {
			while (store.sweep(SWEEP_TIMEOUT)) {
				logger.debug("There is more to sweep from {}", store.describe());
			}
		}
		catch (RuntimeException ex) {
			logger.debug("What says nothing any more could not be swept from {}", store.describe(), ex);
		}
	}

	/** Opens what rules need, so that what is missing is told at start. */
	void require(boolean forRates, boolean forMembers, boolean forConcurrency) {
		try {
			if (this.bulkheads != null && (forRates || forConcurrency)) {
				requireLocal();
			}
			if (forRates) {
				rates();
			}
			if (forMembers) {
				members();
			}
			if (forConcurrency && this.bulkheads == null) {
				engine();
			}
		}
		catch (LeaseStoreException ex) {
			throw new InvalidConcordConfigurationException(
					"The store of rate limits can't be opened: " + ex.getMessage(),
					"See that it runs and can be reached.", ex);
		}
	}

	private void requireLocal() {
		StoreClients.StoreClient choice = this.clients.get().choose(FEATURE, this.backend, BEAN_NAME);
		if (choice.backend() != Backend.LOCAL) {
			throw InvalidConcordConfigurationException.ofProperty(RateLimitProperties.PREFIX + ".local-limiter",
					"resilience4j", "but rate limits are kept by " + choice.description() + ".",
					"Remove it, or set 'concord.ratelimit.backend=local'.");
		}
	}

	@Override
	public void start() {
		this.running = true;
	}

	@Override
	public void stop() {
		this.running = false;
		close();
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

	@Override
	public void close() {
		this.lock.lock();
		try {
			if (this.sweeper != null) {
				this.sweeper.shutdownNow();
				this.sweeper = null;
			}
			for (AutoCloseable one : this.open) {
				try {
					one.close();
				}
				catch (Exception ex) {
					logger.warn("A store of rate limits could not be closed", ex);
				}
			}
			this.open.clear();
			this.rates = null;
			this.share = null;
			this.members = null;
		}
		finally {
			this.lock.unlock();
		}
	}

}
