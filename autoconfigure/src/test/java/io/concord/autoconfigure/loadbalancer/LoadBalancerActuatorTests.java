package io.concord.autoconfigure.loadbalancer;

import java.util.List;
import java.util.Objects;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.context.ApplicationContext;

import io.concord.autoconfigure.actuate.EndpointFeature;
import io.concord.loadbalancer.Target;

import static org.assertj.core.api.Assertions.assertThat;

class LoadBalancerActuatorTests {

	private final ApplicationContextRunner runner = Clients.runner()
		.withConfiguration(AutoConfigurations.of(LoadBalancerEndpointAutoConfiguration.class,
				LoadBalancerHealthAutoConfiguration.class, LoadBalancerMetricsAutoConfiguration.class))
		.withBean(MeterRegistry.class, SimpleMeterRegistry::new)
		.withPropertyValues("spring.cloud.discovery.client.simple.instances.stock[0].uri=http://one:81",
				"spring.cloud.discovery.client.simple.instances.stock[0].instance-id=one",
				"spring.cloud.discovery.client.simple.instances.stock[1].uri=http://two:82",
				"spring.cloud.discovery.client.simple.instances.stock[1].instance-id=two");

	@Test
	void endpointShowsInstances() {
		this.runner.run((context) -> {
			ejectOne(context);
			EndpointFeature feature = context.getBean(EndpointFeature.class);
			assertThat(feature.selector()).isEqualTo("loadbalancer");
			LoadBalancerEndpointFeature.Here here = (LoadBalancerEndpointFeature.Here) feature.here(false);
			LoadBalancerEndpointFeature.Service stock = Objects.requireNonNull(here.services().get("stock"));
			assertThat(stock.algorithm()).isEqualTo("ROUND_ROBIN");
			assertThat(stock.registryFailsSince()).isNull();
			assertThat(stock.instances()).extracting(LoadBalancerEndpointFeature.Instance::id)
				.containsExactly("one", "two");
			LoadBalancerEndpointFeature.Instance ejected = stock.instances().get(0);
			assertThat(ejected.ejectedUntil()).isNotNull();
			assertThat(ejected.failures()).isEqualTo(2);
			assertThat(ejected.share()).isZero();
			assertThat(stock.instances().get(1).share()).isOne();
			assertThat(feature.anywhere("stock")).isInstanceOf(LoadBalancerEndpointFeature.Service.class);
			assertThat(feature.anywhere("nobody")).isNull();
			assertThat(feature.release("stock")).isNull();
		});
	}

	@Test
	void healthTellsOfServicesWithoutInstances() {
		this.runner.run((context) -> {
			HealthIndicator indicator = context.getBean(HealthIndicator.class);
			ejectOne(context);
			Health up = Objects.requireNonNull(indicator.health());
			assertThat(up.getStatus()).isEqualTo(Status.UP);
			assertThat(up.getDetails().get("stock")).hasToString("{instances=2, ejected=1}");
			assertThat(context.getBean(LoadBalancerClient.class).choose("nobody")).isNull();
			assertThat(Objects.requireNonNull(indicator.health()).getStatus()).isEqualTo(Status.DOWN);
		});
	}

	@Test
	void metersComeAndGoWithInstances() {
		this.runner.run((context) -> {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			ejectOne(context);
			assertThat(registry.get("concord.loadbalancer.ejected")
				.tags("service", "stock", "instance", "one")
				.gauge()
				.value()).isOne();
			assertThat(registry.get("concord.loadbalancer.failures").tag("instance", "one").functionCounter().count())
				.isEqualTo(2);
			assertThat(registry.get("concord.loadbalancer.picks").tag("instance", "two").functionCounter().count()
					+ registry.get("concord.loadbalancer.picks").tag("instance", "one").functionCounter().count())
				.isOne();
			assertThat(
					registry.get("concord.loadbalancer.ejections").tag("reason", "connect-failures").counter().count())
				.isOne();
			context.getBean(ServiceBalancers.class)
				.balancer("stock")
				.update(List.of(new DefaultServiceInstance("three", "stock", "three", 83, false)));
			assertThat(registry.find("concord.loadbalancer.in.flight").tag("instance", "one").gauge()).isNull();
			assertThat(registry.get("concord.loadbalancer.in.flight").tag("instance", "three").gauge().value())
				.isZero();
		});
	}

	private static void ejectOne(ApplicationContext context) {
		context.getBean(LoadBalancerClient.class).choose("stock");
		ServiceBalancer service = context.getBean(ServiceBalancers.class).balancer("stock");
		Target<ServiceInstance> one = service.balancer().targets().get(0);
		service.balancer().begin(one).failed(true);
		service.balancer().begin(one).failed(true);
	}

}
