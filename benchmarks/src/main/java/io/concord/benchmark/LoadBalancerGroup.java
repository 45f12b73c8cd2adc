package io.concord.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import reactor.core.publisher.Mono;

import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.client.loadbalancer.DefaultRequest;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.reactive.ReactiveLoadBalancer;
import org.springframework.cloud.loadbalancer.annotation.LoadBalancerClient;
import org.springframework.cloud.loadbalancer.config.LoadBalancerAutoConfiguration;
import org.springframework.cloud.loadbalancer.config.LoadBalancerCacheAutoConfiguration;
import org.springframework.cloud.loadbalancer.core.RandomLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ReactorLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

import io.concord.loadbalancer.Algorithm;
import io.concord.loadbalancer.Balancer;
import io.concord.loadbalancer.BalancerSettings;
import io.concord.loadbalancer.Candidate;
import io.concord.loadbalancer.HashSettings;
import io.concord.loadbalancer.Selection;

/**
 * What a choice costs, alone and through the whole framework, beside the choices of
 * Spring Cloud LoadBalancer.
 */
final class LoadBalancerGroup implements BenchmarkGroup {

	private static final List<Integer> SIZES = List.of(10, 200, 1000);

	private static final Selection KEYED = new Selection("customer-4711", Set.of());

	private static final int BATCH = 64;

	private static final int WARM_UPS = 3;

	/** Until what is called this often has been compiled by the second compiler. */
	private static final long WARM_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

	/** Those that look at each instance. */
	private static final Set<String> SCANS = Set.of("LEAST_CONNECTIONS", "WEIGHTED_LEAST_CONNECTIONS",
			"CONSISTENT_HASH RENDEZVOUS");

	private static final String FRAMEWORK = "Concord, framework: ";

	private static final String SPRING = "Spring Cloud, framework: ";

	private static final String ROUND_ROBIN = "round-robin";

	private static final String WEIGHTED = "weighted";

	/** What was chosen, so that choosing can't be left out. */
	private static volatile int seen;

	@Override
	public String name() {
		return "loadbalancer";
	}

	@Override
	public Report run(BenchmarkRun run) {
		Map<Integer, Rates<String>> nanos = new TreeMap<>();
		List<String> names = new ArrayList<>();
		for (int size : SIZES) {
			Rates<String> rates = new Rates<>();
			nanos.put(size, rates);
			List<ConfigurableApplicationContext> contexts = new ArrayList<>();
			try {
				Map<String, Runnable> contenders = contenders(size, contexts);
				names = List.copyOf(contenders.keySet());
				measure(run, contenders, rates);
			}
			finally {
				contexts.forEach(ConfigurableApplicationContext::close);
			}
			BenchmarkRun.say("loadbalancer: %d instances are done", size);
		}
		Table table = new Table("A choice, one thread, in ns (thousand millionths of a second)",
				List.of("instances", "10", "200", "1,000"));
		for (String name : names) {
			List<String> row = new ArrayList<>(List.of(name));
			nanos.values().forEach((rates) -> row.add(rates.cell(name)));
			table.add(row);
		}
		return new Report(List.of(table), gates(names, nanos));
	}

	private static void measure(BenchmarkRun run, Map<String, Runnable> contenders, Rates<String> rates) {
		contenders.values().forEach((contender) -> {
			for (int i = 0; i < WARM_UPS; i++) {
				nanosEach(contender, WARM_UP_NANOS);
			}
		});
		List<String> all = List.copyOf(contenders.keySet());
		for (int round = 0; round < run.rounds(); round++) {
			for (String name : BenchmarkRun.order(all, round)) {
				rates.add(name, nanosEach(Objects.requireNonNull(contenders.get(name)), run.nanos()));
			}
		}
	}

	private static double nanosEach(Runnable choice, long atLeast) {
		long begin = System.nanoTime();
		long choices = 0;
		long took;
		do {
			for (int i = 0; i < BATCH; i++) {
				choice.run();
			}
			choices += BATCH;
			took = System.nanoTime() - begin;
		}
		while (took < atLeast);
		return (double) took / choices;
	}

