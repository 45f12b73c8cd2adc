package io.concord.autoconfigure.ratelimit;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.core.Ordered;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;

import io.concord.lease.LeaseStoreException;
import io.concord.ratelimit.RateDecision;
import io.concord.ratelimit.RateLimits;
import io.concord.ratelimit.RateRule;
import io.concord.ratelimit.http.RateLimitRequest;

/**
 * Limits requests to a reactive server; no thread waits for a limit. A permit for
 * concurrency is held until the answer is complete.
 */
final class ReactiveRateLimitFilter implements WebFilter, Ordered {

	private static final Logger logger = LoggerFactory.getLogger(ReactiveRateLimitFilter.class);

	private final HttpLimits limits;

	private final RateLimits rules;

	private final HttpAnswers answers;

	private final int order;

	ReactiveRateLimitFilter(HttpLimits limits, RateLimits rules, HttpAnswers answers, int order) {
		this.limits = limits;
		this.rules = rules;
		this.answers = answers;
		this.order = order;
	}

	@Override
	public int getOrder() {
		return this.order;
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		List<HttpLimits.Limit> found = this.limits.of(exchange.getRequest().getMethod().name(),
				exchange.getRequest().getPath().pathWithinApplication().value());
		if (found.isEmpty()) {
			return chain.filter(exchange);
		}
		return exchange.getPrincipal()
			.map(Principal::getName)
			.defaultIfEmpty("")
			.flatMap((name) -> Mono.usingWhen(Mono.fromSupplier(ArrayList<RateDecision>::new),
					(decisions) -> limited(exchange, chain, found, decisions, new ExchangeView(exchange, name)),
					ReactiveRateLimitFilter::close));
	}

	private Mono<Void> limited(ServerWebExchange exchange, WebFilterChain chain, List<HttpLimits.Limit> found,
			List<RateDecision> decisions, RateLimitRequest request) {
		return decide(found, decisions, request).map((admitted) -> admitted ? Answer.ADMITTED : Answer.REFUSED)
			.onErrorResume(LeaseStoreException.class, (ex) -> {
				logger.warn("A request is refused, as its limit can't be checked: {}", ex.getMessage());
				return Mono.just(Answer.UNCHECKED);
			})
			.flatMap((answer) -> {
				ServerHttpResponse response = exchange.getResponse();
				this.answers.fields(decisions).forEach(response.getHeaders()::set);
				return switch (answer) {
					case ADMITTED -> chain.filter(exchange);
					case REFUSED -> write(response, HttpStatus.TOO_MANY_REQUESTS,
							this.answers.json(found.get(decisions.size() - 1).rule()));
					case UNCHECKED -> write(response, HttpStatus.SERVICE_UNAVAILABLE, HttpAnswers.unavailable());
				};
			});
	}

	/** Asks one after the other, until one refuses. */
	private Mono<Boolean> decide(List<HttpLimits.Limit> found, List<RateDecision> decisions, RateLimitRequest request) {
		if (decisions.size() == found.size()) {
			return Mono.just(true);
		}
		HttpLimits.Limit limit = found.get(decisions.size());
		Duration wait = this.rules.rule(limit.rule()).map(RateRule::maxWait).orElse(Duration.ZERO);
		return Mono.fromFuture(() -> this.rules.acquireAsync(limit.rule(), limit.key().apply(request), 1, wait))
			.flatMap((decision) -> {
				decisions.add(decision);
				return decision.isAdmitted() ? decide(found, decisions, request) : Mono.just(false);
			});
	}

	private static Mono<Void> write(ServerHttpResponse response, HttpStatus status, String body) {
		response.setStatusCode(status);
		response.getHeaders().setContentType(MediaType.APPLICATION_PROBLEM_JSON);
		return response.writeWith(Mono.just(response.bufferFactory().wrap(body.getBytes(StandardCharsets.UTF_8))));
	}

	/** To give back may call the store, which is not for an event loop. */
	private static Mono<Void> close(List<RateDecision> decisions) {
		if (decisions.stream().noneMatch((decision) -> decision.rule().limit() > 0)) {
			return Mono.empty();
		}
		return Mono.<Void>fromRunnable(() -> decisions.forEach(RateDecision::close))
			.subscribeOn(Schedulers.boundedElastic());
	}

	private enum Answer {

		ADMITTED, REFUSED, UNCHECKED

	}

	/** A request to a reactive server. */
	private final class ExchangeView implements RateLimitRequest {

		private final ServerWebExchange exchange;

		private final String name;

		ExchangeView(ServerWebExchange exchange, String name) {
			this.exchange = exchange;
			this.name = name;
		}

		@Override
		public String method() {
			return this.exchange.getRequest().getMethod().name();
		}

		@Override
		public String path() {
			return this.exchange.getRequest().getPath().pathWithinApplication().value();
		}

		@Override
		public List<String> header(String name) {
			return this.exchange.getRequest().getHeaders().getOrEmpty(name);
		}

		@Override
		public @Nullable String principal() {
			return this.name.isEmpty() ? null : this.name;
		}

		@Override
		public String address() {
			InetSocketAddress remote = this.exchange.getRequest().getRemoteAddress();
			String connection = (remote == null || remote.getAddress() == null) ? null
					: remote.getAddress().getHostAddress();
			return ReactiveRateLimitFilter.this.limits.address(connection, header(HttpLimits.FORWARDED_FOR));
		}

	}

}
