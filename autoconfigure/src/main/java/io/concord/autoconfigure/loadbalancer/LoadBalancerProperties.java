package io.concord.autoconfigure.loadbalancer;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.loadbalancer.Algorithm;
import io.concord.loadbalancer.BalancerSettings;
import io.concord.loadbalancer.Candidate;
import io.concord.loadbalancer.EjectionSettings;
import io.concord.loadbalancer.HashSettings;
import io.concord.loadbalancer.InvalidBalancerException;
import io.concord.loadbalancer.RequestKeyResolver;

/**
 * Configuration properties of load balancing.
 */
@ConfigurationProperties(LoadBalancerProperties.PREFIX)
public class LoadBalancerProperties {

	static final String PREFIX = "concord.loadbalancer";

	/**
	 * Whether calls through Spring Cloud LoadBalancer are distributed as described here.
	 */
	private boolean enabled = true;

	/**
	 * How the instance for a call is chosen.
	 */
	private Algorithm algorithm = Algorithm.ROUND_ROBIN;

	/**
	 * Time between two looks at the registry. Changes that a registry tells of are seen
	 * at once.
	 */
	private Duration refreshInterval = Duration.ofSeconds(5);

	/**
	 * Time that the first call of a service waits for the registry.
	 */
	private Duration firstListTimeout = Duration.ofSeconds(5);

	/**
	 * Time that an instance that is new or comes back takes to get its whole share, or 0
	 * for none.
	 */
	private Duration slowStart = Duration.ofSeconds(10);

	/**
	 * Time after which an answer counts for a third in 'peak-ewma'.
	 */
	private Duration ewmaDecay = Duration.ofSeconds(10);

	/**
	 * Time after which a call no longer counts as in flight whose answer nobody reads or
	 * closes.
	 */
	private Duration longestCall = Duration.ofMinutes(10);

	private final Ejection ejection = new Ejection();

	private final Retry retry = new Retry();

	private final Sticky sticky = new Sticky();

	private final Hash hash = new Hash();

	/**
	 * What is different for single services, by service id.
	 */
	private Map<String, Client> clients = new LinkedHashMap<>();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public Algorithm getAlgorithm() {
		return this.algorithm;
	}

	public void setAlgorithm(Algorithm algorithm) {
		this.algorithm = algorithm;
	}

	public Duration getRefreshInterval() {
		return this.refreshInterval;
	}

	public void setRefreshInterval(Duration refreshInterval) {
		this.refreshInterval = refreshInterval;
	}

	public Duration getFirstListTimeout() {
		return this.firstListTimeout;
	}

	public void setFirstListTimeout(Duration firstListTimeout) {
		this.firstListTimeout = firstListTimeout;
	}

	public Duration getSlowStart() {
		return this.slowStart;
	}

	public void setSlowStart(Duration slowStart) {
		this.slowStart = slowStart;
	}

	public Duration getEwmaDecay() {
		return this.ewmaDecay;
	}

	public void setEwmaDecay(Duration ewmaDecay) {
		this.ewmaDecay = ewmaDecay;
	}

	public Duration getLongestCall() {
		return this.longestCall;
	}

	public void setLongestCall(Duration longestCall) {
		this.longestCall = longestCall;
	}

	public Ejection getEjection() {
		return this.ejection;
	}

	public Retry getRetry() {
		return this.retry;
	}

	public Sticky getSticky() {
		return this.sticky;
	}

	public Hash getHash() {
		return this.hash;
	}

	public Map<String, Client> getClients() {
		return this.clients;
	}

	public void setClients(Map<String, Client> clients) {
		this.clients = clients;
	}

	/**
	 * Checks everything that no single service is needed for.
	 * @param beans finds resolvers of keys
	 * @throws InvalidConcordConfigurationException if it can't be
	 */
	void check(Function<String, @Nullable RequestKeyResolver> beans) {
		positive(PREFIX + ".refresh-interval", this.refreshInterval);
		positive(PREFIX + ".first-list-timeout", this.firstListTimeout);
		this.retry.check();
		this.sticky.check();
		keys("", settings("").algorithm(), beans);
		this.clients.forEach((service, client) -> {
			keys(service, settings(service).algorithm(), beans);
			client.getWeights().forEach((instance, weight) -> checkWeight(service, instance, weight));
		});
	}

	private static void checkWeight(String service, String instance, Double weight) {
		if (!Candidate.isWeight(weight)) {
			throw InvalidConcordConfigurationException.ofProperty(
					PREFIX + ".clients." + service + ".weights.[" + instance + "]", weight,
					"but must be between 0 and 1000000.", "Set it to a share such as 1, or to 0 for no new calls.");
		}
	}

	private static void positive(String property, Duration value) {
		if (value.toMillis() < 1) {
			throw InvalidConcordConfigurationException.ofProperty(property, value, "but must be at least 1ms.",
					"Set it to a longer time, such as '5s'.");
		}
	}

