package io.concord.autoconfigure.lock;

import java.time.Duration;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;

import io.concord.autoconfigure.ConcordProperties;
import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.autoconfigure.lease.LeaseStores;
import io.concord.lease.HandOver;
import io.concord.lease.LeaseEngine;
import io.concord.lease.guard.CommitChecks;
import io.concord.lease.guard.FencingGuard;
import io.concord.lock.DistributedLock;
import io.concord.lock.DistributedLockBeanPostProcessor;
import io.concord.lock.DistributedLocks;
import io.concord.lock.LockInspector;
import io.concord.lock.LockSettings;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of {@link DistributedLock} and
 * {@link DistributedLocks}.
 */
@AutoConfiguration(after = LeaseAutoConfiguration.class)
@ConditionalOnClass({ DistributedLocks.class, LeaseEngine.class })
public final class LockAutoConfiguration {

	private static final Logger logger = LoggerFactory.getLogger(LockAutoConfiguration.class);

	private static final String FEATURE = "lock";

	private static final String LOCKS = "concordDistributedLocks";

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty(name = "concord.lock.enabled", matchIfMissing = true)
	@EnableConfigurationProperties(LockProperties.class)
	static class EnabledConfiguration {

		@Bean(LOCKS)
		@ConditionalOnMissingBean
		DistributedLocks concordDistributedLocks(LeaseStores stores, LockProperties properties,
				ConcordProperties concordProperties) {
			LockSettings settings = settings(properties);
			Duration minLeaseTime = stores.engine(FEATURE, properties.getBackend()).minLeaseTime();
			if (settings.leaseTime().compareTo(minLeaseTime) < 0) {
				throw InvalidConcordConfigurationException.ofProperty("concord.lock.lease-time", settings.leaseTime(),
						"but must be at least %d ms, twice the time-out of the store ('concord.store-timeout' is %d ms): a lease that ends while a call is under way can't be renewed."
							.formatted(minLeaseTime.toMillis(), concordProperties.getStoreTimeout().toMillis()),
						"Set 'concord.lock.lease-time' to at least '%dms', or 'concord.store-timeout' to at most '%dms'."
							.formatted(minLeaseTime.toMillis(), settings.leaseTime().toMillis() / 2));
			}
			if (logger.isInfoEnabled()) {
				logger.info("Distributed locks: {}, wait time {} ms, lease time {} ms",
						stores.describe(FEATURE, properties.getBackend()), settings.waitTime().toMillis(),
						settings.leaseTime().toMillis());
			}
			return DistributedLocks.create(() -> stores.engine(FEATURE, properties.getBackend()), settings);
		}

		/**
		 * For locks on the stores of Concord only: others can't be seen this way.
		 */
		@Bean
		@ConditionalOnBean(name = LOCKS)
		LockInspector concordLockInspector(@Qualifier(LOCKS) DistributedLocks locks) {
			return LockInspector.of(locks);
		}

		/**
		 * Asks for nothing before it has to, or it would initialize the store and its
		 * client before other post-processors exist.
		 */
		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static DistributedLockBeanPostProcessor concordDistributedLockBeanPostProcessor(
				ObjectProvider<DistributedLocks> locks, ObjectProvider<LockProperties> properties,
				ObjectProvider<ConcordProperties> concordProperties, ObjectProvider<CommitChecks> commitChecks,
				ObjectProvider<FencingGuard> fencingGuard, Environment environment) {
			DistributedLockBeanPostProcessor postProcessor = new DistributedLockBeanPostProcessor(locks::getObject,
					() -> settings(properties.getObject()),
					() -> concordProperties.getObject().getStoreTimeout().multipliedBy(2));
			postProcessor.setCommitChecks(commitChecks::getIfAvailable);
			postProcessor.setFencingGuard(fencingGuard::getIfAvailable);
			postProcessor
				.setProxyTargetClass(environment.getProperty("spring.aop.proxy-target-class", Boolean.class, true));
			return postProcessor;
		}

		/**
		 * Bad configuration has to fail at start, also if beans are created lazily.
		 */
		@Bean
		static LazyInitializationExcludeFilter concordLockLazyInitializationExcludeFilter() {
			return LazyInitializationExcludeFilter.forBeanTypes(DistributedLocks.class);
		}

		private static LockSettings settings(LockProperties properties) {
			if (properties.getWaitTime().isNegative()) {
				throw InvalidConcordConfigurationException.ofProperty("concord.lock.wait-time",
						properties.getWaitTime(), "but must not be negative.",
						"Set it to '0' for not waiting at all, or to a time such as '10s'.");
			}
			if (properties.getLeaseTime().toMillis() < 1) {
				throw InvalidConcordConfigurationException.ofProperty("concord.lock.lease-time",
						properties.getLeaseTime(), "but must be positive.", "Set it to a time such as '30s'.");
			}
			return new LockSettings(properties.getWaitTime(), properties.getLeaseTime(),
					handOver(properties.getHandOver()));
		}

		private static HandOver handOver(LockProperties.HandOver properties) {
			if (properties.getMaxTurns() < 0 || properties.getMaxTurns() > HandOver.MOST_TURNS) {
				throw InvalidConcordConfigurationException.ofProperty("concord.lock.hand-over.max-turns",
						properties.getMaxTurns(), "but must be between 0 and " + HandOver.MOST_TURNS + ".",
						"Correct it, or set 'concord.lock.hand-over.enabled=false' for no hand-over at all.");
			}
			if (properties.getMaxTime().isNegative()) {
				throw InvalidConcordConfigurationException.ofProperty("concord.lock.hand-over.max-time",
						properties.getMaxTime(), "but must not be negative.",
						"Correct it, or set 'concord.lock.hand-over.enabled=false' for no hand-over at all.");
			}
			return properties.isEnabled() ? new HandOver(properties.getMaxTurns(), properties.getMaxTime())
					: HandOver.NONE;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty(name = "concord.lock.enabled", havingValue = false)
	static class DisabledConfiguration {

		DisabledConfiguration() {
			logger.warn("Distributed locks are switched off by 'concord.lock.enabled=false': "
					+ "methods with @DistributedLock run unlocked");
		}

	}

}
