package io.concord.autoconfigure.idgen;

import java.time.Duration;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.AutowiredAnnotationBeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.env.Environment;

import io.concord.autoconfigure.ConcordProperties;
import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.autoconfigure.lease.StoreClients;
import io.concord.idgen.IdGeneratorObserver;
import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.Snowflake;
import io.concord.lease.LeaseEngine;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of id generators.
 */
@AutoConfiguration(after = LeaseAutoConfiguration.class)
@ConditionalOnClass({ LongIdGenerators.class, LeaseEngine.class })
@ConditionalOnBooleanProperty(name = "concord.idgen.enabled", matchIfMissing = true)
@EnableConfigurationProperties(IdgenProperties.class)
@Import({ JdbcIdStoreConfiguration.class, RedisIdStoreConfiguration.class, ZooKeeperIdStoreConfiguration.class })
@ImportRuntimeHints(IdRuntimeHints.class)
public final class IdgenAutoConfiguration {

	/**
	 * Injects annotated fields of beans. Beside the post-processor of Spring, as the
	 * annotation can't be an {@code @Autowired}: Spring Data takes properties with that
	 * for transient.
	 */
	@Bean
	static AutowiredAnnotationBeanPostProcessor concordSnowflakeInjection() {
		AutowiredAnnotationBeanPostProcessor postProcessor = new AutowiredAnnotationBeanPostProcessor();
		postProcessor.setAutowiredAnnotationType(Snowflake.class);
		return postProcessor;
	}

	/** Unless the application has a registry of its own. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingBean(LongIdGenerators.class)
	@Import(IdGeneratorBeans.class)
	static class GeneratorsConfiguration {

		@Bean(DefaultLongIdGenerators.BEAN_NAME)
		DefaultLongIdGenerators concordLongIdGenerators(IdgenProperties properties, ConcordProperties concordProperties,
				StoreClients clients, ConfigurableListableBeanFactory beanFactory, Environment environment,
				ObjectProvider<IdGeneratorObserver> observer, ApplicationEventPublisher events) {
			Duration storeTimeout = concordProperties.getStoreTimeout();
			if (storeTimeout.toMillis() < 1) {
				throw InvalidConcordConfigurationException.ofProperty("concord.store-timeout", storeTimeout,
						"but must be at least 1ms.", "Set it to a longer time, such as '2s'.");
			}
			IdStores stores = new IdStores(beanFactory, clients, properties.getBackend(),
					DefaultLongIdGenerators.BEAN_NAME);
			GeneratorFactory factory = new GeneratorFactory(stores, storeTimeout, ProcessLabel.of(environment),
					observer.getIfAvailable(() -> IdGeneratorObserver.NONE), events::publishEvent);
			return new DefaultLongIdGenerators(properties.getGenerators(), factory, stores);
		}

		/**
		 * Bad configuration has to fail at start, also if beans are created lazily.
		 */
		@Bean
		static LazyInitializationExcludeFilter concordIdgenLazyInitializationExcludeFilter() {
			return LazyInitializationExcludeFilter.forBeanTypes(DefaultLongIdGenerators.class);
		}

	}

}
