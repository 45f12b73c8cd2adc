package io.concord.autoconfigure.loadbalancer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.client.CommonsClientAutoConfiguration;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.client.discovery.composite.CompositeDiscoveryClientAutoConfiguration;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.commons.util.UtilAutoConfiguration;
import org.springframework.cloud.loadbalancer.config.BlockingLoadBalancerClientAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;

import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.lease.LeaseStoreException;
import io.concord.loadbalancer.Target;
import io.concord.test.Await;
import io.concord.test.net.TcpProxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The registry on leases as applications configure it, in a store that all of them share:
 * instances of a service, and another application that calls it.
 */
abstract class AbstractLeaseDiscoveryIT {

	private static final String SERVICE = "stock";

	private static final Duration BOUND = Duration.ofSeconds(60);

	private final String namespace = "discovery-" + UUID.randomUUID();

	private final List<AutoCloseable> open = new ArrayList<>();

	/** Application on the store. */
	private final Class<? extends Node> node;

	private final String host;

	private final int port;

	AbstractLeaseDiscoveryIT(Class<? extends Node> node, String host, int port) {
		this.node = node;
		this.host = host;
		this.port = port;
	}

	/** What makes an application use the server, or what stands before it. */
	abstract List<String> storeAt(String host, int port);

	@AfterEach
	void close() throws Exception {
		for (int i = this.open.size() - 1; i >= 0; i--) {
			this.open.get(i).close();
		}
	}

	@Test
	void whoDiesIsGoneAfterItsLeaseAndWhoStopsAtOnce() {
		TcpProxy way = proxy();
		instance("stays", this.host, this.port, "5m");
		ConfigurableApplicationContext stops = instance("stops", this.host, this.port, "5m");
		instance("dies", way.host(), way.port(), "2s");
		ConfigurableApplicationContext caller = caller(this.host, this.port);
		awaitFound(caller, "dies", "stays", "stops");
		way.refuse();
		awaitFound(caller, "stays", "stops");
		// Long before its lease ends.
		stops.close();
		awaitFound(caller, "stays");
		way.pass();
		awaitFound(caller, "dies", "stays");
	}

	@Test
	void lastListStaysWhileTheStoreIsDown() {
		TcpProxy way = proxy();
		instance("stays", this.host, this.port, "5m");
		ConfigurableApplicationContext stops = instance("stops", this.host, this.port, "5m");
		ConfigurableApplicationContext caller = caller(way.host(), way.port());
		awaitFound(caller, "stays", "stops");
		way.refuse();
		Await.until("the registry fails", BOUND,
				() -> caller.getBean(ServiceBalancers.class).failingFor(SERVICE) != null);
		assertThatExceptionOfType(LeaseStoreException.class)
			.isThrownBy(() -> caller.getBean(DiscoveryClient.class).getInstances(SERVICE));
		stops.close();
		Set<String> chosen = new TreeSet<>();
		LoadBalancerClient client = caller.getBean(LoadBalancerClient.class);
		for (int i = 0; i < 10; i++) {
			ServiceInstance instance = client.choose(SERVICE);
			assertThat(instance).isNotNull();
			chosen.add(instance.getInstanceId());
		}
		assertThat(chosen).containsExactly("stays", "stops");
		way.pass();
		awaitFound(caller, "stays");
		Await.until("the registry answers", BOUND,
				() -> caller.getBean(ServiceBalancers.class).failingFor(SERVICE) == null);
	}

	/** Waits until calls can go to these, and only to these. */
	private static void awaitFound(ConfigurableApplicationContext caller, String... ids) {
		caller.getBean(LoadBalancerClient.class).choose(SERVICE);
		ServiceBalancer service = caller.getBean(ServiceBalancers.class).balancer(SERVICE);
		Await.until(() -> "not " + List.of(ids) + " but " + service.balancer().targets(), BOUND,
				() -> service.balancer().targets().stream().map(Target::id).toList().equals(List.of(ids)));
	}

	private TcpProxy proxy() {
		TcpProxy proxy = TcpProxy.to(this.host, this.port);
		this.open.add(proxy);
		return proxy;
	}

	private ConfigurableApplicationContext instance(String id, String host, int port, String leaseTime) {
		return start(SERVICE, host, port,
				List.of("concord.discovery.instance-id=" + id, "concord.discovery.host=127.0.0.1",
						"concord.discovery.port=8081", "concord.discovery.lease-time=" + leaseTime));
	}

	private ConfigurableApplicationContext caller(String host, int port) {
		return start("orders", host, port,
				List.of("concord.discovery.register=false", "concord.loadbalancer.refresh-interval=100ms"));
	}

	private ConfigurableApplicationContext start(String name, String host, int port, List<String> properties) {
		List<String> all = new ArrayList<>(storeAt(host, port));
		all.addAll(properties);
		all.addAll(List.of("spring.application.name=" + name, "concord.namespace=" + this.namespace,
				"concord.store-timeout=1s", "concord.discovery.enabled=true", "concord.discovery.poll-interval=50ms",
				"spring.main.banner-mode=off"));
		ConfigurableApplicationContext context = new SpringApplicationBuilder(this.node).web(WebApplicationType.NONE)
			.properties(all.toArray(String[]::new))
			.registerShutdownHook(false)
			.run();
		this.open.add(context);
		return context;
	}

	/** What applications have on any store. */
	@ImportAutoConfiguration({ LeaseAutoConfiguration.class, DiscoveryAutoConfiguration.class,
			CommonsClientAutoConfiguration.class, CompositeDiscoveryClientAutoConfiguration.class,
			UtilAutoConfiguration.class, LoadBalancerAutoConfiguration.class,
			org.springframework.cloud.client.loadbalancer.LoadBalancerAutoConfiguration.class,
			org.springframework.cloud.loadbalancer.config.LoadBalancerAutoConfiguration.class,
			BlockingLoadBalancerClientAutoConfiguration.class })
	static class Node {

	}

}
