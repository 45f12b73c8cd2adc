package io.concord.autoconfigure.idgen.redis;

import org.junit.jupiter.api.Test;

import org.springframework.aop.support.AopUtils;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.ComponentScan.Filter;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.FilterType;
import org.springframework.data.annotation.Id;
import org.springframework.data.keyvalue.repository.KeyValueRepository;
import org.springframework.data.redis.core.RedisHash;
import org.springframework.data.redis.core.RedisKeyValueTemplate;
import org.springframework.data.redis.repository.configuration.EnableRedisRepositories;

import io.concord.autoconfigure.idgen.IdgenEntityAutoConfiguration;
import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.Snowflake;
import io.concord.idgen.entity.CountingGenerators;
import io.concord.invocation.InvalidAnnotationException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What needs no Redis of {@link Snowflake} on entities of Spring Data Redis.
 */
class DataRedisIdsTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(IdgenEntityAutoConfiguration.class, DataRedisAutoConfiguration.class))
		.withBean(LongIdGenerators.class, () -> new CountingGenerators("default"));

	/** Nothing connects before the first call. */
	@Test
	void advisesTheRedisTemplate() {
		this.runner.withUserConfiguration(Good.class).run((context) -> {
			RedisKeyValueTemplate template = context.getBean(RedisKeyValueTemplate.class);
			assertThat(AopUtils.isCglibProxy(template)).isTrue();
			assertThat(template.getMappingContext().getPersistentEntity(Session.class)).isNotNull();
		});
	}

	@Test
	void refusesRedisEntitiesAtStartThatCannotWork() {
		this.runner.withUserConfiguration(Bad.class)
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.isInstanceOf(InvalidAnnotationException.class)
				.hasMessageContaining("BadSession.id can't work, as it names the generator 'nobody'"));
	}

	@Configuration(proxyBeanMethods = false)
	@EnableRedisRepositories(considerNestedRepositories = true,
			excludeFilters = @Filter(type = FilterType.REGEX, pattern = ".*BadSessions"))
	static class Good {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableRedisRepositories(considerNestedRepositories = true,
			excludeFilters = @Filter(type = FilterType.REGEX, pattern = ".*GoodSessions"))
	static class Bad {

	}

	interface GoodSessions extends KeyValueRepository<Session, String> {

	}

	interface BadSessions extends KeyValueRepository<BadSession, String> {

	}

	@RedisHash("session")
	record Session(@Id @Snowflake String id) {
	}

	@RedisHash("session")
	record BadSession(@Id @Snowflake("nobody") String id) {
	}

}
