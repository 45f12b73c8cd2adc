package io.concord.autoconfigure.loadbalancer;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.client.discovery.event.HeartbeatEvent;
import org.springframework.cloud.client.loadbalancer.DefaultRequest;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.RequestData;
import org.springframework.cloud.client.loadbalancer.RequestDataContext;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.cloud.loadbalancer.annotation.LoadBalancerClients;
import org.springframework.cloud.loadbalancer.core.RandomLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ReactorLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

import io.concord.autoconfigure.StartupFailure;
import io.concord.loadbalancer.Algorithm;
import io.concord.loadbalancer.BalancerSettings;
import io.concord.loadbalancer.RequestKeyResolver;
import io.concord.loadbalancer.TargetStatus;

import static org.assertj.core.api.Assertions.assertThat;

class LoadBalancerAutoConfigurationTests {

	private static final String[] THREE = { "spring.cloud.discovery.client.simple.instances.stock[0].uri=http://one:81",
			"spring.cloud.discovery.client.simple.instances.stock[0].metadata.weight=5",
			"spring.cloud.discovery.client.simple.instances.stock[0].instance-id=first",
			"spring.cloud.discovery.client.simple.instances.stock[1].uri=http://two:82",
			"spring.cloud.discovery.client.simple.instances.stock[2].uri=http://three:83",
			"spring.cloud.discovery.client.simple.instances.stock[2].metadata.weight=zero" };

	private final ApplicationContextRunner runner = Clients.runner().withPropertyValues(THREE);

	@ParameterizedTest
	@EnumSource
	void eachAlgorithmHasItsNameInYml(Algorithm algorithm) {
		String value = algorithm.name().toLowerCase(Locale.ROOT).replace('_', '-');
		this.runner
			.withPropertyValues("concord.loadbalancer.clients.stock.algorithm=" + value,
					"concord.loadbalancer.hash.key=path")
			.run((context) -> {
				assertThat(choose(context)).isIn("one", "two", "three");
				assertThat(balancer(context).balancer().settings().algorithm()).isEqualTo(algorithm);
				assertThat(context.getBean(ServiceBalancers.class).balancer("other").balancer().settings().algorithm())
					.isEqualTo(Algorithm.ROUND_ROBIN);
			});
	}

	@Test
	void defaultsAreThoseOfTheLibrary() {
		assertThat(new LoadBalancerProperties().settings("stock")).isEqualTo(BalancerSettings.DEFAULT);
	}