	private static Map<String, Runnable> contenders(int size, List<ConfigurableApplicationContext> contexts) {
		Map<String, Runnable> contenders = new LinkedHashMap<>();
		for (Algorithm algorithm : Algorithm.values()) {
			if (algorithm == Algorithm.CONSISTENT_HASH) {
				for (HashSettings.Table table : HashSettings.Table.values()) {
					contenders.put(algorithm + " " + table, alone(size,
							BalancerSettings.DEFAULT.withAlgorithm(algorithm).withHash(new HashSettings(table, 0))));
				}
			}
			else if (algorithm != Algorithm.SOURCE_IP_HASH) {
				contenders.put(algorithm.name(), alone(size, BalancerSettings.DEFAULT.withAlgorithm(algorithm)));
			}
		}
		contenders.put(FRAMEWORK + ROUND_ROBIN,
				framework(size, contexts, "concord.loadbalancer.algorithm=round-robin"));
		contenders.put(FRAMEWORK + WEIGHTED,
				framework(size, contexts, "concord.loadbalancer.algorithm=weighted-round-robin"));
		contenders.put(SPRING + ROUND_ROBIN, framework(size, contexts, "concord.loadbalancer.enabled=false"));
		contenders.put(SPRING + "random",
				framework(size, contexts, "concord.loadbalancer.enabled=false", "benchmark.random=true"));
		contenders.put(SPRING + WEIGHTED, framework(size, contexts, "concord.loadbalancer.enabled=false",
				"spring.cloud.loadbalancer.configurations=weighted"));
		return contenders;
	}

	private static Runnable alone(int size, BalancerSettings settings) {
		Balancer<Integer> balancer = new Balancer<>("service", settings);
		List<Candidate<Integer>> candidates = new ArrayList<>();
		for (int i = 0; i < size; i++) {
			candidates.add(new Candidate<>("instance-" + i, i, 1 + i % 5));
		}
		balancer.update(candidates);
		return () -> seen = Objects.requireNonNull(balancer.choose(KEYED)).value();
	}

	private static Runnable framework(int size, List<ConfigurableApplicationContext> contexts, String... properties) {
		ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.properties(properties)
			.properties("benchmark.instances=" + size, "logging.level.root=warn")
			.run();
		contexts.add(context);
		LoadBalancerClientFactory factory = context.getBean(LoadBalancerClientFactory.class);
		ReactiveLoadBalancer<ServiceInstance> balancer = factory.getInstance("service");
		Request<?> request = new DefaultRequest<>();
		return () -> seen = Objects
			.requireNonNull(Objects.requireNonNull(Mono.from(balancer.choose(request)).block()).getServer())
			.getPort();
	}

	private static List<Gate> gates(List<String> names, Map<Integer, Rates<String>> nanos) {
		List<Gate> gates = new ArrayList<>();
		nanos.forEach((size, rates) -> {
			String when = ", " + size + " instances";
			names.stream().filter((name) -> !name.contains("framework")).forEach((name) -> {
				double allowed = SCANS.contains(name) ? 15.0 * size : 100;
				gates.add(new Gate(
						name + ", " + String.format(Locale.ROOT, "%.0f", allowed) + " ns against what it takes" + when,
						allowed / rates.of(name).median(), 1));
			});
			gates.add(new Gate("round robin through the framework against Spring Cloud's" + when,
					rates.ratio(SPRING + ROUND_ROBIN, FRAMEWORK + ROUND_ROBIN), 1));
		});
		gates.add(new Gate("weighted through the framework against Spring Cloud's, 1,000 instances",
				Objects.requireNonNull(nanos.get(1000)).ratio(SPRING + WEIGHTED, FRAMEWORK + WEIGHTED), 100));
		return gates;
	}

	/** Knows one service. */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ LoadBalancerAutoConfiguration.class, LoadBalancerCacheAutoConfiguration.class,
			io.concord.autoconfigure.loadbalancer.LoadBalancerAutoConfiguration.class })
	@LoadBalancerClient(name = "service", configuration = RandomIfWanted.class)
	static class Application {

		@Bean
		DiscoveryClient instances(Environment environment) {
			List<ServiceInstance> instances = new ArrayList<>();
			int size = environment.getRequiredProperty("benchmark.instances", Integer.class);
			for (int i = 0; i < size; i++) {
				instances.add(new DefaultServiceInstance("instance-" + i, "service", "localhost", 1 + i, false,
						Map.of("weight", String.valueOf(1 + i % 5))));
			}
			return new DiscoveryClient() {

				@Override
				public String description() {
					return "benchmark";
				}

				@Override
				public List<ServiceInstance> getInstances(String serviceId) {
					return instances;
				}

				@Override
				public List<String> getServices() {
					return List.of("service");
				}

			};
		}

	}

	static class RandomIfWanted {

		@Bean
		@ConditionalOnBooleanProperty("benchmark.random")
		ReactorLoadBalancer<ServiceInstance> random(Environment environment, LoadBalancerClientFactory factory) {
			String name = LoadBalancerClientFactory.getName(environment);
			return new RandomLoadBalancer(factory.getLazyProvider(name, ServiceInstanceListSupplier.class), name);
		}

	}

}
