package io.concord.autoconfigure.ratelimit;

import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.FilterChain;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableReactiveWebApplicationContext;
import org.springframework.boot.test.context.assertj.AssertableWebApplicationContext;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.mock.web.server.MockServerWebExchange;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.lease.LeaseStoreException;
import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.RateLimitedException;
import io.concord.ratelimit.RateLimits;
import io.concord.ratelimit.http.RateLimitKeyResolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

class RateLimitHttpAutoConfigurationTests {

	private static final AutoConfigurations CONFIGURATIONS = AutoConfigurations.of(LeaseAutoConfiguration.class,
			RateLimitAutoConfiguration.class, RateLimitHttpAutoConfiguration.class);

	private static final String LIMIT = "concord.ratelimit.http.limits[0].";

	private static final String[] PROPERTIES = { "concord.backend=local", "concord.ratelimit.rules.api.rate=2/m",
			"concord.ratelimit.rules.api.burst=2", LIMIT + "paths=/orders/**", LIMIT + "methods=post,put",
			LIMIT + "rule=api", LIMIT + "key=address" };

	private final WebApplicationContextRunner servlet = new WebApplicationContextRunner()
		.withConfiguration(CONFIGURATIONS)
		.withPropertyValues(PROPERTIES);

	private final ReactiveWebApplicationContextRunner reactive = new ReactiveWebApplicationContextRunner()
		.withConfiguration(CONFIGURATIONS)
		.withPropertyValues(PROPERTIES);

	private final AtomicInteger passed = new AtomicInteger();

	@Test
	void limitsRequestsToServlets() {
		this.servlet.run((context) -> {
			MockHttpServletResponse first = call(context, request("POST", "/orders/7", "1.2.3.4"));
			assertThat(first.getStatus()).isEqualTo(200);
			assertThat(first.getHeader("RateLimit-Policy")).isEqualTo("\"api\";q=2;w=60");
			assertThat(first.getHeader("RateLimit")).isEqualTo("\"api\";r=1");
			assertThat(first.getHeader("Retry-After")).isNull();
			call(context, request("PUT", "/orders", "1.2.3.4"));
			MockHttpServletResponse refused = call(context, request("POST", "/orders", "1.2.3.4"));
			assertThat(refused.getStatus()).isEqualTo(429);
			assertThat(refused.getHeader("RateLimit")).isEqualTo("\"api\";r=0;t=30");
			assertThat(Integer.parseInt(String.valueOf(refused.getHeader("Retry-After")))).isBetween(30, 37);
			assertThat(refused.getContentType()).isEqualTo("application/problem+json");
			assertThat(refused.getContentAsString()).isEqualTo("{\"type\":\"" + HttpAnswers.PROBLEM_TYPE
					+ "\",\"title\":\"Too Many Requests\",\"status\":429,\"detail\":\"Too many requests: rate limit "
					+ "'api' is reached\",\"violated-policies\":[\"api\"]}");
			assertThat(this.passed).hasValue(2);
			assertThat(call(context, request("GET", "/orders", "1.2.3.4")).getHeader("RateLimit")).isNull();
			assertThat(call(context, request("POST", "/products", "1.2.3.4")).getStatus()).isEqualTo(200);
			assertThat(call(context, request("POST", "/orders", "1.2.3.5")).getStatus()).isEqualTo(200);
		});
	}

	@Test
	void limitsRequestsToReactiveServers() {
		this.reactive.run((context) -> {
			assertThat(exchange(context, "1.2.3.4").getHeaders().getFirst("RateLimit")).isEqualTo("\"api\";r=1");
			exchange(context, "1.2.3.4");
			MockServerHttpResponse refused = exchange(context, "1.2.3.4");
			assertThat(refused.getStatusCode()).isEqualTo(HttpStatus.TOO_MANY_REQUESTS);
			assertThat(refused.getHeaders().getFirst("RateLimit-Policy")).isEqualTo("\"api\";q=2;w=60");
			assertThat(refused.getHeaders().getFirst("Retry-After")).isNotNull();
			assertThat(refused.getBodyAsString().block()).contains("violated-policies");
			assertThat(this.passed).hasValue(2);
			assertThat(exchange(context, "1.2.3.5").getStatusCode()).isNull();
		});
	}