	/** How a service is balanced; those without a word of their own like all. */
	BalancerSettings settings(String service) {
		Client client = this.clients.get(service);
		Algorithm own = (client != null) ? client.getAlgorithm() : null;
		try {
			return new BalancerSettings((own != null) ? own : this.algorithm, this.ejection.settings(), this.slowStart,
					this.ewmaDecay, this.hash.settings(), this.longestCall);
		}
		catch (InvalidBalancerException ex) {
			throw InvalidConcordConfigurationException.ofProperty(PREFIX + "." + ex.getSetting(), ex.getValue(),
					ex.getProblem() + ".", ex.getFix());
		}
	}

	RequestKeyResolver keys(String service, Algorithm chosen, Function<String, @Nullable RequestKeyResolver> beans) {
		Client client = this.clients.get(service);
		String own = (client != null) ? client.getHashKey() : null;
		String property = (own != null) ? PREFIX + ".clients." + service + ".hash-key" : PREFIX + ".hash.key";
		return RequestKeys.of(property, (own != null) ? own : this.hash.getKey(), chosen, beans);
	}

	Map<String, Double> weights(String service) {
		Client client = this.clients.get(service);
		return (client != null) ? client.getWeights() : Map.of();
	}

	/**
	 * When instances that fail get no calls.
	 */
	public static class Ejection {

		/**
		 * Whether instances that fail get no calls for a while.
		 */
		private boolean enabled = true;

		/**
		 * Failures to connect in a row that eject an instance.
		 */
		private int connectFailures = 2;

		/**
		 * Failures in a row that eject an instance.
		 */
		private int consecutiveFailures = 5;

		/**
		 * Share of failures over the last ten seconds that ejects an instance.
		 */
		private double failureRate = 0.5;

		/**
		 * Number of calls over the last ten seconds from which on the share counts.
		 */
		private int minCalls = 20;

		/**
		 * Time that an instance gets no calls at first. Twice as long each time it fails
		 * at once when it comes back.
		 */
		private Duration time = Duration.ofSeconds(5);

		/**
		 * Time that an instance gets no calls at most.
		 */
		private Duration maxTime = Duration.ofMinutes(5);

		/**
		 * Share of the instances of a service that can be ejected at the same time. One
		 * always can if there are others, all never.
		 */
		private double maxShare = 0.5;

		/**
		 * Time after which a call that is given up without an answer counts as failed, if
		 * the instance has answered nobody else since it began.
		 */
		private Duration cancelledAfter = Duration.ofMillis(500);

		/**
		 * Statuses of answers that count as failures of the instance.
		 */
		private Set<Integer> statuses = new LinkedHashSet<>(Set.of(500, 502, 503, 504));

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public int getConnectFailures() {
			return this.connectFailures;
		}

		public void setConnectFailures(int connectFailures) {
			this.connectFailures = connectFailures;
		}

		public int getConsecutiveFailures() {
			return this.consecutiveFailures;
		}

		public void setConsecutiveFailures(int consecutiveFailures) {
			this.consecutiveFailures = consecutiveFailures;
		}

		public double getFailureRate() {
			return this.failureRate;
		}

		public void setFailureRate(double failureRate) {
			this.failureRate = failureRate;
		}

		public int getMinCalls() {
			return this.minCalls;
		}

		public void setMinCalls(int minCalls) {
			this.minCalls = minCalls;
		}

		public Duration getTime() {
			return this.time;
		}

		public void setTime(Duration time) {
			this.time = time;
		}

		public Duration getMaxTime() {
			return this.maxTime;
		}

		public void setMaxTime(Duration maxTime) {
			this.maxTime = maxTime;
		}

		public double getMaxShare() {
			return this.maxShare;
		}

		public void setMaxShare(double maxShare) {
			this.maxShare = maxShare;
		}

		public Duration getCancelledAfter() {
			return this.cancelledAfter;
		}

		public void setCancelledAfter(Duration cancelledAfter) {
			this.cancelledAfter = cancelledAfter;
		}

		public Set<Integer> getStatuses() {
			return this.statuses;
		}

		public void setStatuses(Set<Integer> statuses) {
			this.statuses = statuses;
		}

		EjectionSettings settings() {
			return new EjectionSettings(this.enabled, this.connectFailures, this.consecutiveFailures, this.failureRate,
					this.minCalls, this.time, this.maxTime, this.maxShare, this.cancelledAfter);
		}

	}

	/**
	 * When a call is tried again on another instance.
	 */
	public static class Retry {

		/**
		 * Whether failed calls are tried again on another instance. Those that could not
		 * connect always, others if their method allows it.
		 */
		private boolean enabled = true;

		/**
		 * Number of other instances that are tried at most.
		 */
		private int maxRetries = 1;

		/**
		 * Methods of calls that are tried again though the instance may have got them.
		 */
		private Set<String> methods = new LinkedHashSet<>(Set.of("GET", "HEAD", "OPTIONS"));

