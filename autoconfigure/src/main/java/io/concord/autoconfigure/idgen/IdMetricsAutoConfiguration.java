package io.concord.autoconfigure.idgen;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

import io.concord.idgen.IdGeneratorObserver;
import io.concord.idgen.LongIdGenerators;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of meters of id generators.
 */
@AutoConfiguration(after = IdgenAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass({ LongIdGenerators.class, MeterRegistry.class })
@ConditionalOnBean({ DefaultLongIdGenerators.class, MeterRegistry.class })
public final class IdMetricsAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(IdGeneratorObserver.class)
	MeterIdGeneratorObserver concordIdGeneratorObserver(MeterRegistry registry) {
		return new MeterIdGeneratorObserver(registry);
	}

	@Bean
	MeterBinder concordIdGeneratorMeters(DefaultLongIdGenerators generators) {
		return new IdGeneratorMeters(generators);
	}

}
