package io.concord.autoconfigure.ratelimit;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;

import io.concord.autoconfigure.Backend;
import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.ratelimit.InvalidRateRuleException;
import io.concord.ratelimit.RateAlgorithm;
import io.concord.ratelimit.RateLimitSettings;
import io.concord.ratelimit.RateRule;

/**
 * Configuration properties of flow control.
 */
@ConfigurationProperties(RateLimitProperties.PREFIX)
public class RateLimitProperties {

	static final String PREFIX = "concord.ratelimit";

	/**
	 * Whether methods with @RateLimited are limited. If not they run unlimited, and there
	 * is no RateLimits bean.
	 */
	private boolean enabled = true;

	/**
	 * Backend of limits, if it is not that of all features. Rates on 'zookeeper' are
	 * divided by the number of live processes.
	 */
	private @Nullable Backend backend;

	/**
	 * Time that a call to the store of rates may take, up to 5s.
	 */
	private Duration storeTimeout = Duration.ofMillis(250);

	/**
	 * Time after which the permit of a crashed process is free, of limits of concurrency.
	 * At least twice 'concord.store-timeout'.
	 */
	private Duration leaseTime = Duration.ofSeconds(30);

	/**
	 * Number of keys that this process keeps at most, where it counts for itself.
	 */
	private int maxLocalKeys = 100_000;

	/**
	 * Who limits in the memory of this process, on the backend 'local'. Limiters of
	 * resilience4j keep fixed windows of one rate, its bulkheads concurrency without
	 * waiting.
	 */
	private LocalLimiter localLimiter = LocalLimiter.CONCORD;

	/**
	 * Number of keys that the actuator shows of those which each rule has refused most
	 * often in this process, up to 1000; 0 to count none.
	 */
	private int topRefused;

	/**
	 * Rules by name.
	 */
	private Map<String, Rule> rules = new LinkedHashMap<>();

	private final Http http = new Http();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public @Nullable Backend getBackend() {
		return this.backend;
	}

	public void setBackend(@Nullable Backend backend) {
		this.backend = backend;
	}

	public Duration getStoreTimeout() {
		return this.storeTimeout;
	}

	public void setStoreTimeout(Duration storeTimeout) {
		this.storeTimeout = storeTimeout;
	}

	public Duration getLeaseTime() {
		return this.leaseTime;
	}

	public void setLeaseTime(Duration leaseTime) {
		this.leaseTime = leaseTime;
	}

	public int getMaxLocalKeys() {
		return this.maxLocalKeys;
	}

	public void setMaxLocalKeys(int maxLocalKeys) {
		this.maxLocalKeys = maxLocalKeys;
	}

	public LocalLimiter getLocalLimiter() {
		return this.localLimiter;
	}

	public void setLocalLimiter(LocalLimiter localLimiter) {
		this.localLimiter = localLimiter;
	}

	public int getTopRefused() {
		return this.topRefused;
	}

	public void setTopRefused(int topRefused) {
		this.topRefused = topRefused;
	}

	public Map<String, Rule> getRules() {
		return this.rules;
	}

	public void setRules(Map<String, Rule> rules) {
		this.rules = rules;
	}

	public Http getHttp() {
		return this.http;
	}

	RateLimitSettings settings() {
		if (this.storeTimeout.toMillis() < 1
				|| this.storeTimeout.compareTo(RateLimitSettings.LONGEST_STORE_TIMEOUT) > 0) {
			throw InvalidConcordConfigurationException.ofProperty(PREFIX + ".store-timeout", this.storeTimeout,
					"but must be between 1ms and 5s.", "Set it to a time such as '250ms'.");
		}
		if (this.leaseTime.toMillis() < 1) {
			throw InvalidConcordConfigurationException.ofProperty(PREFIX + ".lease-time", this.leaseTime,
					"but must be positive.", "Set it to a time such as '30s'.");
		}
		if (this.maxLocalKeys < 1) {
			throw InvalidConcordConfigurationException.ofProperty(PREFIX + ".max-local-keys", this.maxLocalKeys,
					"but must be positive.", "Set it to a number such as 100000.");
		}
		if (this.topRefused < 0 || this.topRefused > RateLimitSettings.MOST_TOP_REFUSED) {
			throw InvalidConcordConfigurationException.ofProperty(PREFIX + ".top-refused", this.topRefused,
					"but must be between 0 and " + RateLimitSettings.MOST_TOP_REFUSED + ".",
					"Set it to a number such as 20.");
		}
		return new RateLimitSettings(this.storeTimeout, this.topRefused);
	}

