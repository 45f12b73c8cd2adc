package io.concord.lease.zookeeper;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreContract;
import io.concord.lease.ReleaseAnswer;
import io.concord.lease.ResourceState;
import io.concord.lease.StoreCapabilities;
import io.concord.test.zookeeper.ZooKeeperCluster;
import io.concord.test.zookeeper.ZooKeeperTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The contract on a real server. Sessions don't end here: what ends, ends as the store
 * that made it sees to it, which goes by the clock of the test. See
 * {@code ZooKeeperFaultsIT} for the end of sessions.
 */
@ZooKeeperTest
class ZooKeeperLeaseStoreIT extends LeaseStoreContract {

	/** So many processes there are, as it were. */
	private static final int CLIENTS = 4;

	/** Kept from test to test, as it takes its time to end a session. */
	private static final List<CuratorFramework> clients = new ArrayList<>();

	private final ZooKeeperCluster cluster;

	private final String namespace = "contract-" + UUID.randomUUID();

	private final List<ZooKeeperLeaseStore> fakeStores = new ArrayList<>();

	private int stores;

	ZooKeeperLeaseStoreIT(ZooKeeperCluster cluster) {
		this.cluster = cluster;
	}

	/**
	 * All connect to the same server: what one has done, the other sees at once.
	 */
	@BeforeEach
	void connect() {
		String server = this.cluster.node(0).host() + ":" + this.cluster.node(0).port();
		while (clients.size() < CLIENTS) {
			clients.add(ZooKeeperClients.start(server));
		}
	}

	@AfterAll
	static void disconnect() {
		clients.forEach(CuratorFramework::close);
		clients.clear();
	}

	@Override
	protected LeaseStore newStore() {
		return new ZooKeeperLeaseStore(nextClient(), this.namespace, ZooKeeperClients.TICK_TIME);
	}

	/**
	 * Creates a view of two stores with sessions of their own, each of which has the
	 * claims of some owners, as a claim belongs to the store that made it.
	 */
	@Override
	protected LeaseStore newStoreOnFakeTime() {
		if (this.fakeStores.isEmpty()) {
			for (int i = 0; i < 2; i++) {
				this.fakeStores.add(closing(new ZooKeeperLeaseStore(nextClient(), this.namespace,
						ZooKeeperClients.TICK_TIME, this.time::nanos)));
			}
		}
		return new ByOwner(this.fakeStores);
	}

	@Override
	protected StoreCapabilities expectedCapabilities() {
		return new StoreCapabilities(true, true, true, true, Duration.ZERO, StoreCapabilities.Expiry.SESSION, false);
	}

	@Override
	protected long countStored() {
		try {
			long count = 0;
			for (String name : children("/concord/" + this.namespace + "/lease")) {
				count += 1 + children("/concord/" + this.namespace + "/lease/" + name).size();
			}
			return count;
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** The servers delete empty containers in their own time. */
	@Override
	protected void passRetention(LeaseStore store) {
		super.passRetention(store);
		await(() -> {
			try {
				String base = "/concord/" + this.namespace + "/lease";
				for (String name : children(base)) {
					if (children(base + "/" + name).isEmpty()) {
						return false;
					}
				}
				return true;
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		});
	}

	@Override
	protected int seedsOfRandomisedTest() {
		return 100;
	}

	@Test
	void tokenIsTheTransactionThatMadeTheNode() throws Exception {
		LeaseStore store = store();
		for (String owner : List.of("a", "b")) {
			long token = token(store.claim(claim(owner), TIMEOUT));
			String base = "/concord/" + this.namespace + "/lease";
			List<Long> made = new ArrayList<>();
			for (String name : children(base)) {
				for (String place : children(base + "/" + name)) {
					made.add(clients.get(0).checkExists().forPath(base + "/" + name + "/" + place).getCzxid());
				}
			}
			assertThat(made).containsExactly(token);
			store.release(claim(owner), Duration.ZERO, TIMEOUT);
		}
	}

	private List<String> children(String path) throws Exception {
		try {
			return clients.get(0).getChildren().forPath(path);
		}
		catch (KeeperException.NoNodeException ex) {
			return List.of();
		}
	}

	private CuratorFramework nextClient() {
		return clients.get(this.stores++ % CLIENTS);
	}

	/** Passes every call to the store that has the owner. */
	private final class ByOwner implements LeaseStore {

		private final List<ZooKeeperLeaseStore> stores;

		ByOwner(List<ZooKeeperLeaseStore> stores) {
			this.stores = stores;
		}

		/**
		 * Has all stores end what is over, which they do by themselves a few times a
		 * second.
		 */
		private LeaseStore storeOf(Claim claim) {
			sweep(TIMEOUT);
			return this.stores.get(Math.floorMod(claim.owner().hashCode(), this.stores.size()));
		}

		@Override
		public String describe() {
			return this.stores.get(0).describe();
		}

		@Override
		public StoreCapabilities capabilities() {
			return this.stores.get(0).capabilities();
		}

		@Override
		public ClaimAnswer claim(Claim claim, Duration timeout) {
			return storeOf(claim).claim(claim, timeout);
		}

		@Override
		public ClaimAnswer refresh(Claim claim, Duration timeout) {
			return storeOf(claim).refresh(claim, timeout);
		}

		@Override
		public ReleaseAnswer release(Claim claim, Duration bar, Duration timeout) {
			return storeOf(claim).release(claim, bar, timeout);
		}

		/** Seen from a process that has none of the claims. */
		@Override
		public Optional<ResourceState> inspect(String resource, Duration timeout) {
			sweep(timeout);
			try (LeaseStore stranger = ZooKeeperLeaseStoreIT.this.newStore()) {
				return stranger.inspect(resource, timeout);
			}
		}

		@Override
		public ReleaseAnswer releaseByForce(String resource, ResourceState.Holder holder, Duration timeout) {
			sweep(timeout);
			try (LeaseStore stranger = ZooKeeperLeaseStoreIT.this.newStore()) {
				return stranger.releaseByForce(resource, holder, timeout);
			}
		}

		@Override
		public void listen(String engine, Consumer<String> offered) {
			this.stores.forEach((store) -> store.listen(engine, offered));
		}

		@Override
		public void sweep(Duration timeout) {
			this.stores.forEach((store) -> store.settle(timeout));
		}

		@Override
		public void close() {
		}

	}

}
