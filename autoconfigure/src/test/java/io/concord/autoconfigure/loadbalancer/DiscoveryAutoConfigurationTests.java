package io.concord.autoconfigure.loadbalancer;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.context.ConfigurableApplicationContext;

import io.concord.autoconfigure.StartupFailure;
import io.concord.autoconfigure.lease.LeaseAutoConfiguration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

class DiscoveryAutoConfigurationTests {

	private final ApplicationContextRunner runner = Clients.runner()
		.withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class, DiscoveryAutoConfiguration.class))
		.withPropertyValues("spring.application.name=stock", "concord.backend=local", "concord.discovery.enabled=true",
				"concord.discovery.port=8081", "concord.discovery.host=127.0.0.1",
				"concord.discovery.poll-interval=10ms", "concord.loadbalancer.refresh-interval=1h",
				"concord.discovery.metadata.weight=4");

	@Test
	void isOffByDefault() {
		this.runner.withPropertyValues("concord.discovery.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(LeaseDiscovery.class));
	}

	@Test
	void instanceThatIsReadyIsFoundAndCallersAreTold() {
		this.runner.run((context) -> {
			LoadBalancerClient client = context.getBean(LoadBalancerClient.class);
			assertThat(client.choose("stock")).isNull();
			becomeReady(context);
			ServiceInstance chosen;
			do {
				Thread.onSpinWait();
				chosen = client.choose("stock");
			}
			while (chosen == null);
			assertThat(chosen.getInstanceId()).isEqualTo("127.0.0.1:8081");
			assertThat(chosen.getMetadata()).isEqualTo(Map.of("weight", "4"));
			assertThat(context.getBean(ServiceBalancers.class).balancer("stock").balancer().targets().get(0).weight())
				.isEqualTo(4);
			List<DiscoveryClient> clients = List.copyOf(context.getBeansOfType(DiscoveryClient.class).values());
			assertThat(clients).hasAtLeastOneElementOfType(LeaseDiscovery.class);
			assertThat(context.getBean(LeaseDiscovery.class).getServices()).containsExactly("stock");
		});
	}

	@Test
	void registersAgainWhenItWasStoppedAndStarted() {
		this.runner.run((context) -> {
			becomeReady(context);
			LeaseDiscovery discovery = context.getBean(LeaseDiscovery.class);
			awaitInstance(discovery);
			context.getSourceApplicationContext().stop();
			context.getSourceApplicationContext().start();
			awaitInstance(discovery);
		});
	}

	@Test
	void processesWithoutWebServerDoNotRegister() {
		this.runner.withPropertyValues("concord.discovery.port=").run((context) -> {
			becomeReady(context);
			assertThat(context.getBean(LeaseDiscovery.class).getInstances("stock")).isEmpty();
		});
	}

	@Test
	void badConfigurationFailsAtStart() {
		this.runner.withPropertyValues("concord.discovery.lease-time=1ms")
			.run((context) -> assertThat(StartupFailure.of(context))
				.hasMessageContaining("'concord.discovery.lease-time' is '1ms'"));
		this.runner.withPropertyValues("concord.discovery.poll-interval=0")
			.run((context) -> assertThat(StartupFailure.of(context)).hasMessageContaining("poll-interval"));
		this.runner.withPropertyValues("concord.discovery.metadata.long=" + "x".repeat(300)).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThatException().isThrownBy(() -> becomeReady(context)).withMessageContaining("too long");
		});
	}

	private static void awaitInstance(LeaseDiscovery discovery) {
		while (discovery.getInstances("stock").isEmpty()) {
			Thread.onSpinWait();
		}
	}

	private static void becomeReady(AssertableApplicationContext context) {
		ConfigurableApplicationContext source = context.getSourceApplicationContext();
		source.publishEvent(new ApplicationReadyEvent(new SpringApplication(), new String[0], source, Duration.ZERO));
	}

}
