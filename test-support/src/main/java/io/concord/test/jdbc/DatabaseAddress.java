package io.concord.test.jdbc;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Where a database server is and how to log in.
 *
 * @param host the host
 * @param port the port
 * @param username the name of a user who may create databases
 * @param password the password of the user
 * @param parameters what follows the question mark in URLs, empty for nothing
 */
public record DatabaseAddress(String host, int port, String username, String password, String parameters) {

	/**
	 * Read the address from a JDBC URL with user and password.
	 * @param scheme what the URL must begin with, such as {@code jdbc:postgresql}
	 * @param url the URL
	 * @return the address
	 * @throws IllegalArgumentException if tests cannot use the URL
	 */
	public static DatabaseAddress parse(String scheme, String url) {
		if (!url.startsWith(scheme + "://")) {
			throw unusable(scheme);
		}
		URI uri = URI.create(url.substring("jdbc:".length()));
		String user = null;
		String password = null;
		List<String> others = new ArrayList<>();
		for (String parameter : ((uri.getRawQuery() != null) ? uri.getRawQuery() : "").split("&")) {
			if (parameter.startsWith("user=")) {
				user = value(parameter);
			}
			else if (parameter.startsWith("password=")) {
				password = value(parameter);
			}
			else if (!parameter.isEmpty()) {
				others.add(parameter);
			}
		}
		return address(scheme, uri, user, password, String.join("&", others));
	}

	private static DatabaseAddress address(String scheme, URI uri, @Nullable String user, @Nullable String password,
			String parameters) {
		if (uri.getHost() == null || uri.getPort() == -1 || user == null || password == null) {
			throw unusable(scheme);
		}
		return new DatabaseAddress(uri.getHost(), uri.getPort(), user, password, parameters);
	}

	private static IllegalArgumentException unusable(String scheme) {
		return new IllegalArgumentException(
				"it is not of the form " + scheme + "://host:port/?user=name&password=word with a user who may "
						+ "create databases; tests make databases of their own");
	}

	private static String value(String parameter) {
		return URLDecoder.decode(parameter.substring(parameter.indexOf('=') + 1), StandardCharsets.UTF_8);
	}

	String url(String scheme, String database) {
		return scheme + "://" + this.host + ":" + this.port + "/" + database
				+ (this.parameters.isEmpty() ? "" : "?" + this.parameters);
	}

}
