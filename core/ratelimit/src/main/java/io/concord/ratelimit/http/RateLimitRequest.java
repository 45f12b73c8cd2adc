package io.concord.ratelimit.http;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * An HTTP request, as far as a key can be made of it. Used while the request is under way
 * only.
 */
public interface RateLimitRequest {

	/**
	 * Returns the method.
	 * @return such as {@code GET}
	 */
	String method();

	/**
	 * Returns the path within the application.
	 * @return the path, as the client has sent it
	 */
	String path();

	/**
	 * Returns the values of a header.
	 * @param name its name, in any case
	 * @return the values in their order; none if it is missing
	 */
	List<String> header(String name);

	/**
	 * Returns who is authenticated.
	 * @return the name; null if nobody is
	 */
	@Nullable String principal();

	/**
	 * Returns the address of the client, as {@link ClientAddresses} finds it.
	 * @return an IPv4 address, or the first half of one of IPv6
	 */
	String address();

}
