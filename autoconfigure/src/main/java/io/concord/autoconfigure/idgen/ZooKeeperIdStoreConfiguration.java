package io.concord.autoconfigure.idgen;

import org.apache.curator.framework.CuratorFramework;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import io.concord.idgen.SegmentStore;
import io.concord.idgen.SequenceStore;
import io.concord.idgen.WorkerIdStore;
import io.concord.idgen.zookeeper.ZooKeeperIdNodes;

@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(CuratorFramework.class)
class ZooKeeperIdStoreConfiguration {

	@Bean("concordZooKeeperIdStoreFactory")
	IdStoreFactory concordZooKeeperIdStoreFactory() {
		return new ZooKeeperIdStoreFactory();
	}

	/** Opens stores in ZooKeeper. */
	private static final class ZooKeeperIdStoreFactory implements IdStoreFactory {

		@Override
		public WorkerIdStore workers(Object client, String namespace) {
			return nodes(client, namespace).workers();
		}

		@Override
		public SegmentStore segments(Object client, String namespace) {
			return nodes(client, namespace).segments();
		}

		@Override
		public SequenceStore sequences(Object client, String namespace) {
			return nodes(client, namespace).sequences();
		}

		private static ZooKeeperIdNodes nodes(Object client, String namespace) {
			return new ZooKeeperIdNodes((CuratorFramework) client, namespace);
		}

	}

}