	static List<RateRule> rules(Map<String, Rule> described) {
		return described.entrySet().stream().map((rule) -> rule.getValue().toRule(rule.getKey())).toList();
	}

	/**
	 * Who limits in the memory of a process.
	 */
	public enum LocalLimiter {

		/** The algorithms of Concord. */
		CONCORD,

		/** Limiters and bulkheads of resilience4j. */
		RESILIENCE4J

	}

	/**
	 * Limits of HTTP requests.
	 */
	public static class Http {

		/**
		 * Limits of requests; all that match a request have to let it through.
		 */
		private List<HttpLimitProperties> limits = new ArrayList<>();

		/**
		 * Addresses or networks of proxies, such as '10.0.0.0/8', whose X-Forwarded-For
		 * is believed.
		 */
		private List<String> trustedProxies = new ArrayList<>();

		public List<HttpLimitProperties> getLimits() {
			return this.limits;
		}

		public void setLimits(List<HttpLimitProperties> limits) {
			this.limits = limits;
		}

		public List<String> getTrustedProxies() {
			return this.trustedProxies;
		}

		public void setTrustedProxies(List<String> trustedProxies) {
			this.trustedProxies = trustedProxies;
		}

	}

	/**
	 * Limit of some HTTP requests.
	 */
	public static class HttpLimitProperties {

		/**
		 * Patterns of paths within the application, such as '/orders/**'.
		 */
		private List<String> paths = new ArrayList<>();

		/**
		 * HTTP methods; by default all.
		 */
		private List<String> methods = new ArrayList<>();

		/**
		 * Name of the rule.
		 */
		private @Nullable String rule;

		/**
		 * What is limited apart: 'address', 'principal', 'header:<name>', 'bean:<name>'
		 * of a RateLimitKeyResolver, or 'none' for all together. Without a principal or
		 * the header it is the address.
		 */
		private String key = "address";

		public List<String> getPaths() {
			return this.paths;
		}

		public void setPaths(List<String> paths) {
			this.paths = paths;
		}

		public List<String> getMethods() {
			return this.methods;
		}

		public void setMethods(List<String> methods) {
			this.methods = methods;
		}

		public @Nullable String getRule() {
			return this.rule;
		}

		public void setRule(@Nullable String rule) {
			this.rule = rule;
		}

		public String getKey() {
			return this.key;
		}

		public void setKey(String key) {
			this.key = key;
		}

	}

	/**
	 * Description of a rule.
	 */
	public static class Rule {

		/**
		 * How it counts.
		 */
		private RateAlgorithm algorithm = RateAlgorithm.TOKEN_BUCKET;

		/**
		 * One or several rates such as '100/s', all of which are kept.
		 */
		private List<String> rate = new ArrayList<>();

		/**
		 * Number of permits that a token bucket keeps; by default as many as come in the
		 * period of its rate.
		 */
		private @Nullable Long burst;

		/**
		 * Time in which the rate of a token bucket grows from a third to all of it.
		 */
		private Duration warmUp = Duration.ZERO;

		/**
		 * Time that a call waits at most for its permits.
		 */
		private Duration maxWait = Duration.ZERO;

		/**
		 * Number of calls that may run at the same time, with the algorithm concurrency.
		 */
		private @Nullable Integer limit;

		/**
		 * What happens to calls whose store fails.
		 */
		private RateRule.OnFailure onFailure = RateRule.OnFailure.CLOSED;

		/**
		 * Whether calls are only counted, and all of them let through.
		 */
		private boolean shadow;

