package io.concord.autoconfigure;

import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

class AutoConfigurationOrderTests {

	private static final List<String> OWN = ImportCandidates.load(AutoConfiguration.class, null)
		.getCandidates()
		.stream()
		.filter((name) -> name.startsWith("io.concord."))
		.toList();

	@Test
	void listsEveryAutoConfiguration() {
		assertThat(OWN).allSatisfy((name) -> assertThat(type(name)).hasAnnotation(AutoConfiguration.class))
			.containsExactlyInAnyOrder("io.concord.autoconfigure.actuate.ConcordEndpointAutoConfiguration",
					"io.concord.autoconfigure.idgen.IdEndpointAutoConfiguration",
					"io.concord.autoconfigure.idgen.IdHealthAutoConfiguration",
					"io.concord.autoconfigure.idgen.IdMetricsAutoConfiguration",
					"io.concord.autoconfigure.idgen.IdgenAutoConfiguration",
					"io.concord.autoconfigure.idgen.IdgenEntityAutoConfiguration",
					"io.concord.autoconfigure.election.ElectionAutoConfiguration",
					"io.concord.autoconfigure.election.ElectionEndpointAutoConfiguration",
					"io.concord.autoconfigure.election.ElectionHealthAutoConfiguration",
					"io.concord.autoconfigure.election.ElectionMetricsAutoConfiguration",
					"io.concord.autoconfigure.lease.LeaseAutoConfiguration",
					"io.concord.autoconfigure.lease.LeaseHealthAutoConfiguration",
					"io.concord.autoconfigure.lease.LeaseObservationAutoConfiguration",
					"io.concord.autoconfigure.loadbalancer.DiscoveryAutoConfiguration",
					"io.concord.autoconfigure.loadbalancer.LoadBalancerAutoConfiguration",
					"io.concord.autoconfigure.loadbalancer.LoadBalancerEndpointAutoConfiguration",
					"io.concord.autoconfigure.loadbalancer.LoadBalancerHealthAutoConfiguration",
					"io.concord.autoconfigure.loadbalancer.LoadBalancerMetricsAutoConfiguration",
					"io.concord.autoconfigure.lock.LockAutoConfiguration",
					"io.concord.autoconfigure.lock.LockEndpointAutoConfiguration",
					"io.concord.autoconfigure.ratelimit.RateLimitAutoConfiguration",
					"io.concord.autoconfigure.ratelimit.RateLimitEndpointAutoConfiguration",
					"io.concord.autoconfigure.ratelimit.RateLimitHttpAutoConfiguration",
					"io.concord.autoconfigure.ratelimit.RateLimitMetricsAutoConfiguration",
					"io.concord.autoconfigure.ratelimit.RateLimitResilience4jAutoConfiguration",
					"io.concord.autoconfigure.sharding.ShardingAutoConfiguration",
					"io.concord.autoconfigure.sharding.ShardingEndpointAutoConfiguration");
	}

	@Test
	void namesAutoConfigurationsThatExist() {
		List<String> named = OWN.stream()
			.map((name) -> type(name).getAnnotation(AutoConfiguration.class))
			.flatMap((order) -> Stream.concat(Stream.of(order.afterName()), Stream.of(order.beforeName())))
			.toList();
		assertThat(named).isNotEmpty()
			.allSatisfy((name) -> assertThat(type(name)).hasAnnotation(AutoConfiguration.class));
	}

	private static Class<?> type(String name) {
		return ClassUtils.resolveClassName(name, null);
	}

}
