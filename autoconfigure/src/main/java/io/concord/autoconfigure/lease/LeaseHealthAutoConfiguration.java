package io.concord.autoconfigure.lease;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

import io.concord.lease.LeaseEngine;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of the health of the stores.
 */
@AutoConfiguration(after = LeaseAutoConfiguration.class)
@ConditionalOnClass({ LeaseEngine.class, HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean(LeaseStores.class)
public final class LeaseHealthAutoConfiguration {

	@Bean
	@ConditionalOnEnabledHealthIndicator("concord")
	@ConditionalOnMissingBean(name = "concordStoresHealthIndicator")
	LeaseStoresHealthIndicator concordStoresHealthIndicator(LeaseStores stores) {
		return new LeaseStoresHealthIndicator(stores, System::nanoTime);
	}

}
