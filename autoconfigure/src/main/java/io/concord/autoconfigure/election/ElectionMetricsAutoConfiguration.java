package io.concord.autoconfigure.election;

import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

import io.concord.election.LeaderElections;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of meters of elections.
 */
@AutoConfiguration(after = ElectionAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass({ LeaderElections.class, MeterRegistry.class })
@ConditionalOnBean({ LeaderElections.class, MeterRegistry.class })
public final class ElectionMetricsAutoConfiguration {

	@Bean
	ElectionMeters concordElectionMeters(LeaderElections elections, MeterRegistry registry) {
		return new ElectionMeters(elections, registry);
	}

}
