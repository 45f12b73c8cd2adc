package io.concord.autoconfigure.idgen;

import java.util.function.Function;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisConnectionFactory;

import io.concord.autoconfigure.ConcordProperties;
import io.concord.autoconfigure.lease.WaitReplicas;
import io.concord.idgen.SegmentStore;
import io.concord.idgen.SequenceStore;
import io.concord.idgen.WorkerIdStore;
import io.concord.idgen.redis.RedisIdKeys;

@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(RedisConnectionFactory.class)
class RedisIdStoreConfiguration {

	@Bean("concordRedisIdStoreFactory")
	IdStoreFactory concordRedisIdStoreFactory(ConcordProperties properties) {
		return new RedisIdStoreFactory(properties);
	}

	/** Opens stores in Redis. */
	private record RedisIdStoreFactory(ConcordProperties properties) implements IdStoreFactory {

		@Override
		public WorkerIdStore workers(Object client, String namespace) {
			return open(client, namespace, RedisIdKeys::workers);
		}

		@Override
		public SegmentStore segments(Object client, String namespace) {
			return open(client, namespace, RedisIdKeys::segments);
		}

		@Override
		public SequenceStore sequences(Object client, String namespace) {
			return open(client, namespace, RedisIdKeys::sequences);
		}

		private <T> T open(Object client, String namespace, Function<RedisIdKeys, T> opening) {
			WaitReplicas wait = WaitReplicas.of(this.properties);
			return wait.open(() -> opening.apply(new RedisIdKeys((RedisConnectionFactory) client, namespace,
					wait.replicas(), wait.timeout())));
		}

	}

}
