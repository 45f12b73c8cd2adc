package io.concord.faults;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import com.zaxxer.hikari.HikariDataSource;
import org.h2.tools.Server;

import io.concord.test.faults.Fault;
import io.concord.test.zookeeper.PrivateZooKeeperCluster;
import io.concord.test.zookeeper.ZooKeeperCluster;
import io.concord.test.zookeeper.ZooKeeperNode;

/**
 * On three ZooKeeper servers. The register is in an H2 of this JVM, behind the guard for
 * databases.
 */
abstract class AbstractZooKeeperFaultsIT extends AbstractFaultsIT {

	/** Leases last for less than this by more than a tick. */
	private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(3);

	private PrivateZooKeeperCluster cluster;

	private String register;

	AbstractZooKeeperFaultsIT(Work work) {
		super("ZooKeeper", work);
	}

	@Override
	void start() throws Exception {
		this.cluster = closing(PrivateZooKeeperCluster.start());
		this.cluster.nodes().forEach((node) -> proxies(node.host(), node.port()));
		// Read when H2 first listens: without it, on all addresses.
		System.setProperty("h2.bindAddress", "127.0.0.1");
		Server h2 = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
		closing((AutoCloseable) h2::stop);
		this.register = "jdbc:h2:tcp://127.0.0.1:" + h2.getPort() + "/mem:register-" + UUID.randomUUID()
				+ ";DB_CLOSE_DELAY=-1";
		try (HikariDataSource dataSource = new HikariDataSource()) {
			dataSource.setJdbcUrl(this.register);
			dataSource.setUsername("sa");
			JdbcRegister.create(dataSource, LockWorkload.KEYS);
		}
	}

	@Override
	List<String> options(int slot) {
		return List.of("store=zookeeper=" + proxies(slot).stream()
			.map((proxy) -> proxy.host() + ":" + proxy.port())
			.collect(Collectors.joining(",")), "register=" + this.register, "user=sa", "password=");
	}

	@Override
	List<Fault> storeFaults() {
		return List.of(node("leader killed", true, ZooKeeperNode::kill, ZooKeeperNode::restart),
				node("leader paused", true, ZooKeeperNode::pause, ZooKeeperNode::resume),
				node("follower killed", false, ZooKeeperNode::kill, ZooKeeperNode::restart),
				node("follower paused", false, ZooKeeperNode::pause, ZooKeeperNode::resume));
	}

	private Fault node(String name, boolean leader, Consumer<ZooKeeperNode> begin, Consumer<ZooKeeperNode> end) {
		AtomicReference<ZooKeeperNode> chosen = new AtomicReference<>();
		return new Fault(name, Duration.ofMillis(1_500), (target) -> {
			ZooKeeperNode leading = this.cluster.leader();
			List<ZooKeeperNode> following = this.cluster.nodes().stream().filter((node) -> node != leading).toList();
			chosen.set(leader ? leading : following.get(target % following.size()));
			begin.accept(chosen.get());
		}, () -> {
			end.accept(chosen.get());
			this.cluster.awaitServing();
		});
	}

	@Override
	Duration leaseTime() {
		return SESSION_TIMEOUT;
	}

	@Override
	Duration recoveryBound() {
		return SESSION_TIMEOUT.plus(ZooKeeperCluster.TICK_TIME).plusSeconds(1);
	}

	@Override
	String describe() {
		return "ZooKeeper " + this.cluster.version() + ", 3 servers; FencingGuard in H2";
	}

}
