package io.concord.autoconfigure.lease;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisConnectionFactory;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.lease.LeaseStore;
import io.concord.lease.redis.RedisLeaseStore;

@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(RedisConnectionFactory.class)
class RedisStoreConfiguration {

	static final String BEAN_NAME = "concordRedisStoreFactory";

	@Bean(BEAN_NAME)
	StoreFactory concordRedisStoreFactory() {
		return RedisStoreConfiguration::create;
	}

	private static LeaseStore create(Object client, String beanName, String namespace) {
		try {
			return new RedisLeaseStore((RedisConnectionFactory) client, namespace);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidConcordConfigurationException(
					"The RedisConnectionFactory bean '" + beanName + "' can't be used: " + ex.getMessage(),
					"Name a bean that is a LettuceConnectionFactory or a JedisConnectionFactory by 'concord.redis.connection-factory'.");
		}
	}

}
