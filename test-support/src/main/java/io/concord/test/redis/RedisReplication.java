package io.concord.test.redis;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import io.concord.test.Await;
import io.concord.test.net.TcpProxy;
import io.concord.test.server.MovableClock;
import io.concord.test.server.ServerDefinition;
import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerProcess;
import io.concord.test.server.ServerSources;
import io.concord.test.server.StartedServer;
import io.concord.test.server.TestServer;

/**
 * A Redis and its replica, each a process of its own, with a network between them that
 * can fail. Thread-safe.
 */
public final class RedisReplication implements TestServer, AutoCloseable {

	private static final Duration BOUND = Duration.ofSeconds(60);

	static final List<String> OPTIONS = List.of("--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0",
			"--repl-ping-replica-period", "1");

	private volatile PrivateRedisServer master;

	private volatile PrivateRedisServer replica;

	private final TcpProxy link;

	private RedisReplication(PrivateRedisServer master, PrivateRedisServer replica, TcpProxy link) {
		this.master = master;
		this.replica = replica;
		this.link = link;
	}

	/**
	 * Start both from a local or embedded binary, see {@link RedisServerTest}, and wait
	 * until the replica follows.
	 * @return both, to be closed by the caller
	 * @throws io.concord.test.server.ServerStartException if there is no such binary or
	 * it does not start, and Redis is required or a certain binary was asked for
	 * @throws io.concord.test.server.ServerAbsentException the same otherwise: it skips
	 * the test
	 */
	public static RedisReplication start() {
		return start((definition) -> definition);
	}

	/**
	 * Start both as {@link #start()} does, with a clock of their own.
	 * @param clock the wall clock of both
	 * @return both, to be closed by the caller
	 * @throws io.concord.test.server.ServerStartException see {@link #start()}
	 * @throws io.concord.test.server.ServerAbsentException see {@link #start()}
	 */
	public static RedisReplication start(MovableClock clock) {
		return start(clock::under);
	}

	private static RedisReplication start(UnaryOperator<ServerDefinition> change) {
		return ServerSources.startFirst(ServerKind.REDIS, "a Redis with a replica",
				new RedisSources(System::getProperty, System::getenv).<RedisReplication>forTopology(
						(redis) -> start(change.apply(RedisNodeDefinition.of(redis, OPTIONS)))))
			.server();
	}

	private static StartedServer<RedisReplication> start(ServerDefinition definition) {
		PrivateRedisServer master = new PrivateRedisServer(ServerProcess.start(definition));
		try {
			PrivateRedisServer replica = new PrivateRedisServer(ServerProcess.start(definition));
			RedisReplication replication = new RedisReplication(master, replica,
					TcpProxy.to(master.host(), master.port()));
			try {
				replica.call("REPLICAOF", replication.link.host(), Integer.toString(replication.link.port()));
				replication.awaitReplicated();
				return new StartedServer<>(replication, replication::close);
			}
			catch (RuntimeException | Error ex) {
				replication.close();
				throw ex;
			}
		}
		catch (RuntimeException | Error ex) {
			master.close();
			throw ex;
		}
	}

	/**
	 * The server that is written to.
	 * @return the master
	 */
	public PrivateRedisServer master() {
		return this.master;
	}

	/**
	 * The server that follows.
	 * @return the replica
	 */
	public PrivateRedisServer replica() {
		return this.replica;
	}

	/**
	 * The network through which the replica follows.
	 * @return the proxy
	 */
	public TcpProxy link() {
		return this.link;
	}

	/**
	 * Wait until the replica has all that the master has been told.
	 * @throws AssertionError if that is not so within a minute
	 */
	public void awaitReplicated() {
		Await.until(() -> this.replica + " follows " + this.master, BOUND,
				() -> isReplicated(this.master, this.replica));
	}

	static boolean isReplicated(PrivateRedisServer master, PrivateRedisServer replica) {
		String offset = master.info("replication").getOrDefault("master_repl_offset", "");
		Map<String, String> followed = replica.info("replication");
		// It may have been told more since.
		return "up".equals(followed.get("master_link_status")) && !offset.isEmpty()
				&& Long.parseLong(followed.getOrDefault("slave_repl_offset", "-1")) >= Long.parseLong(offset);
	}

	/**
	 * Make the replica a master of its own.
	 */
	public void promote() {
		this.replica.call("REPLICAOF", "NO", "ONE");
	}

	/**
	 * Kill the master, make the replica one, and let the former master, without its data,
	 * follow it through the same network. What the replica had not been told is lost.
	 * Changes which is the {@link #master()} and which the {@link #replica()}. Returns
	 * before the new replica has caught up: see {@link #awaitReplicated()}.
	 */
	public void failOver() {
		PrivateRedisServer former = this.master;
		former.kill();
		promote();
		this.master = this.replica;
		this.replica = former;
		this.link.retarget(this.master.host(), this.master.port());
		former.restart();
		former.call("REPLICAOF", this.link.host(), Integer.toString(this.link.port()));
	}

	@Override
	public String version() {
		return this.master.version();
	}

	/**
	 * End both and delete what they have written. Has no effect the second time.
	 */
	@Override
	public void close() {
		this.link.close();
		this.replica.close();
		this.master.close();
	}

	@Override
	public String toString() {
		return this.master + " with a replica";
	}

}
