package io.concord.autoconfigure.idgen;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.context.SmartLifecycle;

import io.concord.autoconfigure.idgen.IdgenProperties.Generator;
import io.concord.autoconfigure.lease.StoreClients;
import io.concord.idgen.IdsUnavailableException;
import io.concord.idgen.LongIdGenerator;
import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.UnknownGeneratorException;

/**
 * The generators of the properties. Those that are configured start with the application,
 * so that bad configuration fails there; the default one starts when it is first used.
 * All are closed when the context stops, before the clients of their stores, and started
 * again with it.
 */
final class DefaultLongIdGenerators
		implements LongIdGenerators, SmartInitializingSingleton, SmartLifecycle, DisposableBean {

	static final String BEAN_NAME = "concordLongIdGenerators";

	private final Map<String, Generator> properties;

	private final GeneratorFactory factory;

	private final IdStores stores;

	private final Map<String, NamedIdGenerator> generators = new TreeMap<>();

	/** Held while a generator starts, which can take as long as its store does. */
	private final ReentrantLock lock = new ReentrantLock();

	private volatile boolean closed;

	private volatile boolean running;

	DefaultLongIdGenerators(Map<String, Generator> properties, GeneratorFactory factory, IdStores stores) {
		this.properties = properties;
		this.factory = factory;
		this.stores = stores;
		Set<String> names = new TreeSet<>(properties.keySet());
		names.add(DEFAULT_NAME);
		names.forEach((name) -> this.generators.put(name, new NamedIdGenerator(name, () -> started(name))));
	}

	@Override
	public LongIdGenerator get(String name) {
		NamedIdGenerator generator = this.generators.get(name);
		if (generator == null) {
			throw new UnknownGeneratorException(name, this.generators.keySet());
		}
		return generator;
	}

	@Override
	public Set<String> names() {
		return Set.copyOf(this.generators.keySet());
	}

	/**
	 * Returns the generators that have been started, without starting any.
	 */
	List<LongIdGenerator> allStarted() {
		return this.generators.values().stream().map(NamedIdGenerator::started).filter(Objects::nonNull).toList();
	}

	/**
	 * Returns a generator, if it has been started.
	 * @throws UnknownGeneratorException if there is none of this name
	 */
	@Nullable LongIdGenerator ifStarted(String name) {
		NamedIdGenerator generator = this.generators.get(name);
		if (generator == null) {
			throw new UnknownGeneratorException(name, this.generators.keySet());
		}
		return generator.started();
	}

	private LongIdGenerator started(String name) {
		NamedIdGenerator named = Objects.requireNonNull(this.generators.get(name));
		this.lock.lock();
		try {
			LongIdGenerator generator = named.started();
			if (generator == null) {
				if (this.closed) {
					throw new IdsUnavailableException("'" + name + "' gives no ids, as the application shuts down");
				}
				generator = this.factory.start(name, this.properties.getOrDefault(name, new Generator()));
				named.set(generator);
			}
			return generator;
		}
		finally {
			this.lock.unlock();
		}
	}

	private void startConfigured() {
		this.properties.keySet().forEach(this::started);
	}

	@Override
	public void afterSingletonsInstantiated() {
		startConfigured();
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
		this.closed = false;
		startConfigured();
		this.running = true;
	}

	@Override
	public void stop() {
		close();
	}

	@Override
	public void destroy() {
		close();
	}

	private void close() {
		this.lock.lock();
		try {
			this.closed = true;
			this.running = false;
			this.generators.values().forEach((named) -> {
				IdStores.close(named.started(), named);
				named.set(null);
			});
			this.stores.close();
		}
		finally {
			this.lock.unlock();
		}
	}

}
