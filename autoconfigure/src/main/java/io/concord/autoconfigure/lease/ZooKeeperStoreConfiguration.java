package io.concord.autoconfigure.lease;

import org.apache.curator.framework.CuratorFramework;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import io.concord.autoconfigure.ConcordProperties;
import io.concord.lease.zookeeper.ZooKeeperLeaseStore;

@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(CuratorFramework.class)
class ZooKeeperStoreConfiguration {

	static final String BEAN_NAME = "concordZooKeeperStoreFactory";

	@Bean(BEAN_NAME)
	StoreFactory concordZooKeeperStoreFactory(ConcordProperties properties) {
		return (client, namespace) -> new ZooKeeperLeaseStore((CuratorFramework) client, namespace,
				Durations.positive("concord.zookeeper.tick-time", properties.getZookeeper().getTickTime()));
	}

}
