package io.concord.lease.zookeeper;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

import org.apache.curator.framework.CuratorFramework;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.autoconfigure.lock.LockAutoConfiguration;
import io.concord.lease.LeaseStoreException;
import io.concord.lock.DistributedLocks;
import io.concord.lock.HeldLock;
import io.concord.lock.LockInspector;
import io.concord.lock.LockLostException;
import io.concord.lock.LockStatus;
import io.concord.test.zookeeper.ZooKeeperCluster;
import io.concord.test.zookeeper.ZooKeeperTest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Applications whose only client of a store is a CuratorFramework.
 */
@ZooKeeperTest
@Timeout(60)
class ZooKeeperApplicationIT {

	private final ApplicationContextRunner runner;

	ZooKeeperApplicationIT(ZooKeeperCluster cluster) {
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class, LockAutoConfiguration.class))
			.withBean("curatorFramework", CuratorFramework.class, () -> ZooKeeperClients.start(cluster.connectString()))
			.withPropertyValues("concord.zookeeper.tick-time=500ms",
					"concord.namespace=application-" + UUID.randomUUID());
	}

	@Test
	void excludeEachOther() {
		this.runner.run((one) -> this.runner.run((two) -> {
			DistributedLocks locks = one.getBean(DistributedLocks.class);
			HeldLock lock = locks.acquire("stock", Duration.ZERO);
			assertThat(two.getBean(DistributedLocks.class).tryAcquire("stock")).isEmpty();
			lock.close();
			try (HeldLock next = two.getBean(DistributedLocks.class).acquire("stock", Duration.ofSeconds(10))) {
				assertThat(next.fencingToken()).isGreaterThan(lock.fencingToken());
				assertThat(locks.tryAcquire("stock")).isEmpty();
			}
		}));
	}

	@Test
	void seeEachOthersLocksAndReleaseThemByForce() {
		this.runner.run((one) -> this.runner.run((two) -> {
			HeldLock lock = one.getBean(DistributedLocks.class).acquire("stock", Duration.ZERO);
			LockStatus status = two.getBean(DistributedLocks.class).status("stock");
			assertThat(status.holders()).singleElement()
				.satisfies((holder) -> assertThat(holder.fencingToken()).isEqualTo(lock.fencingToken()));
			LockInspector inspector = LockInspector.of(two.getBean(DistributedLocks.class));
			assertThat(inspector.forceRelease("stock")).hasValue(status.holders());
			assertThat(two.getBean(DistributedLocks.class).status("stock").isHeld()).isFalse();
			two.getBean(DistributedLocks.class).acquire("stock", Duration.ofSeconds(5)).close();
			assertThatExceptionOfType(LockLostException.class).isThrownBy(lock::close);
		}));
	}

	/** What the leader knows of a session is older than a tick, and a session is 6 s. */
	@Test
	void grantNothingThatTheConfiguredTickLeavesNoTimeFor() {
		this.runner.withPropertyValues("concord.zookeeper.tick-time=1m")
			.run((context) -> assertThatExceptionOfType(LeaseStoreException.class)
				.isThrownBy(() -> context.getBean(DistributedLocks.class).tryAcquire("stock"))
				.withMessageContaining("Ask for a longer session time-out"));
	}

	@Test
	void giveTheirLocksBackBeforeTheirClientIsClosed() {
		List<String> seen = new CopyOnWriteArrayList<>();
		this.runner.run((one) -> this.runner.run((two) -> {
			HeldLock lock = two.getBean(DistributedLocks.class).acquire("stock", Duration.ZERO);
			CuratorFramework client = two.getBean(CuratorFramework.class);
			Thread body = new Thread(() -> {
				try {
					one.getBean(DistributedLocks.class).acquire("stock", Duration.ofMillis(300)).close();
				}
				catch (RuntimeException ex) {
					seen.add("held during shutdown, client " + client.getState());
				}
				lock.close();
			});
			body.start();
			two.getSourceApplicationContext().close();
			body.join();
			seen.add("closed, client " + client.getState());
			one.getBean(DistributedLocks.class).acquire("stock", Duration.ofSeconds(5)).close();
		}));
		assertThat(seen).containsExactly("held during shutdown, client STARTED", "closed, client STOPPED");
	}

}
