package io.concord.election;

import java.time.Duration;
import java.util.UUID;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.junit.jupiter.api.Test;

import io.concord.election.ElectionNodes.Node;
import io.concord.lease.LeaseStore;
import io.concord.lease.zookeeper.CountingZooKeeperFactory;
import io.concord.lease.zookeeper.ZooKeeperLeaseStore;
import io.concord.test.zookeeper.ZooKeeperCluster;
import io.concord.test.zookeeper.ZooKeeperNode;
import io.concord.test.zookeeper.ZooKeeperTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The contract on three servers, and what becomes of a leader when theirs is killed.
 */
@ZooKeeperTest
class ZooKeeperElectionIT extends ElectionContract {

	private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(6);

	private final String namespace = "election-" + UUID.randomUUID();

	private final CountingZooKeeperFactory sent = new CountingZooKeeperFactory();

	private final ZooKeeperCluster cluster;

	ZooKeeperElectionIT(ZooKeeperCluster cluster) {
		this.cluster = cluster;
	}

	@Override
	protected long requests() {
		return this.sent.writes() + this.sent.reads();
	}

	@Override
	protected Costs costs() {
		return new Costs(1, 0, 3, 3, null);
	}

	@Override
	protected LeaseStore open() {
		CuratorFramework client = CuratorFrameworkFactory.builder()
			.zookeeperFactory(this.sent)
			.connectString(this.cluster.connectString())
			.sessionTimeoutMs((int) SESSION_TIMEOUT.toMillis())
			.connectionTimeoutMs(2_000)
			.retryPolicy(new RetryOneTime(200))
			.build();
		client.start();
		this.nodes.closeLater(client);
		return new ZooKeeperLeaseStore(client, this.namespace, ZooKeeperCluster.TICK_TIME);
	}

	@Test
	void electionOutlivesTheLeaderOfTheServers() {
		Node before = this.nodes.awaitLeader(name());
		long term = before.election(name()).leader().orElseThrow().term();
		ZooKeeperNode killed = this.cluster.leader();
		killed.kill();
		try {
			Node after = this.nodes.awaitLeader(name());
			// Whether it kept its lease or lost it while the servers elected their
			// leader.
			while (!after.election(name()).stepDown(Duration.ofHours(1))) {
				after = this.nodes.awaitLeader(name());
			}
			Node next = this.nodes.awaitLeaderOtherThan(after, name());
			assertThat(next.election(name()).term()).isGreaterThan(term);
			assertThat(this.nodes.terms(name())).isSorted();
		}
		finally {
			killed.restart();
			this.cluster.awaitServing();
		}
	}

}
