package io.concord.test.server;

import java.util.List;
import java.util.Map;

/**
 * What to run in a container.
 *
 * @param image the image, with its tag
 * @param port the port on which the server listens inside
 * @param environment the environment variables to set
 * @param command the command and its arguments, empty for that of the image
 */
public record ServerContainer(String image, int port, Map<String, String> environment, List<String> command) {

	/**
	 * Create a description.
	 */
	public ServerContainer {
		environment = Map.copyOf(environment);
		command = List.copyOf(command);
	}

}
