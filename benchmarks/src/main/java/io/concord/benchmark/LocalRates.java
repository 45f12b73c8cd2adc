package io.concord.benchmark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import com.alibaba.csp.sentinel.Entry;
import com.alibaba.csp.sentinel.SphU;
import com.alibaba.csp.sentinel.slots.block.BlockException;
import com.alibaba.csp.sentinel.slots.block.RuleConstant;
import com.alibaba.csp.sentinel.slots.block.flow.FlowRule;
import com.alibaba.csp.sentinel.slots.block.flow.FlowRuleManager;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;

/**
 * Ways to limit rates in the memory of a process, but for Concord's.
 */
final class LocalRates {

	private LocalRates() {
	}

	static BucketConfiguration configuration(long rate) {
		return BucketConfiguration.builder()
			.addLimit((limit) -> limit.capacity(rate).refillGreedy(rate, Duration.ofSeconds(1)))
			.build();
	}

	static RateSource bucket4j(long rate) {
		Map<String, Bucket> known = new ConcurrentHashMap<>();
		return (key) -> known
			.computeIfAbsent(key,
					(name) -> Bucket.builder()
						.addLimit((limit) -> limit.capacity(rate).refillGreedy(rate, Duration.ofSeconds(1)))
						.build())
			.tryConsume(1);
	}

	static RateSource resilience4j(long rate) {
		RateLimiterConfig config = RateLimiterConfig.custom()
			.limitForPeriod(Math.toIntExact(rate))
			.limitRefreshPeriod(Duration.ofSeconds(1))
			.timeoutDuration(Duration.ZERO)
			.build();
		Map<String, RateLimiter> known = new ConcurrentHashMap<>();
		return (key) -> known.computeIfAbsent(key, (name) -> RateLimiter.of(name, config)).acquirePermission();
	}

	/** Each key is a resource with a rule of its own, as its rules know no others. */
	static RateSource sentinel(long rate) {
		List<FlowRule> rules = new ArrayList<>(FlowRuleManager.getRules());
		Map<String, String> resources = new HashMap<>();
		for (String key : RateScenario.keys()) {
			String resource = rate + ":" + key;
			resources.put(key, resource);
			rules.add(new FlowRule(resource).setGrade(RuleConstant.FLOW_GRADE_QPS).setCount(rate));
		}
		FlowRuleManager.loadRules(rules);
		return (key) -> {
			try (Entry entry = SphU.entry(resources.get(key))) {
				return entry != null;
			}
			catch (BlockException ex) {
				return false;
			}
		};
	}

}