		/**
		 * Part of the limit, such as '5%', that may be admitted beyond it in any window,
		 * so that processes can take permits ahead. By default none.
		 */
		private @Nullable String overAdmission;

		/** Describes a rule as it is. */
		static Rule of(RateRule rule) {
			Rule described = new Rule();
			described.algorithm = rule.algorithm();
			rule.rates().forEach((rate) -> described.rate.add(rate.toString()));
			described.burst = rule.hasOwnBurst() ? rule.burst() : null;
			described.warmUp = rule.warmUp();
			described.maxWait = rule.maxWait();
			described.limit = (rule.limit() > 0) ? rule.limit() : null;
			described.onFailure = rule.onFailure();
			described.shadow = rule.shadow();
			described.overAdmission = (rule.overAdmission() > 0)
					? new BigDecimal(Double.toString(rule.overAdmission())).movePointRight(2).toPlainString() + "%"
					: null;
			return described;
		}

		RateRule toRule(String name) {
			try {
				RateRule.Builder builder = RateRule.builder(name)
					.algorithm(this.algorithm)
					.warmUp(this.warmUp)
					.maxWait(this.maxWait)
					.onFailure(this.onFailure)
					.shadow(this.shadow);
				this.rate.forEach(builder::rate);
				if (this.burst != null) {
					builder.burst(positive(name, "burst", this.burst));
				}
				if (this.limit != null) {
					builder.limit((int) positive(name, "limit", this.limit));
				}
				if (this.overAdmission != null) {
					builder.overAdmission(part(name, this.overAdmission));
				}
				return builder.build();
			}
			catch (InvalidRateRuleException ex) {
				String property = ex.getAttribute().equals("name") ? PREFIX + ".rules"
						: PREFIX + ".rules." + name + "." + ex.getAttribute();
				throw new InvalidConcordConfigurationException(
						"The property '%s' of rate limit '%s' %s.".formatted(property, name, ex.getProblem()),
						ex.getFix(), ex);
			}
		}

		/**
		 * Zero stands for nothing in rules, but a property that is set means something.
		 */
		private static long positive(String name, String attribute, long value) {
			if (value < 1) {
				throw new InvalidRateRuleException(name, attribute, "is " + value, "Set it to at least 1.");
			}
			return value;
		}

		private static double part(String name, String text) {
			String number = text.strip();
			if (!number.matches("\\d{1,3}(\\.\\d+)?\\s*%")) {
				throw new InvalidRateRuleException(name, "over-admission", "is '" + text + "'",
						"Set it to a percentage such as '5%'.");
			}
			return Double.parseDouble(number.substring(0, number.length() - 1).strip()) / 100;
		}

		public RateAlgorithm getAlgorithm() {
			return this.algorithm;
		}

		public void setAlgorithm(RateAlgorithm algorithm) {
			this.algorithm = algorithm;
		}

		public List<String> getRate() {
			return this.rate;
		}

		public void setRate(List<String> rate) {
			this.rate = rate;
		}

		public @Nullable Long getBurst() {
			return this.burst;
		}

		public void setBurst(@Nullable Long burst) {
			this.burst = burst;
		}

		public Duration getWarmUp() {
			return this.warmUp;
		}

		public void setWarmUp(Duration warmUp) {
			this.warmUp = warmUp;
		}

		public Duration getMaxWait() {
			return this.maxWait;
		}

		public void setMaxWait(Duration maxWait) {
			this.maxWait = maxWait;
		}

		public @Nullable Integer getLimit() {
			return this.limit;
		}

		public void setLimit(@Nullable Integer limit) {
			this.limit = limit;
		}

		public RateRule.OnFailure getOnFailure() {
			return this.onFailure;
		}

		public void setOnFailure(RateRule.OnFailure onFailure) {
			this.onFailure = onFailure;
		}

		public @Nullable String getOverAdmission() {
			return this.overAdmission;
		}

		public void setOverAdmission(@Nullable String overAdmission) {
			this.overAdmission = overAdmission;
		}

		public boolean isShadow() {
			return this.shadow;
		}

		public void setShadow(boolean shadow) {
			this.shadow = shadow;
		}

	}

}
