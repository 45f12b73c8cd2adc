package io.concord.autoconfigure.loadbalancer;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.client.discovery.event.HeartbeatEvent;
import org.springframework.cloud.commons.util.InetUtils;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.env.Environment;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.lease.LeaseEngine;
import io.concord.loadbalancer.registry.LeaseRegistry;
import io.concord.loadbalancer.registry.RegisteredInstance;

/**
 * The registry on leases for Spring Cloud. This process is listed from when it is ready
 * until before its web server stops; so callers have gone when it does.
 */
final class LeaseDiscovery implements DiscoveryClient, ApplicationListener<ApplicationReadyEvent>, SmartLifecycle {

	static final String FEATURE = "discovery";

	private static final Logger logger = LoggerFactory.getLogger(LeaseDiscovery.class);

	/** After the simple list, which says what is known of single services. */
	private static final int ORDER = 10;

	private static final Duration GOODBYE = Duration.ofSeconds(2);

	private final DiscoveryProperties properties;

	private final Supplier<LeaseEngine> engine;

	private final Supplier<InetUtils> network;

	private final ApplicationContext context;

	private final Set<String> asked = ConcurrentHashMap.newKeySet();

	private final AtomicLong changes = new AtomicLong();

	private volatile @Nullable LeaseRegistry registry;

	/**
	 * From when the application was ready for the first time on, also if it is stopped.
	 */
	private volatile boolean ready;

	LeaseDiscovery(DiscoveryProperties properties, Supplier<LeaseEngine> engine, Supplier<InetUtils> network,
			ApplicationContext context) {
		this.properties = properties;
		this.engine = engine;
		this.network = network;
		this.context = context;
		properties.check(engine.get().minLeaseTime());
		if (!context.getEnvironment().containsProperty("concord.namespace")) {
			logger.warn("'concord.namespace' is not set: instances of other applications are not found, as each keeps "
					+ "its data under its own name. Set it to the same name in all that call each other.");
		}
	}

	@Override
	public String description() {
		return "Concord, leases of instances";
	}

	@Override
	public List<ServiceInstance> getInstances(String serviceId) {
		LeaseRegistry current = this.registry;
		if (current == null) {
			throw new IllegalStateException("The registry is not started, or has stopped");
		}
		this.asked.add(serviceId);
		return current.instances(serviceId)
			.stream()
			.<ServiceInstance>map((instance) -> new DefaultServiceInstance(instance.id(), serviceId, instance.host(),
					instance.port(), instance.secure(), instance.metadata()))
			.toList();
	}

	/** Leases can't be listed: only services that were asked for, and our own. */
	@Override
	public List<String> getServices() {
		Set<String> services = new TreeSet<>(this.asked);
		services.add(service());
		return List.copyOf(services);
	}

	@Override
	public int getOrder() {
		return ORDER;
	}

	private String service() {
		return this.context.getEnvironment().getProperty("spring.application.name", "application");
	}

	@Override
	public void onApplicationEvent(ApplicationReadyEvent event) {
		if (event.getApplicationContext() == this.context) {
			this.ready = true;
			registerThis();
		}
	}

	private void registerThis() {
		LeaseRegistry current = this.registry;
		if (this.properties.isRegister() && current != null) {
			Integer port = port();
			if (port == null) {
				logger.info("This process has no web server, and so doesn't register itself");
				return;
			}
			register(current, port);
		}
	}

	private void register(LeaseRegistry current, int port) {
		String host = (this.properties.getHost() != null) ? this.properties.getHost()
				: this.network.get().findFirstNonLoopbackHostInfo().getIpAddress();
		String id = (this.properties.getInstanceId() != null) ? this.properties.getInstanceId() : host + ":" + port;
		try {
			current.register(service(),
					new RegisteredInstance(id, host, port, this.properties.isSecure(), this.properties.getMetadata()));
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidConcordConfigurationException(
					"This instance can't be registered as 'concord.discovery' describes it: " + ex.getMessage(),
					"Shorten or correct 'instance-id', 'host', 'port' and 'metadata' there.", ex);
		}
	}

	private @Nullable Integer port() {
		Environment environment = this.context.getEnvironment();
		return (this.properties.getPort() != null) ? this.properties.getPort()
				: environment.getProperty("local.server.port", Integer.class);
	}

	@Override
	public void start() {
		this.registry = new LeaseRegistry(this.engine, this.properties.getLeaseTime(),
				this.properties.getPollInterval(),
				(service) -> this.context.publishEvent(new HeartbeatEvent(this, this.changes.incrementAndGet())));
		if (this.ready) {
			registerThis();
		}
	}

	@Override
	public void stop() {
		LeaseRegistry current = this.registry;
		this.registry = null;
		if (current != null) {
			current.close(GOODBYE);
		}
	}

	@Override
	public boolean isRunning() {
		return this.registry != null;
	}

	/** Stops first of all; it starts late, but nobody calls before. */
	@Override
	public int getPhase() {
		return Integer.MAX_VALUE;
	}

}
