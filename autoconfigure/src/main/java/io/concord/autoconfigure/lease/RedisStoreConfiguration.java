package io.concord.autoconfigure.lease;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisConnectionFactory;

import io.concord.lease.redis.RedisLeaseStore;

@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(RedisConnectionFactory.class)
class RedisStoreConfiguration {

	static final String BEAN_NAME = "concordRedisStoreFactory";

	@Bean(BEAN_NAME)
	StoreFactory concordRedisStoreFactory() {
		return (client, namespace) -> new RedisLeaseStore((RedisConnectionFactory) client, namespace);
	}

}
