package io.concord.autoconfigure.ratelimit;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisConnectionFactory;

import io.concord.ratelimit.redis.RedisRateLimitStore;

@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(RedisConnectionFactory.class)
class RedisRateLimitStoreConfiguration {

	@Bean("concordRedisRateLimitStoreFactory")
	RateLimitStoreFactory concordRedisRateLimitStoreFactory() {
		return (client, namespace) -> new RedisRateLimitStore((RedisConnectionFactory) client, namespace);
	}

}
