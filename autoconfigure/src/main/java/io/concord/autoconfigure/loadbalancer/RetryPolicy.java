package io.concord.autoconfigure.loadbalancer;

import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpMethod;

/**
 * Which calls are tried again on another instance, if the budget allows it. Immutable.
 *
 * @param most number of other instances, 0 for none
 * @param methods of calls that the instance may have got
 * @param statuses of answers that ask for another instance
 */
record RetryPolicy(int most, Set<String> methods, Set<Integer> statuses) {

	RetryPolicy {
		methods = Set.copyOf(methods);
		statuses = Set.copyOf(statuses);
	}

	static RetryPolicy of(LoadBalancerProperties.Retry properties) {
		return new RetryPolicy(properties.isEnabled() ? properties.getMaxRetries() : 0, properties.getMethods(),
				properties.getStatuses());
	}

	boolean allows(@Nullable HttpMethod method, Throwable failure, int retries) {
		if (retries >= this.most) {
			return false;
		}
		return Failures.isConnecting(failure) || (Failures.isOfInstance(failure) && isSafe(method));
	}

	boolean allows(@Nullable HttpMethod method, int status, int retries) {
		return retries < this.most && isSafe(method) && this.statuses.contains(status);
	}

	private boolean isSafe(@Nullable HttpMethod method) {
		return method != null && this.methods.contains(method.name());
	}

}
