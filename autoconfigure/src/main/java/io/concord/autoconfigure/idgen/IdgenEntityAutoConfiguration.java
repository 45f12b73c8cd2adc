package io.concord.autoconfigure.idgen;

import org.hibernate.integrator.spi.Integrator;
import tools.jackson.databind.JacksonModule;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.hibernate.autoconfigure.HibernatePropertiesCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.jdbc.core.mapping.JdbcMappingContext;
import org.springframework.data.redis.core.RedisKeyValueTemplate;
import org.springframework.data.redis.core.mapping.RedisMappingContext;
import org.springframework.data.relational.core.mapping.event.BeforeConvertCallback;

import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.Snowflake;
import io.concord.idgen.entity.AggregateIds;
import io.concord.idgen.entity.EntityIds;
import io.concord.idgen.entity.SnowflakeIntegrator;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of {@link Snowflake} on entities,
 * and of ids in JSON.
 */
@AutoConfiguration(after = IdgenAutoConfiguration.class)
@ConditionalOnClass(LongIdGenerators.class)
public final class IdgenEntityAutoConfiguration {

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBean(LongIdGenerators.class)
	static class EntityConfiguration {

		@Bean
		@ConditionalOnMissingBean
		EntityIds concordEntityIds(LongIdGenerators generators) {
			return new EntityIds(generators);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBean(LongIdGenerators.class)
	@ConditionalOnClass({ Integrator.class, HibernatePropertiesCustomizer.class })
	static class HibernateConfiguration {

		@Bean
		HibernatePropertiesCustomizer concordIdsHibernateCustomizer(LongIdGenerators generators) {
			return (properties) -> properties.put(SnowflakeIntegrator.GENERATORS, generators);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBean(LongIdGenerators.class)
	@ConditionalOnClass({ JdbcMappingContext.class, BeforeConvertCallback.class })
	static class DataJdbcConfiguration {

		@Bean
		AggregateIdsCallback concordAggregateIdsCallback(ObjectProvider<JdbcMappingContext> contexts,
				ObjectProvider<LongIdGenerators> generators) {
			return new AggregateIdsCallback(contexts, generators);
		}

		@Bean
		SmartInitializingSingleton concordDataJdbcIdCheck(ObjectProvider<JdbcMappingContext> contexts,
				LongIdGenerators generators) {
			return () -> contexts.forEach((context) -> new AggregateIds(context, generators).check());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBean(LongIdGenerators.class)
	@ConditionalOnClass(RedisKeyValueTemplate.class)
	static class DataRedisConfiguration {

		@Bean
		static RedisTemplateIdsPostProcessor concordRedisTemplateIds(ObjectProvider<LongIdGenerators> generators) {
			return new RedisTemplateIdsPostProcessor(generators);
		}

		@Bean
		SmartInitializingSingleton concordDataRedisIdCheck(ObjectProvider<RedisMappingContext> contexts,
				LongIdGenerators generators) {
			return () -> contexts.forEach((context) -> new AggregateIds(context, generators).check());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(JacksonModule.class)
	@ConditionalOnBooleanProperty("concord.idgen.json-as-string")
	static class JacksonConfiguration {

		@Bean
		IdJacksonModule concordIdJacksonModule() {
			return new IdJacksonModule();
		}

	}

}
