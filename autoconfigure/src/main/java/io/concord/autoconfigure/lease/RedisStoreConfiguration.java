package io.concord.autoconfigure.lease;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.data.redis.connection.RedisConnectionFactory;

import io.concord.autoconfigure.ConcordProperties;
import io.concord.lease.LeaseStore;
import io.concord.lease.redis.RedisFencingGuard;
import io.concord.lease.redis.RedisLeaseStore;

@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(RedisConnectionFactory.class)
class RedisStoreConfiguration {

	static final String BEAN_NAME = "concordRedisStoreFactory";

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
		WaitReplicas wait = WaitReplicas.of(properties);
		return wait.open(() -> new RedisLeaseStore(client, namespace, wait.replicas(), wait.timeout()));
	}

}
