package io.concord.autoconfigure.idgen;

import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JacksonModule;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernatePropertiesCustomizer;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.idgen.LongIdGenerator;
import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.Snowflake;
import io.concord.idgen.entity.CountingGenerators;
import io.concord.idgen.entity.EntityIds;

import static org.assertj.core.api.Assertions.assertThat;

class IdgenEntityAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(IdgenEntityAutoConfiguration.class))
		.withPropertyValues("concord.idgen.json-as-string=true");

	private final ApplicationContextRunner withGenerators = this.runner.withUserConfiguration(Generators.class);

	@Test
	void servesAllMappersThatThereAre() {
		this.withGenerators.run((context) -> assertThat(context).hasSingleBean(EntityIds.class)
			.hasSingleBean(HibernatePropertiesCustomizer.class)
			.hasSingleBean(AggregateIdsCallback.class)
			.hasSingleBean(RedisTemplateIdsPostProcessor.class)
			.hasSingleBean(IdJacksonModule.class));
	}

	@Test
	void isOffWithoutGenerators() {
		this.runner.run((context) -> assertThat(context).hasSingleBean(IdJacksonModule.class)
			.doesNotHaveBean(EntityIds.class)
			.doesNotHaveBean(HibernatePropertiesCustomizer.class)
			.doesNotHaveBean(AggregateIdsCallback.class)
			.doesNotHaveBean(RedisTemplateIdsPostProcessor.class));
	}

	@Test
	void isOffWithoutItsLibrary() {
		this.runner.withClassLoader(new FilteredClassLoader(LongIdGenerators.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(JacksonModule.class));
	}

	@Test
	void worksWithoutHibernate() {
		this.withGenerators.withClassLoader(new FilteredClassLoader("org.hibernate"))
			.run((context) -> assertThat(context).hasSingleBean(AggregateIdsCallback.class)
				.doesNotHaveBean(HibernatePropertiesCustomizer.class));
	}

	@Test
	void worksWithoutHibernateOfSpringBoot() {
		this.withGenerators.withClassLoader(new FilteredClassLoader(HibernatePropertiesCustomizer.class))
			.run((context) -> assertThat(context).hasSingleBean(AggregateIdsCallback.class)
				.doesNotHaveBean("concordIdsHibernateCustomizer"));
	}

	@Test
	void worksWithoutSpringDataJdbc() {
		this.withGenerators
			.withClassLoader(
					new FilteredClassLoader("org.springframework.data.jdbc", "org.springframework.data.relational"))
			.run((context) -> assertThat(context).hasSingleBean(RedisTemplateIdsPostProcessor.class)
				.doesNotHaveBean(AggregateIdsCallback.class));
	}

	@Test
	void worksWithoutSpringDataRedis() {
		this.withGenerators.withClassLoader(new FilteredClassLoader("org.springframework.data.redis"))
			.run((context) -> assertThat(context).hasSingleBean(AggregateIdsCallback.class)
				.doesNotHaveBean(RedisTemplateIdsPostProcessor.class));
	}

	@Test
	void worksWithoutSpringData() {
		this.withGenerators.withClassLoader(new FilteredClassLoader("org.springframework.data"))
			.run((context) -> assertThat(context).hasSingleBean(EntityIds.class)
				.hasSingleBean(HibernatePropertiesCustomizer.class)
				.doesNotHaveBean(AggregateIdsCallback.class)
				.doesNotHaveBean(RedisTemplateIdsPostProcessor.class));
	}

	@Test
	void worksWithoutJackson() {
		this.withGenerators.withClassLoader(new FilteredClassLoader("tools.jackson"))
			.run((context) -> assertThat(context).hasSingleBean(EntityIds.class)
				.doesNotHaveBean("concordIdJacksonModule"));
	}

	@Test
	void backsOffFromTheUsersEntityIds() {
		EntityIds own = new EntityIds(new CountingGenerators());
		this.withGenerators.withBean(EntityIds.class, () -> own)
			.run((context) -> assertThat(context).getBean(EntityIds.class).isSameAs(own));
	}

	@Test
	void worksWithConfiguredGenerators() {
		this.runner.withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class, IdgenAutoConfiguration.class))
			.withUserConfiguration(Injected.class)
			.withPropertyValues("concord.namespace=shop", "concord.idgen.backend=local",
					"concord.idgen.generators.orders.type=sequence")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				long injected = Objects.requireNonNull(context.getBean(Injected.class).generator).next();
				Order order = context.getBean(EntityIds.class).assign(new Order(null, 0));
				assertThat(order.id()).isEqualTo(injected + 1);
				assertThat(order.number()).isPositive();
			});
	}

	record Order(@Snowflake("orders") @Nullable Long id, @Snowflake long number) {
	}

	@Configuration(proxyBeanMethods = false)
	static class Injected {

		@Snowflake("orders")
		private @Nullable LongIdGenerator generator;

	}

	@Configuration(proxyBeanMethods = false)
	static class Generators {

		@Bean
		LongIdGenerators generators() {
			return new CountingGenerators("default");
		}

	}

}
