package io.concord.autoconfigure.loadbalancer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.cloud.client.ServiceInstance;

import io.concord.loadbalancer.Balancer;
import io.concord.loadbalancer.BalancerObserver;
import io.concord.loadbalancer.BalancerSettings;
import io.concord.loadbalancer.Candidate;
import io.concord.loadbalancer.RequestKeyResolver;
import io.concord.loadbalancer.RetryBudget;
import io.concord.loadbalancer.Target;

/**
 * What is kept for one service: its balancer, its budget for retries, and which instance
 * is meant by what the framework hands around. Thread-safe: one lock orders changes of
 * instances and weights.
 */
final class ServiceBalancer {

	private static final Logger logger = LoggerFactory.getLogger(ServiceBalancer.class);

	private static final String WEIGHT = "weight";

	private final Balancer<ServiceInstance> balancer;

	private final RetryBudget budget;

	private final LongAdder retries = new LongAdder();

	private final ReentrantLock lock = new ReentrantLock();

	/** Under the lock. */
	private List<ServiceInstance> instances = List.of();

	private volatile Map<String, Target<ServiceInstance>> byAddress = Map.of();

	private final Function<String, @Nullable RequestKeyResolver> beans;

	/** Told under the lock that instances may have changed. */
	private final Consumer<ServiceBalancer> listener;

	private volatile Options options;

	ServiceBalancer(String service, LoadBalancerProperties properties,
			Function<String, @Nullable RequestKeyResolver> beans, BalancerObserver observer,
			Consumer<ServiceBalancer> listener, LongSupplier nanoTime) {
		this.beans = beans;
		this.listener = listener;
		this.balancer = new Balancer<>(service, properties.settings(service), observer, nanoTime,
				ThreadLocalRandom::current);
		this.options = Options.of(service, properties, beans);
		this.budget = new RetryBudget(this.options.budgetRatio(), this.options.budgetPerSecond(), nanoTime);
	}

	String service() {
		return this.balancer.service();
	}

	Balancer<ServiceInstance> balancer() {
		return this.balancer;
	}

	Options options() {
		return this.options;
	}

	/** Counts a call that is made for the first time. */
	void called() {
		this.budget.called();
	}

	boolean tryRetry() {
		boolean allowed = this.budget.tryRetry();
		if (allowed) {
			this.retries.increment();
		}
		return allowed;
	}

	long retries() {
		return this.retries.sum();
	}

	void configure(LoadBalancerProperties properties) {
		Options changed = Options.of(service(), properties, this.beans);
		BalancerSettings settings = properties.settings(service());
		this.lock.lock();
		try {
			this.options = changed;
			this.budget.configure(changed.budgetRatio(), changed.budgetPerSecond());
			this.balancer.configure(settings);
			apply(this.instances);
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Takes a list of a registry; does next to nothing if it is the same. */
	void update(List<ServiceInstance> list) {
		this.lock.lock();
		try {
			if (list == this.instances || (!list.isEmpty() && list.equals(this.instances))) {
				return;
			}
			apply(List.copyOf(list));
		}
		finally {
			this.lock.unlock();
		}
	}

	boolean isEmpty() {
		return this.byAddress.isEmpty();
	}

	/** A list that can't be used is not kept, so that it is tried again. */
	private void apply(List<ServiceInstance> list) {
		List<Candidate<ServiceInstance>> candidates = new ArrayList<>(list.size());
		for (ServiceInstance instance : list) {
			candidates.add(new Candidate<>(idOf(instance), instance, weightOf(instance)));
		}
		this.balancer.update(candidates);
		Map<String, Target<ServiceInstance>> addresses = new HashMap<>();
		this.balancer.targets().forEach((target) -> addresses.put(addressOf(target.value()), target));
		this.byAddress = Map.copyOf(addresses);
		this.instances = list;
		this.listener.accept(this);
	}

	private double weightOf(ServiceInstance instance) {
		Map<String, Double> weights = this.options.weights();
		Double own = weights.get(idOf(instance));
		if (own == null) {
			own = weights.get(addressOf(instance));
		}
		if (own != null) {
			return own;
		}
		Map<String, String> metadata = instance.getMetadata();
		String said = (metadata != null) ? metadata.get(WEIGHT) : null;
		return (said != null) ? parse(said, instance) : 1;
	}

	/** Others write it: a wrong one is no reason to call nobody. */
	private double parse(String said, ServiceInstance instance) {
		try {
			double weight = Double.parseDouble(said);
			if (Candidate.isWeight(weight)) {
				return weight;
			}
		}
		catch (NumberFormatException ex) {
			logger.debug("No number", ex);
		}
		logger.warn("The metadata of '{}' of '{}' say weight '{}', which is none; 1 is used", idOf(instance), service(),
				said);
		return 1;
	}

	/** Which instance is meant, also if the framework has wrapped it. */
	@Nullable Target<ServiceInstance> find(ServiceInstance instance) {
		return this.byAddress.get(addressOf(instance));
	}

	static String idOf(ServiceInstance instance) {
		String id = instance.getInstanceId();
		return (id == null || id.isBlank()) ? addressOf(instance) : id;
	}

	private static String addressOf(ServiceInstance instance) {
		return instance.getHost() + ":" + instance.getPort();
	}

	/**
	 * What is configured beside the settings of the balancer. Immutable.
	 *
	 * @param weights weights by id or address
	 * @param failing statuses of instances that fail
	 * @param retry which calls are tried again
	 * @param budgetRatio share of the calls that may be
	 * @param budgetPerSecond how many more may be
	 * @param cookie name of the cookie that names an instance
	 * @param keys gives the keys of calls
	 */
	record Options(Map<String, Double> weights, Set<Integer> failing, RetryPolicy retry, double budgetRatio,
			int budgetPerSecond, String cookie, RequestKeyResolver keys) {

		Options {
			weights = Map.copyOf(weights);
			failing = Set.copyOf(failing);
		}

		static Options of(String service, LoadBalancerProperties properties,
				Function<String, @Nullable RequestKeyResolver> beans) {
			return new Options(properties.weights(service), properties.getEjection().getStatuses(),
					RetryPolicy.of(properties.getRetry()), properties.getRetry().getBudgetRatio(),
					properties.getRetry().getBudgetPerSecond(), properties.getSticky().getCookie() + "-" + service,
					properties.keys(service, properties.settings(service).algorithm(), beans));
		}

	}

}
