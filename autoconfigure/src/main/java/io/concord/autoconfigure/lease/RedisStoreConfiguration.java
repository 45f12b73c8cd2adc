package io.concord.autoconfigure.lease;

import java.time.Duration;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.data.redis.connection.RedisConnectionFactory;

import io.concord.autoconfigure.ConcordProperties;
import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.lease.LeaseStore;
import io.concord.lease.redis.RedisFencingGuard;
import io.concord.lease.redis.RedisLeaseStore;

@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(RedisConnectionFactory.class)
class RedisStoreConfiguration {

	static final String BEAN_NAME = "concordRedisStoreFactory";

	private static final String REPLICAS = "concord.redis.wait-replicas";

	/**
	 * Lazy, so that an application without fenced writes needs no connection for it.
	 */
	@Bean
	@Lazy
	@ConditionalOnMissingBean
	RedisFencingGuard concordRedisFencingGuard(ConcordProperties properties,
			ConfigurableListableBeanFactory beanFactory, Environment environment) {
		String client = new BackendChoice(properties, beanFactory).beans(BackendClient.REDIS).choose().name();
		return new RedisFencingGuard(beanFactory.getBean(client, RedisConnectionFactory.class),
				Namespace.of(properties, environment), RedisFencingGuard.DEFAULT_RETENTION);
	}

	@Bean(BEAN_NAME)
	StoreFactory concordRedisStoreFactory(ConcordProperties properties) {
		return (client, namespace) -> create((RedisConnectionFactory) client, namespace, properties);
	}

	private static LeaseStore create(RedisConnectionFactory client, String namespace, ConcordProperties properties) {
		int replicas = properties.getRedis().getWaitReplicas();
		if (replicas == 0) {
			return new RedisLeaseStore(client, namespace);
		}
		if (replicas < 0) {
			throw InvalidConcordConfigurationException.ofProperty(REPLICAS, replicas, "but must not be negative.",
					"Set it to the number of replicas that have to confirm a lease, or remove it for none.");
		}
		Duration timeout = Durations.positive(REPLICAS + "-timeout", properties.getRedis().getWaitReplicasTimeout());
		if (timeout.multipliedBy(2).compareTo(properties.getStoreTimeout()) > 0) {
			throw InvalidConcordConfigurationException.ofProperty(REPLICAS + "-timeout", timeout,
					"but must be at most half of 'concord.store-timeout', which is %d ms."
						.formatted(properties.getStoreTimeout().toMillis()),
					"Set it to a shorter time, or 'concord.store-timeout' to a longer one.");
		}
		try {
			return new RedisLeaseStore(client, namespace, replicas, timeout);
		}
		catch (IllegalArgumentException ex) {
			throw InvalidConcordConfigurationException.ofProperty(REPLICAS, replicas, "but " + ex.getMessage() + ".",
					"Let the application use Lettuce ('spring.data.redis.client-type=lettuce') and one server with "
							+ "replicas, or remove the property.");
		}
	}

}
