package io.concord.autoconfigure.election;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

import io.concord.election.LeaderElections;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of what the health tells of
 * elections.
 */
@AutoConfiguration(after = ElectionAutoConfiguration.class)
@ConditionalOnClass({ LeaderElections.class, HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean(LeaderElections.class)
public final class ElectionHealthAutoConfiguration {

	@Bean
	@ConditionalOnEnabledHealthIndicator("concord")
	@ConditionalOnMissingBean(name = "concordElectionsHealthIndicator")
	ElectionsHealthIndicator concordElectionsHealthIndicator(LeaderElections elections) {
		return new ElectionsHealthIndicator(elections);
	}

}
