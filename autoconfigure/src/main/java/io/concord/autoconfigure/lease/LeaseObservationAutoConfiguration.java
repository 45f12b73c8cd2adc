package io.concord.autoconfigure.lease;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseObserver;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of observations and meters of
 * leases.
 */
@AutoConfiguration(
		afterName = { "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration",
				"org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration" })
@ConditionalOnClass({ LeaseEngine.class, ObservationRegistry.class })
@ConditionalOnBean(ObservationRegistry.class)
@Import(LeaseObservationAutoConfiguration.MeterConfiguration.class)
public final class LeaseObservationAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(LeaseObserver.class)
	ObservationLeaseObserver concordLeaseObserver(ObservationRegistry registry, ObjectProvider<WaiterCount> waiters) {
		return new ObservationLeaseObserver(registry, waiters.getIfAvailable(() -> WaiterCount.NONE));
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(MeterRegistry.class)
	@ConditionalOnBean(MeterRegistry.class)
	static class MeterConfiguration {

		@Bean
		WaiterGauges concordWaiterGauges(MeterRegistry registry) {
			return new WaiterGauges(registry);
		}

	}

}
