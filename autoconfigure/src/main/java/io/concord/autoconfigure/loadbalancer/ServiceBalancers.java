package io.concord.autoconfigure.loadbalancer;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.event.HeartbeatEvent;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;

import io.concord.loadbalancer.BalancerObserver;
import io.concord.loadbalancer.RequestKeyResolver;

/**
 * The services that are called, each with its balancer, as soon as it is first called.
 * Looks at the registry on threads of its own, at intervals and when something tells of a
 * change: registries may take a minute to answer. Thread-safe.
 */
final class ServiceBalancers implements ApplicationListener<ApplicationEvent>, DisposableBean {

	private static final Logger logger = LoggerFactory.getLogger(ServiceBalancers.class);

	private final Function<String, List<ServiceInstance>> registry;

	private final Function<String, @Nullable RequestKeyResolver> keys;

	private final Supplier<BalancerObserver> observer;

	private final Environment environment;

	private final LongSupplier nanoTime;

	private final Map<String, ServiceBalancer> services = new ConcurrentHashMap<>();

	private final List<Consumer<ServiceBalancer>> listeners = new CopyOnWriteArrayList<>();

	private final Map<String, InstanceWatch> watches = new ConcurrentHashMap<>();

	/** One thread a service at most, as a watch makes one call at a time. */
	private final ExecutorService lookups = Executors.newCachedThreadPool(threads("concord-loadbalancer-lookup"));

	private final ScheduledExecutorService timer = Executors
		.newSingleThreadScheduledExecutor(threads("concord-loadbalancer"));

	private volatile LoadBalancerProperties properties;

	ServiceBalancers(Function<String, List<ServiceInstance>> registry,
			Function<String, @Nullable RequestKeyResolver> keys, Supplier<BalancerObserver> observer,
			LoadBalancerProperties properties, Environment environment, LongSupplier nanoTime) {
		properties.check(keys);
		this.keys = keys;
		this.registry = registry;
		this.observer = observer;
		this.properties = properties;
		this.environment = environment;
		this.nanoTime = nanoTime;
		long interval = properties.getRefreshInterval().toMillis();
		this.timer.scheduleWithFixedDelay(this::tick, interval, interval, TimeUnit.MILLISECONDS);
	}

	private static ThreadFactory threads(String name) {
		AtomicInteger number = new AtomicInteger();
		return (task) -> {
			Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
			thread.setDaemon(true);
			return thread;
		};
	}

	/** The balancer of a service, which knows no instances at first. */
	ServiceBalancer balancer(String service) {
		return this.services.computeIfAbsent(service, (name) -> new ServiceBalancer(name, this.properties, this.keys,
				this.observer.get(), this::changed, this.nanoTime));
	}

	/** The balancer of a service that is called through us. */
	@Nullable ServiceBalancer known(String service) {
		return this.services.get(service);
	}

	/**
	 * Has it told of services whose instances may have changed, one at a time for each.
	 */
	void listen(Consumer<ServiceBalancer> listener) {
		this.listeners.add(listener);
	}

	private void changed(ServiceBalancer service) {
		this.listeners.forEach((listener) -> listener.accept(service));
	}

	/** What the registry says of a service, looked at from now on. */
	InstanceWatch watch(String service) {
		return this.watches.computeIfAbsent(service, (name) -> {
			InstanceWatch watch = new InstanceWatch(balancer(name), this.registry, this.lookups, this.nanoTime);
			watch.refresh();
			return watch;
		});
	}

	Duration firstListTimeout() {
		return this.properties.getFirstListTimeout();
	}

	Collection<ServiceBalancer> all() {
		return new TreeMap<>(this.services).values();
	}

	/** For how long the registry has failed, if it does. */
	@Nullable Duration failingFor(String service) {
		InstanceWatch watch = this.watches.get(service);
		return (watch != null) ? watch.failingFor() : null;
	}

	private void tick() {
		try {
			refresh();
			this.services.values().forEach((service) -> service.balancer().sweep());
		}
		catch (RuntimeException ex) {
			logger.warn("Registries can't be looked at this time", ex);
		}
	}

	private void refresh() {
		this.watches.values().forEach(InstanceWatch::refresh);
	}

	@Override
	public void onApplicationEvent(ApplicationEvent event) {
		if (event instanceof HeartbeatEvent) {
			refresh();
		}
		else if (event instanceof EnvironmentChangeEvent) {
			reconfigure();
			refresh();
		}
	}

	/**
	 * Binds anew, as nothing says whether the bean of the properties already has been.
	 */
	private void reconfigure() {
		try {
			LoadBalancerProperties changed = Binder.get(this.environment)
				.bindOrCreate(LoadBalancerProperties.PREFIX, LoadBalancerProperties.class);
			changed.check(this.keys);
			this.properties = changed;
			this.services.values().forEach((service) -> service.configure(changed));
		}
		catch (RuntimeException ex) {
			logger.error("Load balancing goes on as it is configured, as the changes can't be used", ex);
		}
	}

	@Override
	public void destroy() {
		this.timer.shutdownNow();
		this.lookups.shutdownNow();
	}

}