		/**
		 * Statuses of answers after which another instance is tried.
		 */
		private Set<Integer> statuses = new LinkedHashSet<>(Set.of(502, 503, 504));

		/**
		 * Share of the calls of the last ten seconds that may be tried again.
		 */
		private double budgetRatio = 0.2;

		/**
		 * Number of calls a second that may be tried again beside that share.
		 */
		private int budgetPerSecond = 10;

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public int getMaxRetries() {
			return this.maxRetries;
		}

		public void setMaxRetries(int maxRetries) {
			this.maxRetries = maxRetries;
		}

		public Set<String> getMethods() {
			return this.methods;
		}

		public void setMethods(Set<String> methods) {
			this.methods = methods;
		}

		public Set<Integer> getStatuses() {
			return this.statuses;
		}

		public void setStatuses(Set<Integer> statuses) {
			this.statuses = statuses;
		}

		public double getBudgetRatio() {
			return this.budgetRatio;
		}

		public void setBudgetRatio(double budgetRatio) {
			this.budgetRatio = budgetRatio;
		}

		public int getBudgetPerSecond() {
			return this.budgetPerSecond;
		}

		public void setBudgetPerSecond(int budgetPerSecond) {
			this.budgetPerSecond = budgetPerSecond;
		}

		private void check() {
			if (this.maxRetries < 0) {
				throw InvalidConcordConfigurationException.ofProperty(PREFIX + ".retry.max-retries", this.maxRetries,
						"but must not be negative.", "Set it to 1, or to 0 for none.");
			}
			if (!(this.budgetRatio >= 0 && this.budgetRatio <= 1)) {
				throw InvalidConcordConfigurationException.ofProperty(PREFIX + ".retry.budget-ratio", this.budgetRatio,
						"but must be from 0 to 1.", "Set it to a share, such as 0.2.");
			}
			if (this.budgetPerSecond < 0) {
				throw InvalidConcordConfigurationException.ofProperty(PREFIX + ".retry.budget-per-second",
						this.budgetPerSecond, "but must not be negative.", "Set it to a number, such as 10.");
			}
		}

	}

	/**
	 * How 'sticky' knows who goes where.
	 */
	public static class Sticky {

		/**
		 * Name of the cookie that names the instance, to which '-' and the service id are
		 * added.
		 */
		private String cookie = "concord-lb";

		public String getCookie() {
			return this.cookie;
		}

		public void setCookie(String cookie) {
			this.cookie = cookie;
		}

		private void check() {
			if (!this.cookie.matches("[A-Za-z0-9._-]{1,64}")) {
				throw InvalidConcordConfigurationException.ofProperty(PREFIX + ".sticky.cookie", this.cookie,
						"but must be 1 to 64 of A-Z a-z 0-9 . _ and -.", "Set it to a name such as 'concord-lb'.");
			}
		}

	}

	/**
	 * How the algorithms that hash find an instance.
	 */
	public static class Hash {

		/**
		 * Where the key of a call comes from in 'consistent-hash': 'header:name',
		 * 'cookie:name', 'path', 'path:2' for its second part, or 'bean:name'. If unset,
		 * the only RequestKeyResolver bean.
		 */
		private @Nullable String key;

		/**
		 * Table that gives keys to instances.
		 */
		private HashSettings.Table table = HashSettings.Table.RENDEZVOUS;

		/**
		 * Number of times its share that an instance has in flight at most, before calls
		 * spill to others, such as 1.25; 0 for no bound.
		 */
		private double bound = 0;

		public @Nullable String getKey() {
			return this.key;
		}

		public void setKey(@Nullable String key) {
			this.key = key;
		}

		public HashSettings.Table getTable() {
			return this.table;
		}

		public void setTable(HashSettings.Table table) {
			this.table = table;
		}

		public double getBound() {
			return this.bound;
		}

		public void setBound(double bound) {
			this.bound = bound;
		}

		HashSettings settings() {
			return new HashSettings(this.table, this.bound);
		}

	}

	/**
	 * What is different for one service.
	 */
	public static class Client {

		/**
		 * How the instance for a call is chosen.
		 */
		private @Nullable Algorithm algorithm;

		/**
		 * Weights by id of an instance or by host:port, before what the registry says.
		 */
		private Map<String, Double> weights = new LinkedHashMap<>();

		/**
		 * Where the key of a call comes from, see 'concord.loadbalancer.hash.key'.
		 */
		private @Nullable String hashKey;

		public @Nullable String getHashKey() {
			return this.hashKey;
		}

		public void setHashKey(@Nullable String hashKey) {
			this.hashKey = hashKey;
		}

		public @Nullable Algorithm getAlgorithm() {
			return this.algorithm;
		}

		public void setAlgorithm(@Nullable Algorithm algorithm) {
			this.algorithm = algorithm;
		}

		public Map<String, Double> getWeights() {
			return this.weights;
		}

		public void setWeights(Map<String, Double> weights) {
			this.weights = weights;
		}

	}

}
