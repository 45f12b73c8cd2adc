package io.concord.loadbalancer;

import java.net.URI;

import org.jspecify.annotations.Nullable;

/**
 * What is known of a call when its instance is chosen. Valid only while it is chosen.
 */
public interface BalancedRequest {

	/**
	 * Returns the service that is called.
	 * @return its name
	 */
	String service();

	/**
	 * Returns the HTTP method.
	 * @return such as {@code GET}
	 */
	String method();

	/**
	 * Returns the address, with the name of the service in the place of a host.
	 * @return the address
	 */
	URI uri();

	/**
	 * Returns a header of the call.
	 * @param name name in any case
	 * @return its first value, or null if there is none
	 */
	@Nullable String header(String name);

	/**
	 * Returns a cookie of the call.
	 * @param name the name
	 * @return its first value, or null if there is none
	 */
	@Nullable String cookie(String name);

	/**
	 * Returns the address of the client on whose behalf the call is made.
	 * @return the remote address of the request that the thread works on, as the servlet
	 * container knows it, or null if there is none
	 */
	@Nullable String remoteAddress();

}
