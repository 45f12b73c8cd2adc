package io.concord.test.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.concord.test.Await;
import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerProcess;
import io.concord.test.server.ServerSources;
import io.concord.test.server.StartedServer;
import io.concord.test.server.TestServer;

/**
 * A Redis, its replica and three sentinels that promote the replica some two seconds
 * after the master has died, each a process of its own. Thread-safe.
 */
public final class RedisSentinel implements TestServer, AutoCloseable {

	/** The name by which the sentinels know the master. */
	public static final String MASTER_NAME = "concord";

	private static final int SENTINELS = 3;

	private static final Duration BOUND = Duration.ofSeconds(60);

	private final List<PrivateRedisServer> servers;

	private final List<PrivateRedisServer> sentinels;

	private RedisSentinel(List<PrivateRedisServer> servers, List<PrivateRedisServer> sentinels) {
		this.servers = List.copyOf(servers);
		this.sentinels = List.copyOf(sentinels);
	}

	/**
	 * Start all from a local or embedded binary, see {@link RedisServerTest}, and wait
	 * until the sentinels know each other and the replica.
	 * @return all of them, to be closed by the caller
	 * @throws io.concord.test.server.ServerStartException if there is no such binary or
	 * it does not start, and Redis is required or a certain binary was asked for
	 * @throws io.concord.test.server.ServerAbsentException the same otherwise: it skips
	 * the test
	 */
	public static RedisSentinel start() {
		return ServerSources
			.startFirst(ServerKind.REDIS, "a Redis with sentinels",
					new RedisSources(System::getProperty, System::getenv).forTopology(RedisSentinel::start))
			.server();
	}

	static StartedServer<RedisSentinel> start(RedisDefinition redis) {
		List<PrivateRedisServer> started = new ArrayList<>();
		try {
			for (int i = 0; i < 2; i++) {
				started.add(new PrivateRedisServer(
						ServerProcess.start(RedisNodeDefinition.of(redis, RedisReplication.OPTIONS))));
			}
			PrivateRedisServer master = started.get(0);
			started.get(1).call("REPLICAOF", master.host(), Integer.toString(master.port()));
			// Sentinels that start before learn of the replica ten seconds later.
			Await.until("the replica follows", BOUND, () -> RedisReplication.isReplicated(master, started.get(1)));
			List<String> configuration = List.of(
					"sentinel monitor " + MASTER_NAME + " " + master.host() + " " + master.port() + " 2",
					"sentinel down-after-milliseconds " + MASTER_NAME + " 1000",
					"sentinel failover-timeout " + MASTER_NAME + " 6000");
			for (int i = 0; i < SENTINELS; i++) {
				started.add(new PrivateRedisServer(
						ServerProcess.start(RedisNodeDefinition.sentinel(redis, configuration))));
			}
			RedisSentinel sentinel = new RedisSentinel(started.subList(0, 2), started.subList(2, 2 + SENTINELS));
			sentinel.awaitAcquainted();
			return new StartedServer<>(sentinel, sentinel::close);
		}
		catch (RuntimeException | Error ex) {
			started.forEach(PrivateRedisServer::close);
			throw ex;
		}
	}

	private void awaitAcquainted() {
		for (PrivateRedisServer sentinel : this.sentinels) {
			Await.until(() -> sentinel + " knows the others", BOUND, () -> {
				Map<String, String> known = master(sentinel);
				return "1".equals(known.get("num-slaves"))
						&& Integer.toString(SENTINELS - 1).equals(known.get("num-other-sentinels"));
			});
		}
	}

	private static Map<String, String> master(PrivateRedisServer sentinel) {
		List<String> answer = sentinel.list("SENTINEL", "MASTER", MASTER_NAME);
		Map<String, String> entries = new LinkedHashMap<>();
		for (int i = 0; i + 1 < answer.size(); i += 2) {
			entries.put(answer.get(i), answer.get(i + 1));
		}
		return entries;
	}

	/**
	 * The sentinels.
	 * @return three of them
	 */
	public List<PrivateRedisServer> sentinels() {
		return this.sentinels;
	}

	/**
	 * The server that all sentinels take for the master.
	 * @return the master
	 * @throws AssertionError if they do not agree within a minute
	 */
	public PrivateRedisServer master() {
		Await.until(() -> "the sentinels agree on a master", BOUND,
				() -> this.sentinels.stream().map(RedisSentinel::masterPort).distinct().count() == 1);
		int port = masterPort(this.sentinels.get(0));
		return this.servers.stream().filter((server) -> server.port() == port).findFirst().orElseThrow();
	}

	private static int masterPort(PrivateRedisServer sentinel) {
		return Integer.parseInt(String.valueOf(master(sentinel).get("port")));
	}

	/**
	 * The server that follows the {@link #master()}.
	 * @return the replica
	 */
	public PrivateRedisServer replica() {
		PrivateRedisServer master = master();
		return this.servers.stream().filter((server) -> server != master).findFirst().orElseThrow();
	}

	/**
	 * Wait until the replica has all that the master has been told.
	 * @throws AssertionError if that is not so within a minute
	 */
	public void awaitReplicated() {
		PrivateRedisServer master = master();
		PrivateRedisServer replica = replica();
		Await.until(() -> replica + " follows " + master, BOUND, () -> RedisReplication.isReplicated(master, replica));
	}

	/**
	 * Keep all that the master is told from now on from the replica, for good. The
	 * sentinels take no notice.
	 */
	public void cutReplication() {
		PrivateRedisServer replica = replica();
		// The master knows no such user, so the replica cannot follow it again.
		replica.call("CONFIG", "SET", "masteruser", "stranger");
		replica.call("CONFIG", "SET", "masterauth", "none");
		replica.call("CLIENT", "KILL", "TYPE", "master");
		Await.until(() -> replica + " follows no longer", BOUND,
				() -> !replica.info("replication").getOrDefault("master_link_status", "").equals("up"));
	}

	/**
	 * Wait until the sentinels have made another server the master, and it writes.
	 * @param former the master before
	 * @return the master now
	 * @throws AssertionError if that is not so within a minute
	 */
	public PrivateRedisServer awaitPromotion(PrivateRedisServer former) {
		Await.until(() -> "another than " + former + " is the master", BOUND,
				() -> this.sentinels.stream().allMatch((sentinel) -> masterPort(sentinel) != former.port()));
		PrivateRedisServer promoted = master();
		Await.until(() -> promoted + " writes", BOUND, () -> "master".equals(promoted.info("replication").get("role")));
		return promoted;
	}

	@Override
	public String version() {
		return this.servers.get(0).version();
	}

	/**
	 * End all of them and delete what they have written. Has no effect the second time.
	 */
	@Override
	public void close() {
		this.sentinels.forEach(PrivateRedisServer::close);
		this.servers.forEach(PrivateRedisServer::close);
	}

	@Override
	public String toString() {
		return "Redis Sentinel of " + this.servers.get(0);
	}

}
