package io.concord.autoconfigure.ratelimit;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;

import io.concord.ratelimit.Rate;
import io.concord.ratelimit.RateDecision;
import io.concord.ratelimit.RateLimitedException;
import io.concord.ratelimit.RateRule;

/**
 * What limits add to HTTP answers: the fields {@code RateLimit-Policy} and
 * {@code RateLimit} of the IETF's draft 10, {@code Retry-After} and the problem type for
 * quotas. Thread-safe.
 */
final class HttpAnswers {

	static final String PROBLEM_TYPE = "https://iana.org/assignments/http-problem-types#quota-exceeded";

	private static final String POLICY = "RateLimit-Policy";

	private static final String LIMIT = "RateLimit";

	private final RandomGenerator random;

	HttpAnswers(RandomGenerator random) {
		this.random = random;
	}

	/** The fields for what was decided for one request. */
	Map<String, String> fields(List<RateDecision> decisions) {
		List<String> policies = new ArrayList<>();
		List<String> limits = new ArrayList<>();
		Map<String, String> fields = new LinkedHashMap<>();
		for (RateDecision decision : decisions) {
			policies.addAll(policies(decision.rule()));
			if (decision.remaining() >= 0) {
				limits.add(limit(decision.rule(), decision.remaining(), decision.retryAfter()));
			}
			if (!decision.isAdmitted()) {
				fields.put(HttpHeaders.RETRY_AFTER, retryAfter(decision.retryAfter()));
			}
		}
		if (!policies.isEmpty()) {
			fields.put(POLICY, String.join(", ", policies));
		}
		if (!limits.isEmpty()) {
			fields.put(LIMIT, String.join(", ", limits));
		}
		return fields;
	}

	/** The fields for a call that was refused somewhere within a request. */
	Map<String, String> fields(RateLimitedException refusal) {
		RateRule rule = refusal.getRule();
		Map<String, String> fields = new LinkedHashMap<>();
		fields.put(HttpHeaders.RETRY_AFTER, retryAfter(refusal.getRetryAfter()));
		if (!rule.rates().isEmpty()) {
			fields.put(POLICY, String.join(", ", policies(rule)));
		}
		fields.put(LIMIT, limit(rule, 0, refusal.getRetryAfter()));
		return fields;
	}

	private static String limit(RateRule rule, long remaining, Duration retryAfter) {
		return "\"" + rule.name() + "\";r=" + remaining + (retryAfter.isZero() ? "" : ";t=" + seconds(retryAfter));
	}

	/** One for each rate; the first is called as the rule. */
	private static List<String> policies(RateRule rule) {
		List<String> policies = new ArrayList<>();
		for (Rate rate : rule.rates()) {
			String name = rule.name() + (policies.isEmpty() ? "" : "-" + (policies.size() + 1));
			Duration period = rate.period();
			boolean whole = period.equals(Duration.ofSeconds(period.toSeconds()));
			policies.add("\"" + name + "\";q=" + rate.permits() + (whole ? ";w=" + period.toSeconds() : ""));
		}
		return policies;
	}

	/** Not the same for all, or those who were refused together come again together. */
	String retryAfter(Duration time) {
		long seconds = seconds(time);
		return String.valueOf(seconds + this.random.nextLong(Math.max(1, seconds / 4) + 1));
	}

	private static long seconds(Duration time) {
		return Math.max(1, time.plusMillis(999).toSeconds());
	}

	/** The body of a refusal. */
	ProblemDetail problem(String rule) {
		ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatus.TOO_MANY_REQUESTS,
				"Too many requests: rate limit '" + rule + "' is reached");
		problem.setType(URI.create(PROBLEM_TYPE));
		problem.setProperty("violated-policies", List.of(rule));
		return problem;
	}

	/** The same as JSON, whatever library for that is there. Names have no quotes. */
	String json(String rule) {
		ProblemDetail problem = problem(rule);
		return "{\"type\":\"" + problem.getType() + "\",\"title\":\"" + problem.getTitle() + "\",\"status\":"
				+ problem.getStatus() + ",\"detail\":\"" + problem.getDetail() + "\",\"violated-policies\":[\"" + rule
				+ "\"]}";
	}

	/** The body if the store has failed. */
	static String unavailable() {
		return "{\"title\":\"Service Unavailable\",\"status\":503,\"detail\":\"Limits can't be checked at the moment\"}";
	}

}
