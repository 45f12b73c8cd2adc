package io.concord.autoconfigure.loadbalancer;

import java.util.HashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.RequestData;
import org.springframework.cloud.client.loadbalancer.RequestDataContext;

/**
 * One try of a call that our own clients make, and count. They carry it through the
 * framework as an attribute of the request. Immutable.
 *
 * @param tried ids of instances that have failed for this call
 */
record Attempt(Set<String> tried) {

	static final String ATTRIBUTE = Attempt.class.getName();

	static final Attempt FIRST = new Attempt(Set.of());

	Attempt {
		tried = Set.copyOf(tried);
	}

	/** The next one, after an instance has failed. */
	Attempt and(ServiceInstance failed) {
		Set<String> all = new HashSet<>(this.tried);
		all.add(ServiceBalancer.idOf(failed));
		return new Attempt(all);
	}

	static @Nullable Attempt of(Request<?> request) {
		RequestData data = dataOf(request);
		return (data != null && data.getAttributes().get(ATTRIBUTE) instanceof Attempt attempt) ? attempt : null;
	}

	static @Nullable RequestData dataOf(Request<?> request) {
		return (request.getContext() instanceof RequestDataContext context) ? context.getClientRequest() : null;
	}

}
