package io.concord.autoconfigure.loadbalancer;

import java.net.URI;
import java.util.function.Function;

import jakarta.servlet.ServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.cloud.client.loadbalancer.RequestData;
import org.springframework.http.HttpHeaders;
import org.springframework.util.ClassUtils;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.loadbalancer.Algorithm;
import io.concord.loadbalancer.BalancedRequest;
import io.concord.loadbalancer.RequestKeyResolver;

/**
 * Where the keys of calls come from.
 */
final class RequestKeys {

	private static final boolean SERVLET = ClassUtils.isPresent("jakarta.servlet.ServletRequest",
			RequestKeys.class.getClassLoader());

	private static final int LONGEST = 4096;

	private RequestKeys() {
	}

	/**
	 * Describes where the key of an algorithm comes from.
	 * @param property property that says so
	 * @param text its value, such as {@code header:X-Customer}; null if it is unset
	 * @param algorithm the algorithm
	 * @param beans finds beans by name, and by type if the name is empty
	 * @return gives the key of a call
	 * @throws InvalidConcordConfigurationException if there is no such place
	 */
	static RequestKeyResolver of(String property, @Nullable String text, Algorithm algorithm,
			Function<String, @Nullable RequestKeyResolver> beans) {
		if (algorithm == Algorithm.SOURCE_IP_HASH) {
			return BalancedRequest::remoteAddress;
		}
		if (algorithm != Algorithm.CONSISTENT_HASH) {
			return (request) -> null;
		}
		if (text == null) {
			RequestKeyResolver only = beans.apply("");
			if (only == null) {
				throw new InvalidConcordConfigurationException(
						"'consistent-hash' needs a key, but '" + property
								+ "' is not set and there is not one bean of type RequestKeyResolver.",
						"Set it to one of 'header:<name>', 'cookie:<name>', 'path', 'path:<number of the segment>' "
								+ "and 'bean:<name>', or define a bean.");
			}
			return only;
		}
		int colon = text.indexOf(':');
		String kind = (colon < 0) ? text : text.substring(0, colon);
		String name = (colon < 0) ? "" : text.substring(colon + 1).trim();
		RequestKeyResolver resolver = switch (kind) {
			case "header" -> name.isEmpty() ? null : (request) -> request.header(name);
			case "cookie" -> name.isEmpty() ? null : (request) -> request.cookie(name);
			case "path" -> path(name);
			case "bean" -> name.isEmpty() ? null : beans.apply(name);
			default -> null;
		};
		if (resolver == null) {
			throw InvalidConcordConfigurationException.ofProperty(property, text, "which names no key of a call.",
					"Set it to one of 'header:<name>', 'cookie:<name>', 'path', 'path:<number of the segment>' "
							+ "and 'bean:<name of a RequestKeyResolver>'.");
		}
		return resolver;
	}

	private static @Nullable RequestKeyResolver path(String number) {
		if (number.isEmpty()) {
			return (request) -> request.uri().getPath();
		}
		if (!number.matches("[1-9][0-9]?")) {
			return null;
		}
		int index = Integer.parseInt(number);
		return (request) -> segment(request.uri().getPath(), index);
	}

	private static @Nullable String segment(@Nullable String path, int number) {
		String[] segments = (path != null) ? path.split("/") : new String[0];
		// Before the first slash there is nothing.
		return (number < segments.length) ? segments[number] : null;
	}

	/** Key of a call; nothing that is longer than sense. */
	static @Nullable String find(RequestKeyResolver resolver, String service, RequestData data) {
		String key = resolver.keyOf(new Described(service, data));
		return (key == null || key.isEmpty() || key.length() > LONGEST) ? null : key;
	}

	/**
	 * A call as the framework describes it.
	 *
	 * @param service the service
	 * @param data the description
	 */
	private record Described(String service, RequestData data) implements BalancedRequest {

		@Override
		public String method() {
			return this.data.getHttpMethod().name();
		}

		@Override
		public URI uri() {
			return this.data.getUrl();
		}

		@Override
		public @Nullable String header(String name) {
			HttpHeaders headers = this.data.getHeaders();
			return (headers != null) ? headers.getFirst(name) : null;
		}

		@Override
		public @Nullable String cookie(String name) {
			return Cookies.find(this.data, name);
		}

		@Override
		public @Nullable String remoteAddress() {
			return SERVLET ? Servlets.remoteAddress() : null;
		}

	}

	/** Loaded only if its classes are there. */
	private static final class Servlets {

		static @Nullable String remoteAddress() {
			if (RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes) {
				ServletRequest request = attributes.getRequest();
				return request.getRemoteAddr();
			}
			return null;
		}

	}

}
