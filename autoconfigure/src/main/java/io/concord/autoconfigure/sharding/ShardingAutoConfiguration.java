package io.concord.autoconfigure.sharding;

import javax.sql.DataSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

import io.concord.sharding.ShardBy;
import io.concord.sharding.ShardByBeanPostProcessor;
import io.concord.sharding.Sharding;
import io.concord.sharding.Shardings;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of {@link ShardBy} and
 * {@link Sharding}. Before those of data sources and of Redis, which make way for what
 * routes to several.
 */
@AutoConfiguration(beforeName = { "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
		"org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration" })
@ConditionalOnClass(Sharding.class)
@EnableConfigurationProperties(ShardingProperties.class)
@Import(ShardingBeans.class)
public final class ShardingAutoConfiguration {

	static final String SHARDINGS = "concordShardings";

	@Bean(SHARDINGS)
	Shardings concordShardings(ShardingProperties properties) {
		return new Shardings(Partitions.of(properties));
	}

	/**
	 * Bad configuration has to fail at start, also if beans are created lazily.
	 */
	@Bean
	static LazyInitializationExcludeFilter concordShardingLazyInitializationExcludeFilter() {
		return LazyInitializationExcludeFilter.forBeanTypes(Shardings.class);
	}

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static ShardByBeanPostProcessor concordShardByBeanPostProcessor(ObjectProvider<Shardings> shardings,
			Environment environment) {
		ShardByBeanPostProcessor postProcessor = new ShardByBeanPostProcessor(shardings::getObject);
		postProcessor
			.setProxyTargetClass(environment.getProperty("spring.aop.proxy-target-class", Boolean.class, true));
		return postProcessor;
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ DataSource.class, AbstractRoutingDataSource.class, DataSourceBuilder.class })
	static class JdbcConfiguration {

		@Bean(ShardDataSources.BEAN_NAME)
		ShardDataSources concordShardDataSources(ShardingProperties properties, ObjectProvider<Shardings> shardings,
				ConfigurableListableBeanFactory beanFactory) {
			return new ShardDataSources(properties, shardings, beanFactory);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(RedisConnectionFactory.class)
	static class RedisConfiguration {

		@Bean(ShardConnectionFactories.BEAN_NAME)
		ShardConnectionFactories concordShardConnectionFactories(ShardingProperties properties,
				ObjectProvider<Shardings> shardings, ConfigurableListableBeanFactory beanFactory) {
			return new ShardConnectionFactories(properties, shardings, beanFactory);
		}

	}

}
