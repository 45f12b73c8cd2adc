package io.concord.autoconfigure.idgen;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

import io.concord.idgen.LongIdGenerators;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of the health of id generators.
 */
@AutoConfiguration(after = IdgenAutoConfiguration.class)
@ConditionalOnClass({ LongIdGenerators.class, HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean(DefaultLongIdGenerators.class)
public final class IdHealthAutoConfiguration {

	@Bean
	@ConditionalOnEnabledHealthIndicator("concord")
	@ConditionalOnMissingBean(name = "concordIdsHealthIndicator")
	IdsHealthIndicator concordIdsHealthIndicator(DefaultLongIdGenerators generators) {
		return new IdsHealthIndicator(generators);
	}

}