	@Test
	void weightsComeFromMetadataAndYml() {
		this.runner
			.withPropertyValues("concord.loadbalancer.algorithm=weighted-round-robin",
					"concord.loadbalancer.clients.stock.weights.first=7")
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new MapPropertySource("by address",
						Map.of("concord.loadbalancer.clients.stock.weights[two:82]", "3"))))
			.run((context) -> {
				choose(context);
				// What is no number counts as 1.
				assertThat(weights(context)).isEqualTo(Map.of("first", 7.0, "two:82", 3.0, "three:83", 1.0));
			});
	}

	@Test
	void weightsAndAlgorithmChangeLive() {
		this.runner.withPropertyValues("concord.loadbalancer.slow-start=0").run((context) -> {
			choose(context);
			change(context, "concord.loadbalancer.clients.stock.weights.first=0",
					"concord.loadbalancer.algorithm=weighted-random");
			assertThat(IntStream.range(0, 50).mapToObj((i) -> choose(context)).toList()).doesNotContain("one");
			assertThat(balancer(context).balancer().settings().algorithm()).isEqualTo(Algorithm.WEIGHTED_RANDOM);
			change(context, "concord.loadbalancer.clients.stock.weights.first=-1");
			assertThat(weights(context)).containsEntry("first", 0.0);
		});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
			concord.loadbalancer.clients.stock.weights.a=-1 | weights.[a]' is '-1.0', but must be between 0
			concord.loadbalancer.clients.stock.weights.a=NaN | weights.[a]' is 'NaN'
			concord.loadbalancer.ejection.max-share=2 | 'concord.loadbalancer.ejection.max-share' is '2.0'
			concord.loadbalancer.ejection.consecutive-failures=0 | consecutive-failures' is '0'
			concord.loadbalancer.slow-start=-1s | 'concord.loadbalancer.slow-start' is '-1s'
			concord.loadbalancer.refresh-interval=0 | refresh-interval' is '0s'
			concord.loadbalancer.retry.max-retries=-1 | max-retries' is '-1'
			concord.loadbalancer.retry.budget-ratio=1.1 | budget-ratio' is '1.1'
			concord.loadbalancer.hash.bound=1 | hash.bound' is '1.0'
			concord.loadbalancer.sticky.cookie=a b | sticky.cookie' is 'a b'
			concord.loadbalancer.algorithm=consistent-hash | 'consistent-hash' needs a key
			concord.loadbalancer.clients.stock.algorithm=consistent-hash | 'consistent-hash' needs a key
			""")
	void badConfigurationFailsAtStart(String property, String message) {
		this.runner.withPropertyValues(property)
			.run((context) -> assertThat(StartupFailure.of(context)).hasMessageContaining(message));
	}

	@ParameterizedTest
	@CsvSource({ "header:", "path:0", "path:x", "bean:nobody", "body" })
	void badKeysFailAtStart(String key) {
		this.runner
			.withPropertyValues("concord.loadbalancer.algorithm=consistent-hash",
					"concord.loadbalancer.hash.key=" + key)
			.run((context) -> assertThat(StartupFailure.of(context))
				.hasMessageContaining("'concord.loadbalancer.hash.key' is '" + key + "'"));
	}

	@Test
	void unknownAlgorithmFailsAtStart() {
		this.runner.withPropertyValues("concord.loadbalancer.algorithm=fastest")
			.run((context) -> assertThat(context).getFailure().rootCause().hasMessageContaining("fastest"));
	}

	@ParameterizedTest
	@CsvSource({ "header:X-Customer", "cookie:customer", "path:2", "bean:customers" })
	void keysComeFromWhereTheyAreSaidToBe(String key) {
		this.runner.withBean("customers", RequestKeyResolver.class, () -> (request) -> request.header("x-customer"))
			.withPropertyValues("concord.loadbalancer.algorithm=consistent-hash",
					"concord.loadbalancer.hash.key=" + key)
			.run((context) -> {
				Set<String> ofOne = Set
					.copyOf(IntStream.range(0, 20).mapToObj((i) -> choose(context, request("7", i))).toList());
				Set<String> ofAll = Set
					.copyOf(IntStream.range(0, 60).mapToObj((i) -> choose(context, request("c" + i, i))).toList());
				assertThat(ofOne).hasSize(1);
				assertThat(ofAll).hasSize(3);
			});
	}

	@Test
	void addressOfTheClientIsThatOfTheRequestInHand() {
		this.runner.withPropertyValues("concord.loadbalancer.algorithm=source-ip-hash").run((context) -> {
			MockHttpServletRequest inHand = new MockHttpServletRequest();
			inHand.setRemoteAddr("10.1.2.3");
			inHand.addHeader("X-Forwarded-For", "6.6.6.6");
			RequestContextHolder.setRequestAttributes(new ServletRequestAttributes(inHand));
			try {
				assertThat(IntStream.range(0, 20).mapToObj((i) -> choose(context, request("c" + i, i))).distinct())
					.hasSize(1);
			}
			finally {
				RequestContextHolder.resetRequestAttributes();
			}
			assertThat(IntStream.range(0, 20).mapToObj((i) -> choose(context, request("c" + i, i))).distinct())
				.hasSize(3);
		});
	}

	@Test
	void lastListStaysWhenTheRegistryFails() {
		Registry registry = new Registry();
		this.runner.withBean(DiscoveryClient.class, () -> registry).run((context) -> {
			registry.answer = () -> List.of(instance("one"), instance("two"));
			assertThat(choose(context)).isIn("one", "two");
			registry.answer = () -> {
				throw new IllegalStateException("away");
			};
			look(context, registry);
			assertThat(choose(context)).isIn("one", "two");
			assertThat(context.getBean(ServiceBalancers.class).failingFor("stock")).isNotNull();
			registry.answer = () -> List.of(instance("three"));
			look(context, registry);
			assertThat(choose(context)).isEqualTo("three");
			assertThat(context.getBean(ServiceBalancers.class).failingFor("stock")).isNull();
		});
	}

	@Test
	void listThatCannotBeUsedIsNoAnswer() {
		Registry registry = new Registry();
		List<ServiceInstance> broken = List.of(new DefaultServiceInstance("broken", "stock", "two", 80, false) {

			@Override
			public Map<String, String> getMetadata() {
				throw new IllegalStateException("no metadata");
			}

		});
		this.runner.withBean(DiscoveryClient.class, () -> registry).run((context) -> {
			registry.answer = () -> List.of(instance("one"));
			assertThat(choose(context)).isEqualTo("one");
			registry.answer = () -> broken;
			look(context, registry);
			look(context, registry);
			assertThat(context.getBean(ServiceBalancers.class).failingFor("stock")).isNotNull();
			assertThat(choose(context)).isEqualTo("one");
		});
	}

	@Test
	void changesArePushed() {
		Registry registry = new Registry();
		this.runner.withBean(DiscoveryClient.class, () -> registry)
			.withPropertyValues("concord.loadbalancer.refresh-interval=1h")
			.run((context) -> {
				registry.answer = () -> List.of(instance("one"));
				assertThat(choose(context)).isEqualTo("one");
				registry.answer = () -> List.of(instance("two"));
				look(context, registry);
				assertThat(choose(context)).isEqualTo("two");
			});
	}

	@Test
	void registryThatHangsHoldsUpTheFirstCallOnly() {
		Registry registry = new Registry();
		CountDownLatch goOn = new CountDownLatch(1);
		registry.answer = () -> {
			try {
				goOn.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			return List.of(instance("one"));
		};
		this.runner.withBean(DiscoveryClient.class, () -> registry)
			.withPropertyValues("concord.loadbalancer.first-list-timeout=50ms")
			.run((context) -> {
				assertThat(choose(context)).isNull();
				goOn.countDown();
				context.getBean(ServiceBalancers.class).watch("stock").first().get(10, TimeUnit.SECONDS);
				assertThat(choose(context)).isEqualTo("one");
			});
	}

	@Test
	void duplicatesAndManyAreNoProblem() {
		Registry registry = new Registry();
		List<ServiceInstance> many = new ArrayList<>();
		for (int i = 0; i < 10_000; i++) {
			many.add(instance("host" + i));
		}
		many.add(instance("host0"));
		registry.answer = () -> many;
		this.runner.withBean(DiscoveryClient.class, () -> registry).run((context) -> {
			assertThat(choose(context)).startsWith("host");
			assertThat(balancer(context).balancer().targets()).hasSize(10_000);
		});
	}

	@Test
	void instanceWithABlankIdDoesNotHideTheOthers() {
		Registry registry = new Registry();
		registry.answer = () -> List.of(instance("one"), new DefaultServiceInstance(" ", "stock", "two", 80, false));
		this.runner.withBean(DiscoveryClient.class, () -> registry).run((context) -> {
			choose(context);
			assertThat(weights(context)).containsOnlyKeys(ServiceBalancer.idOf(instance("one")), "two:80");
		});
	}

	@Test
	void backsOffFromLoadBalancersOfTheApplication() {
		this.runner.withUserConfiguration(OwnForOne.class).run((context) -> {
			assertThat(loadBalancer(context, "stock")).isInstanceOf(RandomLoadBalancer.class);
			assertThat(loadBalancer(context, "other")).isInstanceOf(InstanceLoadBalancer.class);
		});
		this.runner.withUserConfiguration(OwnForAll.class)
			.run((context) -> assertThat(loadBalancer(context, "other")).isInstanceOf(RandomLoadBalancer.class));
	}

	@ParameterizedTest
	@CsvSource({ "zone-preference", "same-instance-preference", "weighted", "subset" })
	void worksOnSpecialListsOfTheFramework(String configurations) {
		this.runner.withPropertyValues("spring.cloud.loadbalancer.configurations=" + configurations)
			.run((context) -> assertThat(choose(context)).isIn("one", "two", "three"));
	}

	@Test
	void listThatNobodyKnowsGivesNoInstance() {
		this.runner.withPropertyValues("spring.cloud.loadbalancer.configurations=fastest")
			.run((context) -> assertThat(choose(context)).isNull());
	}

	@Test
	void worksOnListsOfTheApplication() {
		this.runner.withUserConfiguration(OwnList.class).run((context) -> assertThat(choose(context)).isEqualTo("own"));
	}

	@Test
	void canBeSwitchedOff() {
		this.runner.withPropertyValues("concord.loadbalancer.enabled=false").run((context) -> {
			assertThat(context).doesNotHaveBean(ServiceBalancers.class);
			assertThat(choose(context)).isIn("one", "two", "three");
		});
	}

	@Test
	void backsOffWithoutTheLibrary() {
		this.runner.withClassLoader(new FilteredClassLoader("io.concord.loadbalancer"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ServiceBalancers.class));
	}

	private static @Nullable String choose(ApplicationContext context) {
		ServiceInstance instance = context.getBean(LoadBalancerClient.class).choose("stock");
		return (instance != null) ? instance.getHost() : null;
	}

	private static String choose(ApplicationContext context, Request<?> request) {
		return Objects.requireNonNull(context.getBean(LoadBalancerClient.class).choose("stock", request)).getHost();
	}

	private static Request<RequestDataContext> request(String customer, int number) {
		HttpHeaders headers = new HttpHeaders();
		headers.add("X-Customer", customer);
		headers.add("Cookie", "number=" + number + "; customer=" + customer);
		return new DefaultRequest<>(new RequestDataContext(
				new RequestData(HttpMethod.GET, URI.create("http://stock/customers/" + customer + "/orders/" + number),
						headers, new LinkedMultiValueMap<>(), Map.of())));
	}

	private static ServiceBalancer balancer(ApplicationContext context) {
		return context.getBean(ServiceBalancers.class).balancer("stock");
	}

	private static Map<String, Double> weights(ApplicationContext context) {
		return balancer(context).balancer()
			.status()
			.stream()
			.collect(Collectors.toMap(TargetStatus::id, TargetStatus::weight));
	}

	private static Object loadBalancer(ApplicationContext context, String service) {
		return context.getBean(LoadBalancerClientFactory.class).getInstance(service);
	}

	private static void change(ConfigurableApplicationContext context, String... properties) {
		TestPropertyValues.of(properties).applyTo(context);
		context.publishEvent(new EnvironmentChangeEvent(context, Set.of()));
	}

	/** Has the registry asked because it tells of a change, and waits until it was. */
	private static void look(AssertableApplicationContext context, Registry registry) throws InterruptedException {
		CountDownLatch asked = new CountDownLatch(2);
		registry.asked = asked;
		context.publishEvent(new HeartbeatEvent(registry, 1));
		// The second look begins when what came of the first one has been taken.
		while (!asked.await(5, TimeUnit.MILLISECONDS)) {
			context.publishEvent(new HeartbeatEvent(registry, 2));
		}
	}

	private static ServiceInstance instance(String host) {
		return new DefaultServiceInstance(null, "stock", host, 80, false);
	}

	/** Says what it is told to. */
	private static final class Registry implements DiscoveryClient {

		private volatile Supplier<List<ServiceInstance>> answer = List::of;

		private volatile CountDownLatch asked = new CountDownLatch(0);

		@Override
		public String description() {
			return "test";
		}

		@Override
		public List<ServiceInstance> getInstances(String serviceId) {
			this.asked.countDown();
			return this.answer.get();
		}

		@Override
		public List<String> getServices() {
			return List.of();
		}

		@Override
		public int getOrder() {
			return -1;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@org.springframework.cloud.loadbalancer.annotation.LoadBalancerClient(name = "stock",
			configuration = OwnLoadBalancer.class)
	static class OwnForOne {

	}

	@Configuration(proxyBeanMethods = false)
	@LoadBalancerClients(defaultConfiguration = OwnLoadBalancer.class)
	static class OwnForAll {

	}

	static class OwnLoadBalancer {

		@Bean
		ReactorLoadBalancer<ServiceInstance> ownLoadBalancer(Environment environment,
				LoadBalancerClientFactory factory) {
			String name = LoadBalancerClientFactory.getName(environment);
			return new RandomLoadBalancer(factory.getLazyProvider(name, ServiceInstanceListSupplier.class), name);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@org.springframework.cloud.loadbalancer.annotation.LoadBalancerClient(name = "stock",
			configuration = OwnList.Supplying.class)
	static class OwnList {

		static class Supplying {

			@Bean
			ServiceInstanceListSupplier ownSupplier() {
				return new ServiceInstanceListSupplier() {

					@Override
					public String getServiceId() {
						return "stock";
					}

					@Override
					public Flux<List<ServiceInstance>> get() {
						return Mono.just(List.of(instance("own"))).flux();
					}

				};
			}

		}

	}

}
