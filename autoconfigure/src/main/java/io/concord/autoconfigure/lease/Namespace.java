package io.concord.autoconfigure.lease;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

import io.concord.autoconfigure.ConcordProperties;
import io.concord.autoconfigure.InvalidConcordConfigurationException;

/**
 * Finds the name under which the application keeps its data.
 */
final class Namespace {

	private static final Logger logger = LoggerFactory.getLogger(Namespace.class);

	private static final int MAX_LENGTH = 64;

	private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9._-]{1," + MAX_LENGTH + "}");

	private static final int HASH_BYTES = 4;

	private Namespace() {
	}

	static String of(ConcordProperties properties, Environment environment) {
		String namespace = properties.getNamespace();
		if (namespace != null) {
			if (!ALLOWED.matcher(namespace).matches()) {
				throw InvalidConcordConfigurationException.ofProperty("concord.namespace", namespace,
						"which can't name a place in a store.",
						"Use 1 to 64 letters of a-z and A-Z, digits, dots, underscores and dashes, such as 'shop'.");
			}
			return namespace;
		}
		String application = environment.getProperty("spring.application.name");
		if (!StringUtils.hasText(application)) {
			logger.warn("Neither 'concord.namespace' nor 'spring.application.name' is set: Concord keeps its data "
					+ "under 'application', together with every other application on the same store that sets neither");
			return "application";
		}
		return ALLOWED.matcher(application).matches() ? application : normalize(application);
	}

	/**
	 * The hash keeps apart what the replacement of characters makes equal.
	 */
	private static String normalize(String name) {
		String readable = name.replaceAll("[^A-Za-z0-9._-]", "-");
		int length = Math.min(readable.length(), MAX_LENGTH - 1 - 2 * HASH_BYTES);
		return readable.substring(0, length) + "-" + hash(name);
	}

	private static String hash(String name) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
			return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every JVM has SHA-256", ex);
		}
	}

}
