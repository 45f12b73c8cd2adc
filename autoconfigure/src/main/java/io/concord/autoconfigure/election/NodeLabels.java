package io.concord.autoconfigure.election;

import org.jspecify.annotations.Nullable;

import org.springframework.core.env.Environment;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.election.ElectionNode;

/**
 * Finds out what this node tells others of itself.
 */
final class NodeLabels {

	private static final String LOCALHOST = "localhost";

	private final ElectionProperties.Node properties;

	private final Environment environment;

	NodeLabels(ElectionProperties.Node properties, Environment environment) {
		this.properties = properties;
		this.environment = environment;
	}

	/**
	 * Checks what is configured.
	 * @throws InvalidConcordConfigurationException if others can't be told
	 */
	void check() {
		check("concord.election.node.id", this.properties.getId(), null);
		check("concord.election.node.address", this.properties.getAddress(), "any");
		try {
			node();
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidConcordConfigurationException(String.valueOf(ex.getMessage()),
					"Set 'concord.election.node.id' and 'concord.election.node.address' to shorter labels.");
		}
	}

	/** Of one election, which has to fit beside what the node is called. */
	void checkAddress(String property, @Nullable String address) {
		check(property, address, node().id());
	}

	private static void check(String property, @Nullable String value, @Nullable String id) {
		if (value != null) {
			try {
				ElectionNode checked = (id != null) ? new ElectionNode(id, value) : new ElectionNode(value, null);
				checked.id();
			}
			catch (IllegalArgumentException ex) {
				throw InvalidConcordConfigurationException.ofProperty(property, value, "but " + ex.getMessage() + ".",
						"Set it to a short label without spaces, or remove it for the default.");
			}
		}
	}

	/** Knows the port of the web server from its start on. */
	ElectionNode node() {
		String host = label(this.environment.getProperty("HOSTNAME"));
		String id = this.properties.getId();
		if (id == null) {
			id = (host != null) ? host : "pid-" + ProcessHandle.current().pid();
		}
		String address = this.properties.getAddress();
		if (address == null) {
			address = addressOfWebServer(host);
		}
		return new ElectionNode(id, address);
	}

	private @Nullable String addressOfWebServer(@Nullable String host) {
		String port = this.environment.getProperty("local.server.port");
		if (port == null) {
			return null;
		}
		String bound = label(this.environment.getProperty("server.address"));
		String name = (bound != null) ? bound : host;
		return ((name != null) ? name : LOCALHOST) + ":" + port;
	}

	/** What others have set may be anything. */
	private static @Nullable String label(@Nullable String text) {
		try {
			return (text != null) ? new ElectionNode(text, null).id() : null;
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

}
