package io.concord.loadbalancer.registry;

import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * An instance of a service as it registers itself. Immutable.
 *
 * @param id its stable name; the same address if it has no other
 * @param host name or address of its host
 * @param port its port
 * @param secure whether it speaks TLS
 * @param metadata what else callers may want to know, such as its {@code weight}; short,
 * as the whole has to go into the note of a lease
 */
public record RegisteredInstance(String id, String host, int port, boolean secure, Map<String, String> metadata) {

	private static final String ID = "id";

	private static final String AT = "at";

	private static final String SECURE = "tls";

	public RegisteredInstance {
		if (port < 1 || port > 65_535) {
			throw new IllegalArgumentException("The port of an instance must be between 1 and 65535, not " + port);
		}
		metadata = Map.copyOf(metadata);
		check("id", id);
		check("host", host);
		metadata.forEach((key, value) -> {
			check("metadata '" + key + "'", key);
			check("metadata '" + key + "'", value);
			if (key.equals(ID) || key.equals(AT) || key.equals(SECURE)) {
				throw new IllegalArgumentException("The name '" + key + "' of metadata is taken");
			}
		});
	}

	private static void check(String what, String text) {
		if (text.isBlank() || text.indexOf(',') >= 0 || text.indexOf('=') >= 0) {
			throw new IllegalArgumentException(
					"The " + what + " of an instance must have no comma and no '=', and not be blank: '" + text + "'");
		}
	}

	String note() {
		StringBuilder note = new StringBuilder();
		String address = this.host + ":" + this.port;
		if (!this.id.equals(address)) {
			note.append(ID).append('=').append(this.id).append(',');
		}
		note.append(AT).append('=').append(address);
		if (this.secure) {
			note.append(',').append(SECURE).append("=1");
		}
		new TreeMap<>(this.metadata).forEach((key, value) -> note.append(',').append(key).append('=').append(value));
		return note.toString();
	}

	/** Null if no instance has written it. */
	static @Nullable RegisteredInstance ofNote(String note) {
		Map<String, String> metadata = new TreeMap<>();
		for (String pair : note.split(",")) {
			int equals = pair.indexOf('=');
			if (equals > 0) {
				metadata.put(pair.substring(0, equals), pair.substring(equals + 1));
			}
		}
		String id = metadata.remove(ID);
		String at = metadata.remove(AT);
		boolean secure = metadata.remove(SECURE) != null;
		int colon = (at != null) ? at.lastIndexOf(':') : -1;
		if (at == null || colon < 0) {
			return null;
		}
		try {
			return new RegisteredInstance((id != null) ? id : at, at.substring(0, colon),
					Integer.parseInt(at.substring(colon + 1)), secure, metadata);
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

}
