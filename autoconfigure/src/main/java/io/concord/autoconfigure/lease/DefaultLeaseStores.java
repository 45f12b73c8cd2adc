package io.concord.autoconfigure.lease;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.env.Environment;

import io.concord.autoconfigure.Backend;
import io.concord.autoconfigure.ConcordProperties;
import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseEngineClosedException;
import io.concord.lease.LeaseObserver;
import io.concord.lease.LeaseStore;
import io.concord.lease.local.LocalLeaseStore;

/**
 * Opens stores and engines when features ask for them, closes them when the context
 * stops, and opens new ones when it is started again.
 */
final class DefaultLeaseStores implements LeaseStores, SmartLifecycle, DisposableBean {

	private final ConcordProperties properties;

	private final ConfigurableListableBeanFactory beanFactory;

	private final Environment environment;

	private final String beanName;

	private final BackendChoice choice;

	private final ReentrantLock lock = new ReentrantLock();

	/** What each feature uses, closed or not; read without the lock. */
	private final Map<Feature, Leases> byFeature = new ConcurrentHashMap<>();

	/** What is open, by the name of the backend or of the bean that is the store. */
	private final Map<String, Leases> open = new HashMap<>();

	/** Outlives a restart of the context, as there is nothing else that remembers. */
	private final LocalLeaseStore localStore = new LocalLeaseStore();

	private boolean closed;

	private volatile boolean running;

	DefaultLeaseStores(String beanName, ConcordProperties properties, ConfigurableListableBeanFactory beanFactory,
			Environment environment) {
		this.beanName = beanName;
		this.properties = properties;
		this.beanFactory = beanFactory;
		this.environment = environment;
		this.choice = new BackendChoice(properties, beanFactory);
	}

	@Override
	public LeaseEngine engine(String feature, @Nullable Backend backend) {
		return leases(new Feature(feature, backend)).engine();
	}

	@Override
	public String describe(String feature, @Nullable Backend backend) {
		return leases(new Feature(feature, backend)).description();
	}

	@Override
	public List<LeaseEngine> open() {
		this.lock.lock();
		try {
			return this.open.values().stream().map(Leases::engine).toList();
		}
		finally {
			this.lock.unlock();
		}
	}

	private Leases leases(Feature feature) {
		Leases leases = this.byFeature.get(feature);
		if (leases != null) {
			return leases;
		}
		this.lock.lock();
		try {
			leases = this.byFeature.get(feature);
			if (leases == null) {
				if (this.closed) {
					throw new LeaseEngineClosedException(
							"'concord." + feature.name() + "' can't open a store, as the application shuts down");
				}
				leases = open(feature);
				this.byFeature.put(feature, leases);
			}
			return leases;
		}
		finally {
			this.lock.unlock();
		}
	}