	@Test
	void keysByPrincipalHeaderAndBean() {
		this.servlet.withPropertyValues(LIMIT + "key=principal").run((context) -> {
			MockHttpServletRequest ann = request("POST", "/orders", "1.2.3.4");
			ann.setUserPrincipal(() -> "ann");
			MockHttpServletRequest bob = request("POST", "/orders", "1.2.3.4");
			bob.setUserPrincipal(() -> "bob");
			call(context, ann);
			assertThat(call(context, ann).getHeader("RateLimit")).isEqualTo("\"api\";r=0");
			assertThat(call(context, bob).getHeader("RateLimit")).isEqualTo("\"api\";r=1");
			assertThat(call(context, request("POST", "/orders", "1.2.3.4")).getHeader("RateLimit"))
				.isEqualTo("\"api\";r=1");
		});
		this.servlet.withPropertyValues(LIMIT + "key=header:X-Tenant").run((context) -> {
			MockHttpServletRequest request = request("POST", "/orders", "1.2.3.4");
			request.addHeader("x-tenant", "blue");
			call(context, request);
			assertThat(context.getBean(RateLimits.class).peek("api", "h:blue").remaining()).isEqualTo(1);
		});
		this.servlet.withPropertyValues(LIMIT + "key=bean:tenants")
			.withBean("tenants", RateLimitKeyResolver.class, () -> (request) -> request.method() + request.path())
			.run((context) -> {
				call(context, request("POST", "/orders", "1.2.3.4"));
				assertThat(context.getBean(RateLimits.class).peek("api", "POST/orders").remaining()).isEqualTo(1);
			});
	}

	@Test
	void believesForwardedHeadersOfDeclaredProxies() {
		this.servlet.withPropertyValues("concord.ratelimit.http.trusted-proxies=10.0.0.0/8").run((context) -> {
			MockHttpServletRequest request = request("POST", "/orders", "10.1.1.1");
			request.addHeader("X-Forwarded-For", "9.9.9.9, 1.2.3.4");
			call(context, request);
			assertThat(context.getBean(RateLimits.class).peek("api", "a:1.2.3.4").remaining()).isEqualTo(1);
		});
	}

	@Test
	void permitForConcurrencyIsHeldUntilTheAnswerIsComplete() {
		this.servlet
			.withPropertyValues("concord.ratelimit.rules.one.algorithm=concurrency",
					"concord.ratelimit.rules.one.limit=1", LIMIT + "rule=one", LIMIT + "key=none")
			.run((context) -> {
				RateLimits limits = context.getBean(RateLimits.class);
				call(context, request("POST", "/orders", "1.2.3.4"),
						(request, response) -> assertThat(limits.peek("one", "").isAdmitted()).isFalse());
				assertThat(limits.peek("one", "").isAdmitted()).isTrue();
				MockHttpServletRequest async = request("POST", "/orders", "1.2.3.4");
				async.setAsyncSupported(true);
				call(context, async, (request, response) -> request.startAsync());
				assertThat(limits.peek("one", "").isAdmitted()).isFalse();
				Objects.requireNonNull(async.getAsyncContext()).complete();
				assertThat(limits.peek("one", "").isAdmitted()).isTrue();
			});
	}

	/** One that is over while the filter still has it, and nobody would be told then. */
	@Test
	void permitComesBackFromARequestThatIsOverBeforeTheFilter() {
		this.servlet
			.withPropertyValues("concord.ratelimit.rules.one.algorithm=concurrency",
					"concord.ratelimit.rules.one.limit=1", LIMIT + "rule=one", LIMIT + "key=none")
			.run((context) -> {
				RateLimits limits = context.getBean(RateLimits.class);
				MockHttpServletRequest async = request("POST", "/orders", "1.2.3.4");
				async.setAsyncSupported(true);
				call(context, async, (request, response) -> {
					AsyncContext started = request.startAsync();
					assertThat(limits.peek("one", "").isAdmitted()).isFalse();
					started.complete();
					assertThat(limits.peek("one", "").isAdmitted()).isTrue();
				});
				assertThat(limits.peek("one", "").isAdmitted()).isTrue();
				MockHttpServletRequest failing = request("POST", "/orders", "1.2.3.4");
				failing.setAsyncSupported(true);
				assertThatIllegalStateException().isThrownBy(() -> call(context, failing, (request, response) -> {
					request.startAsync(request, response);
					throw new IllegalStateException("after the start");
				}));
				assertThat(limits.peek("one", "").isAdmitted()).isFalse();
				Objects.requireNonNull(failing.getAsyncContext()).complete();
				assertThat(limits.peek("one", "").isAdmitted()).isTrue();
			});
	}

