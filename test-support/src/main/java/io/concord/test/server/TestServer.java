package io.concord.test.server;

/**
 * A running server that tests can use.
 */
public interface TestServer {

	/**
	 * The version that the server tells.
	 * @return the version, such as {@code 7.0.15}
	 */
	String version();

}
