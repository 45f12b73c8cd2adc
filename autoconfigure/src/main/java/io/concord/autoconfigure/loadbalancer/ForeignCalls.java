package io.concord.autoconfigure.loadbalancer;

import java.time.Duration;
import java.util.Map;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.CompletionContext;
import org.springframework.cloud.client.loadbalancer.LoadBalancerLifecycle;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.RequestData;
import org.springframework.cloud.client.loadbalancer.Response;
import org.springframework.cloud.client.loadbalancer.ResponseData;
import org.springframework.cloud.client.loadbalancer.TimedRequestContext;
import org.springframework.http.HttpStatusCode;
import org.springframework.util.ClassUtils;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.servlet.function.ServerResponse;

import io.concord.loadbalancer.Algorithm;
import io.concord.loadbalancer.Call;
import io.concord.loadbalancer.Target;

/**
 * Hears of calls that others make through the framework, such as Spring Cloud Gateway.
 * The framework doesn't tell of each end. So a call counts as in flight only within a
 * request to a servlet, whose end ends it whatever happens: for the gateway that is when
 * the answer's body was passed on. Of others only the outcome is taken.
 */
final class ForeignCalls implements LoadBalancerLifecycle<Object, Object, ServiceInstance> {

	private static final String ATTRIBUTE = ForeignCalls.class.getName();

	private static final boolean FUNCTIONAL_WEB = ClassUtils
		.isPresent("org.springframework.web.servlet.function.ServerResponse", ForeignCalls.class.getClassLoader());

	private final ServiceBalancers balancers;

	private final LongSupplier nanoTime;

	ForeignCalls(ServiceBalancers balancers, LongSupplier nanoTime) {
		this.balancers = balancers;
		this.nanoTime = nanoTime;
	}

	@Override
	public void onStart(Request<Object> request) {
		// Nothing is chosen yet.
	}

	@Override
	public void onStartRequest(Request<Object> request, Response<ServiceInstance> response) {
		Called called = called(request, response);
		if (called == null) {
			return;
		}
		if (request.getContext() instanceof TimedRequestContext timed && timed.getRequestStartTime() == 0) {
			timed.setRequestStartTime(this.nanoTime.getAsLong());
		}
		RequestAttributes scope = RequestContextHolder.getRequestAttributes();
		Map<String, Object> attributes = attributes(request);
		if (scope != null && attributes != null) {
			Call call = called.service().balancer().begin(called.target());
			attributes.put(ATTRIBUTE, call);
			scope.registerDestructionCallback(ATTRIBUTE + System.identityHashCode(call), call::close,
					RequestAttributes.SCOPE_REQUEST);
			stick(called.service(), called.target(), request, scope);
		}
	}

	/** The answer to a browser that the gateway has not begun yet. */
	private static void stick(ServiceBalancer service, Target<ServiceInstance> target, Request<?> request,
			RequestAttributes scope) {
		RequestData data = Attempt.dataOf(request);
		String name = service.options().cookie();
		if (service.balancer().settings().algorithm() == Algorithm.STICKY && data != null
				&& scope instanceof ServletRequestAttributes servlet && servlet.getResponse() != null
				&& !target.cookie().equals(Cookies.find(data, name))) {
			servlet.getResponse().addHeader("Set-Cookie", Cookies.of(name, target.cookie()).toString());
		}
	}

	@Override
	public void onComplete(CompletionContext<Object, ServiceInstance, Object> completion) {
		Request<Object> request = completion.getLoadBalancerRequest();
		Called called = called(request, completion.getLoadBalancerResponse());
		if (called == null) {
			return;
		}
		Throwable thrown = completion.getThrowable();
		Integer status = status(completion.getClientResponse());
		boolean failure = (thrown != null) ? Failures.isOfInstance(thrown)
				: status != null && called.service().options().failing().contains(status);
		Map<String, Object> attributes = attributes(request);
		if (attributes != null && attributes.remove(ATTRIBUTE) instanceof Call call) {
			end(call, thrown, failure, isPassedOn(completion.getClientResponse()));
		}
		else if (thrown == null || failure) {
			called.service()
				.balancer()
				.report(called.target(), took(request), failure, thrown != null && Failures.isConnecting(thrown));
		}
	}

	private static void end(Call call, @Nullable Throwable thrown, boolean failure, boolean passedOn) {
		if (thrown == null) {
			call.answered(failure);
			if (!passedOn) {
				call.close();
			}
		}
		else if (failure) {
			call.failed(Failures.isConnecting(thrown));
		}
		else {
			call.cancelled();
		}
	}

	private Duration took(Request<?> request) {
		return (request.getContext() instanceof TimedRequestContext timed && timed.getRequestStartTime() != 0)
				? Duration.ofNanos(this.nanoTime.getAsLong() - timed.getRequestStartTime()) : Duration.ZERO;
	}

	/**
	 * Which instance it is; null for calls of our own clients and to others' services.
	 */
	private @Nullable Called called(Request<?> request, @Nullable Response<ServiceInstance> response) {
		ServiceInstance instance = (response != null) ? response.getServer() : null;
		if (instance == null || Attempt.of(request) != null) {
			return null;
		}
		ServiceBalancer service = this.balancers.known(instance.getServiceId());
		Target<ServiceInstance> target = (service != null) ? service.find(instance) : null;
		return (service != null && target != null) ? new Called(service, target) : null;
	}

	private static @Nullable Map<String, Object> attributes(Request<?> request) {
		RequestData data = Attempt.dataOf(request);
		return (data != null) ? data.getAttributes() : null;
	}

	private static boolean isPassedOn(@Nullable Object response) {
		return FUNCTIONAL_WEB && Functional.isResponse(response);
	}

	private static @Nullable Integer status(@Nullable Object response) {
		if (response instanceof ResponseData data) {
			HttpStatusCode status = data.getHttpStatus();
			return (status != null) ? status.value() : null;
		}
		return (FUNCTIONAL_WEB && response != null) ? Functional.status(response) : null;
	}

	/**
	 * What is called.
	 *
	 * @param service the service
	 * @param target its instance
	 */
	private record Called(ServiceBalancer service, Target<ServiceInstance> target) {
	}

	/** Loaded only if its classes are there. */
	private static final class Functional {

		static boolean isResponse(@Nullable Object response) {
			return response instanceof ServerResponse;
		}

		static @Nullable Integer status(Object response) {
			return (response instanceof ServerResponse served) ? served.statusCode().value() : null;
		}

	}

}