	@Test
	void answersThatTheStoreIsDown() {
		RateLimitStore store = mock(RateLimitStore.class);
		given(store.supports(any())).willReturn(true);
		given(store.take(any(), any())).willThrow(new LeaseStoreException("down"));
		this.servlet.withBean(RateLimitStore.class, () -> store)
			.run((context) -> assertThat(call(context, request("POST", "/orders", "1.2.3.4")).getStatus())
				.isEqualTo(503));
		this.reactive.withBean(RateLimitStore.class, () -> store)
			.run((context) -> assertThat(exchange(context, "1.2.3.4").getStatusCode())
				.isEqualTo(HttpStatus.SERVICE_UNAVAILABLE));
	}

	@Test
	void refusalWithinAControllerIsAnsweredAlike() {
		this.servlet.run((context) -> {
			RateLimits limits = context.getBean(RateLimits.class);
			limits.tryAcquire("api", "k", 2);
			RateLimitedException refusal = new RateLimitedException(limits.rule("api").orElseThrow(),
					limits.tryAcquire("api", "k").retryAfter());
			ResponseEntity<ProblemDetail> answer = context.getBean(RateLimitProblems.class).refused(refusal);
			assertThat(answer.getStatusCode()).isEqualTo(HttpStatus.TOO_MANY_REQUESTS);
			assertThat(answer.getHeaders().getFirst("RateLimit")).isEqualTo("\"api\";r=0;t=30");
			assertThat(answer.getHeaders().getFirst("Retry-After")).isNotNull();
			assertThat(answer.getBody()).satisfies((problem) -> {
				assertThat(problem.getType()).hasToString(HttpAnswers.PROBLEM_TYPE);
				assertThat(problem.getProperties()).containsKey("violated-policies");
			});
		});
	}

	@ParameterizedTest
	@CsvSource({ "limits[0].rule,nowhere", "limits[0].key,cookie", "limits[0].key,bean:nowhere", "limits[0].paths,/a{",
			"limits[0].paths,''", "trusted-proxies,proxy" })
	void namesThePropertyThatIsWrong(String property, String value) {
		this.servlet.withPropertyValues("concord.ratelimit.http." + property + "=" + value)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("'concord.ratelimit.http." + property + "'")
				.isInstanceOf(InvalidConcordConfigurationException.class));
	}

	private static MockHttpServletRequest request(String method, String path, String address) {
		MockHttpServletRequest request = new MockHttpServletRequest(method, path);
		request.setRemoteAddr(address);
		return request;
	}

	private MockHttpServletResponse call(AssertableWebApplicationContext context, MockHttpServletRequest request)
			throws Exception {
		return call(context, request, (passing, response) -> this.passed.incrementAndGet());
	}

	private static MockHttpServletResponse call(AssertableWebApplicationContext context, MockHttpServletRequest request,
			FilterChain chain) throws Exception {
		MockHttpServletResponse response = new MockHttpServletResponse();
		Objects.requireNonNull(context.getBean(FilterRegistrationBean.class).getFilter())
			.doFilter(request, response, chain);
		return response;
	}

	private MockServerHttpResponse exchange(AssertableReactiveWebApplicationContext context, String address) {
		MockServerWebExchange exchange = MockServerWebExchange
			.from(MockServerHttpRequest.post("/orders").remoteAddress(new InetSocketAddress(address, 5_000)));
		context.getBean(ReactiveRateLimitFilter.class)
			.filter(exchange, (passing) -> Mono.fromRunnable(this.passed::incrementAndGet))
			.block();
		return exchange.getResponse();
	}

}
