package io.concord.autoconfigure.ratelimit;

import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

import io.concord.ratelimit.RateLimitedException;

/**
 * Answers requests whose controller, or what that calls, was refused by
 * {@link io.concord.ratelimit.RateLimited}, as the filters do. Advice of the application
 * that handles the exception comes first.
 */
@RestControllerAdvice
@Order(Ordered.LOWEST_PRECEDENCE - 1)
final class RateLimitProblems {

	private final HttpAnswers answers;

	RateLimitProblems(HttpAnswers answers) {
		this.answers = answers;
	}

	@ExceptionHandler
	ResponseEntity<ProblemDetail> refused(RateLimitedException ex) {
		HttpHeaders headers = new HttpHeaders();
		this.answers.fields(ex).forEach(headers::set);
		return ResponseEntity.status(429)
			.headers(headers)
			.contentType(MediaType.APPLICATION_PROBLEM_JSON)
			.body(this.answers.problem(ex.getRule().name()));
	}

}
