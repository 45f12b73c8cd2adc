package io.concord.autoconfigure.actuate;

import java.security.Principal;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.aot.hint.annotation.RegisterReflectionForBinding;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.util.MimeType;

/**
 * The one endpoint of all features, with a selector for each. Reads only, unless its
 * access is {@link Access#UNRESTRICTED}.
 */
@Endpoint(id = "concord", defaultAccess = Access.READ_ONLY)
@RegisterReflectionForBinding(ConcordEndpoint.Problem.class)
final class ConcordEndpoint {

	private static final Logger logger = LoggerFactory.getLogger(ConcordEndpoint.class);

	private static final int SHOWN = 200;

	private static final MimeType PROBLEM = new MimeType("application", "problem+json");

	private final Map<String, EndpointFeature> features = new TreeMap<>();

	private final Show showKeys;

	ConcordEndpoint(Iterable<EndpointFeature> features, Show showKeys) {
		features.forEach((feature) -> this.features.put(feature.selector(), feature));
		this.showKeys = showKeys;
	}

	@ReadOperation
	Features features() {
		return new Features(new TreeSet<>(this.features.keySet()));
	}

	@ReadOperation
	@Nullable Object feature(SecurityContext securityContext, @Selector String feature, @Nullable String name) {
		EndpointFeature found = this.features.get(feature);
		if (found == null) {
			return null;
		}
		return (name != null) ? checked(() -> found.anywhere(name))
				: found.here(this.showKeys.isShown(securityContext, Set.of()));
	}

	@DeleteOperation
	@Nullable Object release(SecurityContext securityContext, @Selector String feature, String name) {
		EndpointFeature found = this.features.get(feature);
		if (found == null) {
			throw invalid("There is no feature '" + feature + "'");
		}
		String who = who(securityContext);
		logger.warn("{} releases '{}' of {} by force through the actuator", who, printable(name), found.selector());
		Object answer = checked(() -> found.release(name));
		if (answer instanceof WebEndpointResponse) {
			logger.warn("'{}' of {} could not be released by force", printable(name), found.selector());
			return answer;
		}
		if (answer == null) {
			throw invalid("The store can't release " + feature + " by force");
		}
		logger.warn("{} has released '{}' of {} by force: {}", who, printable(name), found.selector(), answer);
		return answer;
	}

	@WriteOperation
	@Nullable Object change(SecurityContext securityContext, @Selector String feature, String name, String values) {
		EndpointFeature found = this.features.get(feature);
		if (found == null) {
			throw invalid("There is no feature '" + feature + "'");
		}
		String who = who(securityContext);
		logger.warn("{} changes '{}' of {} through the actuator: {}", who, printable(name), found.selector(),
				printable(values));
		Object answer = checked(() -> found.change(name, values));
		if (answer == null) {
			throw invalid("Nothing of " + feature + " can be changed");
		}
		logger.warn("{} has changed '{}' of {}: {}", who, printable(name), found.selector(), answer);
		return answer;
	}

	private static String who(SecurityContext securityContext) {
		Principal principal = securityContext.getPrincipal();
		return (principal != null) ? "'" + printable(principal.getName()) + "'" : "somebody who is not named";
	}

	private static @Nullable Object checked(Supplier<@Nullable OperationResponseBody> call) {
		try {
			return call.get();
		}
		catch (IllegalArgumentException ex) {
			throw invalid(String.valueOf(ex.getMessage()));
		}
		catch (FeatureUnavailableException ex) {
			logger.warn("The store can't answer the actuator: {}", printable(String.valueOf(ex.getMessage())));
			return new WebEndpointResponse<>(
					new Problem("Service Unavailable", WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE,
							"The store failed; the log tells more"),
					WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE, PROBLEM);
		}
	}

	private static InvalidEndpointRequestException invalid(String reason) {
		return new InvalidEndpointRequestException(reason, printable(reason));
	}

	/** Neither a line break nor a whole page gets into the log by a request. */
	private static String printable(String text) {
		String shown = (text.length() <= SHOWN) ? text : text.substring(0, SHOWN) + "…";
		return shown.replaceAll("[^\\P{C}]", "?");
	}

	/**
	 * Why there is no answer, in the shape of RFC 9457.
	 *
	 * @param title name of the status
	 * @param status the status
	 * @param detail what failed
	 */
	record Problem(String title, int status, String detail) implements OperationResponseBody {
	}

	/**
	 * The features that there are.
	 *
	 * @param features their selectors
	 */
	record Features(Set<String> features) implements OperationResponseBody {
	}

}
