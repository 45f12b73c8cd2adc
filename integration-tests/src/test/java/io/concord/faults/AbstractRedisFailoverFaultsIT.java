package io.concord.faults;

import java.time.Duration;
import java.util.List;

import io.concord.test.faults.Fault;
import io.concord.test.net.TcpProxy;
import io.concord.test.redis.PrivateRedisServer;
import io.concord.test.redis.RedisReplication;

/**
 * On a Redis whose replica takes over without the last writes, as it may. The register is
 * in another one, which nobody disturbs, behind the guard for Redis.
 */
abstract class AbstractRedisFailoverFaultsIT extends AbstractFaultsIT {

	static final String FAILOVER = "fail-over that loses writes";

	private RedisReplication replication;

	private PrivateRedisServer register;

	AbstractRedisFailoverFaultsIT(Work work) {
		super("Redis with a replica", work);
	}

	@Override
	void start() {
		this.replication = startWithClock(RedisReplication::start, RedisReplication::start);
		this.register = closing(PrivateRedisServer.start());
		proxies(this.replication.master().host(), this.replication.master().port());
	}

	@Override
	List<String> options(int slot) {
		return List.of("store=redis=" + proxy(slot).host() + ":" + proxy(slot).port(),
				"register=redis=" + this.register.host() + ":" + this.register.port());
	}

	@Override
	List<Fault> storeFaults() {
		TcpProxy link = this.replication.link();
		return List.of(new Fault(FAILOVER, Duration.ofMillis(600), (target) -> link.blackhole(), this::failOver),
				new Fault("replication delayed", Duration.ofMillis(600),
						(target) -> link.delay(Duration.ofMillis(200), Duration.ofMillis(200)), link::pass),
				new Fault("replication cut", Duration.ofMillis(600), (target) -> link.reset(), link::pass),
				new Fault("master paused", Duration.ofMillis(1_500), (target) -> this.replication.master().pause(),
						() -> this.replication.master().resume()));
	}

	final RedisReplication replication() {
		return this.replication;
	}

	final void failOver() {
		this.replication.failOver();
		this.replication.link().pass();
		networks().forEach((network) -> network
			.forEach((proxy) -> proxy.retarget(this.replication.master().host(), this.replication.master().port())));
		this.replication.awaitReplicated();
	}

	@Override
	List<String> lossyFaults() {
		return List.of(FAILOVER);
	}

	@Override
	String describe() {
		return "Redis " + this.replication.version() + " with a replica; RedisFencingGuard on another";
	}

}