	private Leases open(Feature feature) {
		String[] stores = BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beanFactory, LeaseStore.class);
		if (stores.length > 0) {
			String name = chooseStore(stores);
			return open("bean " + name, () -> openBean(name));
		}
		Backend backend = this.choice.choose(feature.name(), feature.backend());
		return open(backend.name(), () -> openBackend(backend));
	}

	private Leases open(String key, Supplier<Leases> opening) {
		Leases leases = this.open.get(key);
		if (leases == null) {
			leases = opening.get();
			this.open.put(key, leases);
		}
		return leases;
	}

	private String chooseStore(String[] names) {
		if (names.length == 1) {
			return names[0];
		}
		List<String> primary = Arrays.stream(names)
			.filter((name) -> this.beanFactory.containsBeanDefinition(name)
					&& this.beanFactory.getBeanDefinition(name).isPrimary())
			.toList();
		if (primary.size() == 1) {
			return primary.get(0);
		}
		throw new InvalidConcordConfigurationException(
				"The application defines several LeaseStore beans: '" + String.join("', '", names) + "'.",
				"Define one only, which all features then use, or mark one with @Primary. For different stores by feature, define a bean of type "
						+ LeaseStores.class.getName() + ".");
	}

	private Leases openBean(String name) {
		this.beanFactory.registerDependentBean(name, this.beanName);
		LeaseStore store = this.beanFactory.getBean(name, LeaseStore.class);
		return new Leases(engine(store), null,
				"backend custom (bean '%s'), store %s".formatted(name, store.describe()));
	}

	private Leases openBackend(Backend backend) {
		for (BackendClient client : BackendClient.values()) {
			if (client.backend() == backend) {
				return openClient(client);
			}
		}
		return new Leases(engine(this.localStore), null,
				"backend local, which no other process sees, store " + this.localStore.describe());
	}

	private Leases openClient(BackendClient client) {
		ClientBeans.Choice bean = this.choice.beans(client).choose();
		if (!this.beanFactory.containsBean(client.storeFactory())) {
			throw new InvalidConcordConfigurationException(
					"The backend '%s' was chosen, but its libraries are not on the class path."
						.formatted(client.value()),
					"Add the dependency '%s', or choose another backend by 'concord.backend'."
						.formatted(client.dependency()));
		}
		String namespace = Namespace.of(this.properties, this.environment);
		this.beanFactory.registerDependentBean(bean.name(), this.beanName);
		LeaseStore store = this.beanFactory.getBean(client.storeFactory(), StoreFactory.class)
			.create(this.beanFactory.getBean(bean.name()), namespace);
		try {
			return new Leases(engine(store), store, "backend %s (bean '%s', %s), store %s, namespace '%s'"
				.formatted(client.value(), bean.name(), bean.reason(), store.describe(), namespace));
		}
		catch (RuntimeException ex) {
			store.close();
			throw ex;
		}
	}

	private LeaseEngine engine(LeaseStore store) {
		return LeaseEngine.builder(store)
			.storeTimeout(Durations.positive("concord.store-timeout", this.properties.getStoreTimeout()))
			.shutdownTimeout(Durations.notNegative("concord.shutdown-timeout", this.properties.getShutdownTimeout()))
			.observer(this.beanFactory.getBeanProvider(LeaseObserver.class).getIfAvailable(() -> LeaseObserver.NONE))
			.build();
	}

	@Override
	public int getPhase() {
		return StoreClients.PHASE;
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public void start() {
		this.lock.lock();
		try {
			if (this.closed) {
				this.byFeature.clear();
				this.closed = false;
			}
			this.running = true;
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public void stop() {
		close().join();
	}

	@Override
	public void stop(Runnable callback) {
		close().whenComplete((nothing, failure) -> callback.run());
	}

	@Override
	public void destroy() {
		close().join();
		this.localStore.close();
	}

	/**
	 * Closes all engines at the same time, as each may wait for as long as the shutdown
	 * may take.
	 */
	private CompletableFuture<Void> close() {
		this.lock.lock();
		try {
			this.closed = true;
			this.running = false;
			CompletableFuture<?>[] closing = this.open.values()
				.stream()
				.map((leases) -> CompletableFuture.runAsync(leases::close,
						(command) -> new Thread(command, "concord-close").start()))
				.toArray(CompletableFuture<?>[]::new);
			this.open.clear();
			return CompletableFuture.allOf(closing);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Who asks for an engine.
	 *
	 * @param name the feature
	 * @param backend its own choice, if it has one
	 */
	private record Feature(String name, @Nullable Backend backend) {
	}

	/**
	 * An engine and its store.
	 *
	 * @param engine the engine
	 * @param ownStore the store, if it was opened for the engine and ends with it
	 * @param description which store and why, for people
	 */
	private record Leases(LeaseEngine engine, @Nullable LeaseStore ownStore, String description) {

		void close() {
			try {
				this.engine.close();
			}
			finally {
				if (this.ownStore != null) {
					this.ownStore.close();
				}
			}
		}

	}

}
