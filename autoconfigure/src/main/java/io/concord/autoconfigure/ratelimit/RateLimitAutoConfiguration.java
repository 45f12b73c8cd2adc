package io.concord.autoconfigure.ratelimit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;

import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.autoconfigure.lease.LeaseStores;
import io.concord.autoconfigure.lease.StoreClients;
import io.concord.lease.LeaseEngine;
import io.concord.ratelimit.DefaultRateLimits;
import io.concord.ratelimit.RateLimitSettings;
import io.concord.ratelimit.RateLimited;
import io.concord.ratelimit.RateLimitedBeanPostProcessor;
import io.concord.ratelimit.RateLimits;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of {@link RateLimited} and
 * {@link RateLimits}.
 */
@AutoConfiguration(after = LeaseAutoConfiguration.class)
@ConditionalOnClass({ RateLimits.class, LeaseEngine.class })
public final class RateLimitAutoConfiguration {

	private static final Logger logger = LoggerFactory.getLogger(RateLimitAutoConfiguration.class);

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty(name = "concord.ratelimit.enabled", matchIfMissing = true)
	@EnableConfigurationProperties(RateLimitProperties.class)
	@ImportRuntimeHints(RateLimitRuntimeHints.class)
	static class EnabledConfiguration {

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static RateLimitedBeanPostProcessor concordRateLimitedBeanPostProcessor(ObjectProvider<RateLimits> limits,
				Environment environment) {
			RateLimitedBeanPostProcessor postProcessor = new RateLimitedBeanPostProcessor(limits::getObject);
			postProcessor
				.setProxyTargetClass(environment.getProperty("spring.aop.proxy-target-class", Boolean.class, true));
			return postProcessor;
		}

	}

	/** Unless the application has limits of its own. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty(name = "concord.ratelimit.enabled", matchIfMissing = true)
	@ConditionalOnMissingBean(RateLimits.class)
	@Import({ JdbcRateLimitStoreConfiguration.class, RedisRateLimitStoreConfiguration.class })
	static class LimitsConfiguration {

		/**
		 * The stores themselves are opened later: annotated beans only need the rules.
		 */
		@Bean(RateLimitStores.BEAN_NAME)
		RateLimitStores concordRateLimitStores(ConfigurableListableBeanFactory beanFactory,
				ObjectProvider<StoreClients> clients, ObjectProvider<LeaseStores> leaseStores,
				RateLimitProperties properties) {
			return new RateLimitStores(beanFactory, clients::getObject, leaseStores::getObject, properties);
		}

		@Bean
		DefaultRateLimits concordRateLimits(RateLimitStores stores, RateLimitProperties properties) {
			// First, as it says which property is wrong.
			RateLimitSettings settings = properties.settings();
			DefaultRateLimits limits = new DefaultRateLimits(stores::rates, stores.concurrency(), stores::share,
					stores::members, settings);
			RateLimitProperties.rules(properties.getRules()).forEach(limits::define);
			return limits;
		}

		@Bean
		RateLimitRules concordRateLimitRules(DefaultRateLimits limits, RateLimitStores stores,
				Environment environment) {
			return new RateLimitRules(limits, stores, environment);
		}

		/**
		 * Bad configuration has to fail at start, also if beans are created lazily.
		 */
		@Bean
		static LazyInitializationExcludeFilter concordRateLimitLazyInitializationExcludeFilter() {
			return LazyInitializationExcludeFilter.forBeanTypes(RateLimitRules.class);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty(name = "concord.ratelimit.enabled", havingValue = false)
	static class DisabledConfiguration {

		DisabledConfiguration() {
			logger.warn("Rate limits are switched off by 'concord.ratelimit.enabled=false': "
					+ "methods with @RateLimited run unlimited");
		}

	}

}
