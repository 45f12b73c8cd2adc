package io.concord.autoconfigure.ratelimit;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import org.springframework.web.util.pattern.PatternParseException;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.ratelimit.RateLimits;
import io.concord.ratelimit.http.ClientAddresses;
import io.concord.ratelimit.http.RateLimitKeyResolver;
import io.concord.ratelimit.http.RateLimitRequest;

/**
 * Which HTTP requests are limited, by which rule and which key. Checked when it is made.
 * Immutable and thread-safe.
 */
final class HttpLimits {

	static final String FORWARDED_FOR = "X-Forwarded-For";

	private static final String PREFIX = RateLimitProperties.PREFIX + ".http.";

	private final List<Limit> limits = new ArrayList<>();

	private final ClientAddresses addresses;

	HttpLimits(RateLimitProperties.Http properties, RateLimits rules, BeanFactory beanFactory) {
		int index = 0;
		for (RateLimitProperties.HttpLimitProperties limit : properties.getLimits()) {
			this.limits.add(limit(PREFIX + "limits[" + index++ + "].", limit, rules, beanFactory));
		}
		try {
			this.addresses = new ClientAddresses(properties.getTrustedProxies());
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidConcordConfigurationException(
					"The property '" + PREFIX + "trusted-proxies' can't be used: " + ex.getMessage() + ".",
					"Name addresses or networks of your own proxies.");
		}
	}

	private static Limit limit(String prefix, RateLimitProperties.HttpLimitProperties properties, RateLimits rules,
			BeanFactory beanFactory) {
		String rule = properties.getRule();
		if (rule == null || rules.rule(rule).isEmpty()) {
			throw invalid(prefix + "rule", String.valueOf(rule), "but there is no such rule.",
					"Describe it by 'concord.ratelimit.rules." + ((rule != null) ? rule : "<name>") + "'.");
		}
		if (properties.getPaths().isEmpty()) {
			throw invalid(prefix + "paths", "", "but at least one is needed.", "Use '/**' for all.");
		}
		List<PathPattern> paths = new ArrayList<>();
		for (String path : properties.getPaths()) {
			try {
				paths.add(PathPatternParser.defaultInstance.parse(path.startsWith("/") ? path : "/" + path));
			}
			catch (PatternParseException ex) {
				throw invalid(prefix + "paths", path, "which is no pattern: " + ex.getMessage() + ".",
						"Use one such as '/orders/**'.");
			}
		}
		Set<String> methods = new HashSet<>();
		properties.getMethods().forEach((method) -> methods.add(method.toUpperCase(Locale.ROOT)));
		return new Limit(rule, paths, methods, key(prefix + "key", properties.getKey(), beanFactory));
	}

	/** Kinds of keys don't meet: nobody takes an address for a name. */
	private static Function<RateLimitRequest, String> key(String property, String text, BeanFactory beanFactory) {
		String argument = text.substring(text.indexOf(':') + 1).strip();
		String kind = (text.indexOf(':') < 0) ? text : text.substring(0, text.indexOf(':'));
		if (kind.equals("bean") && text.contains(":")) {
			try {
				return beanFactory.getBean(argument, RateLimitKeyResolver.class)::resolve;
			}
			catch (NoSuchBeanDefinitionException ex) {
				throw invalid(property, text, "but there is no such bean of type RateLimitKeyResolver.",
						"Define it, or use another key.");
			}
		}
		if (kind.equals("header") && text.contains(":") && !argument.isEmpty()) {
			return (request) -> {
				List<String> values = request.header(argument);
				return values.isEmpty() ? address(request) : "h:" + values.get(0);
			};
		}
		return switch (text) {
			case "address" -> HttpLimits::address;
			case "principal" -> (request) -> {
				String principal = request.principal();
				return (principal != null) ? "p:" + principal : address(request);
			};
			case "none" -> (request) -> "";
			default -> throw invalid(property, text, "which is no key.",
					"Use 'address', 'principal', 'header:<name>', 'bean:<name>' or 'none'.");
		};
	}

	private static String address(RateLimitRequest request) {
		return "a:" + request.address();
	}

	private static InvalidConcordConfigurationException invalid(String property, String value, String reason,
			String action) {
		return InvalidConcordConfigurationException.ofProperty(property, value, reason, action);
	}

	/** The limits of a request, in the order of the configuration. */
	List<Limit> of(String method, String path) {
		if (this.limits.isEmpty()) {
			return List.of();
		}
		List<Limit> found = new ArrayList<>();
		PathContainer parsed = PathContainer.parsePath(path);
		for (Limit limit : this.limits) {
			if (limit.matches(method, parsed)) {
				found.add(limit);
			}
		}
		return found;
	}

	String address(@Nullable String connection, List<String> forwarded) {
		return this.addresses.resolve((connection != null) ? connection : "unknown", forwarded);
	}

	/**
	 * A limit of some requests.
	 *
	 * @param rule name of the rule
	 * @param paths the paths
	 * @param methods the methods; empty for all
	 * @param key makes the key
	 */
	record Limit(String rule, List<PathPattern> paths, Set<String> methods, Function<RateLimitRequest, String> key) {

		boolean matches(String method, PathContainer path) {
			return (this.methods.isEmpty() || this.methods.contains(method))
					&& this.paths.stream().anyMatch((pattern) -> pattern.matches(path));
		}

	}

}
