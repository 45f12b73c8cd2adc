package io.concord.autoconfigure.election;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
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
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;

import io.concord.autoconfigure.ConcordProperties;
import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.autoconfigure.lease.LeaseStores;
import io.concord.election.ElectionSettings;
import io.concord.election.LeaderElections;
import io.concord.election.LeaderOnly;
import io.concord.election.LeaderOnlyBeanPostProcessor;
import io.concord.lease.LeaseEngine;
import io.concord.lease.guard.CommitChecks;
import io.concord.lease.guard.FencingGuard;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of {@link LeaderOnly} and
 * {@link LeaderElections}.
 */
@AutoConfiguration(after = LeaseAutoConfiguration.class)
@ConditionalOnClass({ LeaderElections.class, LeaseEngine.class })
public final class ElectionAutoConfiguration {

	private static final Logger logger = LoggerFactory.getLogger(ElectionAutoConfiguration.class);

	private static final String FEATURE = "election";

	private static final String PROPERTIES = "concord.election.elections.";

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty(name = "concord.election.enabled", matchIfMissing = true)
	@EnableConfigurationProperties(ElectionProperties.class)
	static class EnabledConfiguration {

		@Bean
		@ConditionalOnMissingBean
		LeaderElections concordLeaderElections(LeaseStores stores, ElectionProperties properties,
				ConcordProperties concordProperties, ApplicationEventPublisher events, Environment environment) {
			NodeLabels labels = new NodeLabels(properties.getNode(), environment);
			labels.check();
			LeaseEngine engine = stores.engine(FEATURE, properties.getBackend());
			if (!engine.store().capabilities().tokens()) {
				throw new InvalidConcordConfigurationException(
						"Elections need fencing tokens, and the store has none: "
								+ stores.describe(FEATURE, properties.getBackend()) + ".",
						"Choose another backend for elections by 'concord.election.backend', or switch them off by "
								+ "'concord.election.enabled=false'.");
			}
			Duration least = engine.minLeaseTime();
			requireLongEnough("concord.election.lease-time", properties.getLeaseTime(), least, concordProperties);
			List<ElectionSettings> elections = elections(properties, labels, least, concordProperties);
			if (logger.isInfoEnabled()) {
				logger.info("Leader election: {}, lease time {} ms", stores.describe(FEATURE, properties.getBackend()),
						properties.getLeaseTime().toMillis());
			}
			try {
				return LeaderElections.builder(() -> stores.engine(FEATURE, properties.getBackend()))
					.node(labels::node)
					.elections(elections)
					.leaseTime(properties.getLeaseTime())
					.handOverTimeout(concordProperties.getShutdownTimeout())
					.events(events)
					.build();
			}
			catch (IllegalArgumentException ex) {
				throw new InvalidConcordConfigurationException(
						"The elections under 'concord.election.elections' can't be: " + ex.getMessage(),
						"Rename or remove one of them.", ex);
			}
		}

		private static List<ElectionSettings> elections(ElectionProperties properties, NodeLabels labels,
				Duration least, ConcordProperties concordProperties) {
			List<ElectionSettings> elections = new ArrayList<>();
			properties.getElections().forEach((name, election) -> {
				Duration leaseTime = election.getLeaseTime();
				if (leaseTime != null) {
					requireLongEnough(PROPERTIES + name + ".lease-time", leaseTime, least, concordProperties);
				}
				labels.checkAddress(PROPERTIES + name + ".address", election.getAddress());
				try {
					elections
						.add(new ElectionSettings(name, (leaseTime != null) ? leaseTime : properties.getLeaseTime(),
								election.isAutoStart(), election.isSpread(), election.getAddress()));
				}
				catch (IllegalArgumentException ex) {
					throw new InvalidConcordConfigurationException("The property '" + PROPERTIES + name
							+ "' is called so that it can't be: " + ex.getMessage(), "Rename it.", ex);
				}
			});
			return elections;
		}

		private static void requireLongEnough(String property, Duration leaseTime, Duration least,
				ConcordProperties concordProperties) {
			if (leaseTime.compareTo(least) < 0) {
				throw InvalidConcordConfigurationException.ofProperty(property, leaseTime,
						"but must be at least %d ms, twice the time-out of the store ('concord.store-timeout' is %d ms): a lease that ends while a call is under way can't be renewed."
							.formatted(least.toMillis(), concordProperties.getStoreTimeout().toMillis()),
						"Set '%s' to at least '%dms'%s.".formatted(property, least.toMillis(),
								(leaseTime.toMillis() >= 2) ? ", or 'concord.store-timeout' to at most '%dms'"
									.formatted(leaseTime.toMillis() / 2) : ""));
			}
		}

		@Bean
		ElectionLifecycle concordElectionLifecycle(LeaderElections elections) {
			return new ElectionLifecycle(elections);
		}

		@Bean
		static LeaderElectionBeans concordLeaderElectionBeans(Environment environment) {
			return new LeaderElectionBeans(environment);
		}

		/**
		 * Asks for nothing before it has to, or it would initialize the store and its
		 * client before other post-processors exist.
		 */
		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static LeaderOnlyBeanPostProcessor concordLeaderOnlyBeanPostProcessor(ObjectProvider<LeaderElections> elections,
				ObjectProvider<CommitChecks> commitChecks, ObjectProvider<FencingGuard> fencingGuard,
				Environment environment) {
			LeaderOnlyBeanPostProcessor postProcessor = new LeaderOnlyBeanPostProcessor(elections::getObject);
			postProcessor.setCommitChecks(commitChecks::getIfAvailable);
			postProcessor.setFencingGuard(fencingGuard::getIfAvailable);
			postProcessor
				.setProxyTargetClass(environment.getProperty("spring.aop.proxy-target-class", Boolean.class, true));
			return postProcessor;
		}

		/**
		 * Bad configuration has to fail at start, and elections have to begin, also if
		 * beans are created lazily.
		 */
		@Bean
		static LazyInitializationExcludeFilter concordElectionLazyInitializationExcludeFilter() {
			return LazyInitializationExcludeFilter.forBeanTypes(LeaderElections.class, ElectionLifecycle.class);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty(name = "concord.election.enabled", havingValue = false)
	static class DisabledConfiguration {

		DisabledConfiguration() {
			logger.warn("Leader election is switched off by 'concord.election.enabled=false': "
					+ "methods with @LeaderOnly run on every node");
		}

	}

}
