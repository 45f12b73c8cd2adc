package io.concord.ratelimit.http;

/**
 * Makes the key by which HTTP requests are limited. A bean of this type is named by
 * {@code concord.ratelimit.http.limits[].key: bean:<name>}. Thread-safe, and quick: it
 * may run on an event loop.
 */
@FunctionalInterface
public interface RateLimitKeyResolver {

	/**
	 * Makes a key.
	 * @param request the request
	 * @return the key, may be empty
	 */
	String resolve(RateLimitRequest request);

}
