package io.concord.autoconfigure.ratelimit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.http.MediaType;
import org.springframework.web.filter.OncePerRequestFilter;

import io.concord.lease.LeaseStoreException;
import io.concord.ratelimit.RateDecision;
import io.concord.ratelimit.RateLimits;
import io.concord.ratelimit.RateRule;
import io.concord.ratelimit.http.RateLimitRequest;

/**
 * Limits requests to servlets. A permit for concurrency is held until the answer is
 * complete.
 */
final class ServletRateLimitFilter extends OncePerRequestFilter {

	private static final Logger log = LoggerFactory.getLogger(ServletRateLimitFilter.class);

	private final HttpLimits limits;

	private final RateLimits rules;

	private final HttpAnswers answers;

	ServletRateLimitFilter(HttpLimits limits, RateLimits rules, HttpAnswers answers) {
		this.limits = limits;
		this.rules = rules;
		this.answers = answers;
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		String path = request.getRequestURI().substring(request.getContextPath().length());
		List<HttpLimits.Limit> found = this.limits.of(request.getMethod(), path);
		if (found.isEmpty()) {
			chain.doFilter(request, response);
			return;
		}
		List<RateDecision> decisions = new ArrayList<>();
		boolean async = false;
		try {
			RateLimitRequest seen = new ServletRequestView(request, path);
			for (HttpLimits.Limit limit : found) {
				Duration wait = this.rules.rule(limit.rule()).map(RateRule::maxWait).orElse(Duration.ZERO);
				RateDecision decision = this.rules.acquire(limit.rule(), limit.key().apply(seen), 1, wait);
				decisions.add(decision);
				if (!decision.isAdmitted()) {
					refuse(response, decisions, limit.rule());
					return;
				}
			}
			this.answers.fields(decisions).forEach(response::setHeader);
			AsyncRequest passed = new AsyncRequest(request, decisions);
			try {
				chain.doFilter(passed, response);
			}
			finally {
				async = passed.isListenedTo();
			}
		}
		catch (LeaseStoreException ex) {
			if (decisions.size() == found.size()) {
				// Of the request itself.
				throw ex;
			}
			log.warn("A request is refused, as its limit can't be checked: {}", ex.getMessage());
			answer(response, HttpServletResponse.SC_SERVICE_UNAVAILABLE, HttpAnswers.unavailable());
		}
		finally {
			if (!async) {
				decisions.forEach(RateDecision::close);
			}
		}
	}

	private void refuse(HttpServletResponse response, List<RateDecision> decisions, String rule) throws IOException {
		this.answers.fields(decisions).forEach(response::setHeader);
		answer(response, 429, this.answers.json(rule));
	}

	private static void answer(HttpServletResponse response, int status, String body) throws IOException {
		response.setStatus(status);
		response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
		response.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
	}

	/** A request to a servlet. */
	private final class ServletRequestView implements RateLimitRequest {

		private final HttpServletRequest request;

		private final String path;

		ServletRequestView(HttpServletRequest request, String path) {
			this.request = request;
			this.path = path;
		}

		@Override
		public String method() {
			return this.request.getMethod();
		}

		@Override
		public String path() {
			return this.path;
		}

		@Override
		public List<String> header(String name) {
			return Collections.list(this.request.getHeaders(name));
		}

		@Override
		public @Nullable String principal() {
			Principal principal = this.request.getUserPrincipal();
			return (principal != null) ? principal.getName() : null;
		}

		@Override
		public String address() {
			return ServletRateLimitFilter.this.limits.address(this.request.getRemoteAddr(),
					header(HttpLimits.FORWARDED_FOR));
		}

	}

	/**
	 * Adds the listener where the request becomes asynchronous: after the chain it may be
	 * complete already, and nobody would be told.
	 */
	private static final class AsyncRequest extends HttpServletRequestWrapper {

		private final List<RateDecision> decisions;

		private volatile boolean listenedTo;

		AsyncRequest(HttpServletRequest request, List<RateDecision> decisions) {
			super(request);
			this.decisions = decisions;
		}

		/** Then it is the listener that gives permits back. */
		boolean isListenedTo() {
			return this.listenedTo;
		}

		@Override
		public AsyncContext startAsync() {
			return listening(super.startAsync());
		}

		@Override
		public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
			return listening(super.startAsync(request, response));
		}

		private AsyncContext listening(AsyncContext context) {
			// Only once: the listener joins each later start by itself.
			if (!this.listenedTo) {
				context.addListener(new Closing(this.decisions));
				this.listenedTo = true;
			}
			return context;
		}

	}

	/** Gives permits back when an asynchronous request is complete. */
	private record Closing(List<RateDecision> decisions) implements AsyncListener {

		@Override
		public void onComplete(AsyncEvent event) {
			this.decisions.forEach(RateDecision::close);
		}

		@Override
		public void onTimeout(AsyncEvent event) {
			// Completion follows.
		}

		@Override
		public void onError(AsyncEvent event) {
			// Completion follows.
		}

		/** Listeners are forgotten with each new start. */
		@Override
		public void onStartAsync(AsyncEvent event) {
			event.getAsyncContext().addListener(this);
		}

	}

}
