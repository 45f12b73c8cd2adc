package io.concord.faults;

import java.time.Duration;
import java.util.List;

import io.concord.test.faults.Fault;
import io.concord.test.redis.PrivateRedisServer;

/**
 * On a Redis that keeps what it has acknowledged. The register is in another one, which
 * nobody disturbs, behind the guard for Redis.
 */
abstract class AbstractRedisFaultsIT extends AbstractFaultsIT {

	private PrivateRedisServer server;

	private PrivateRedisServer register;

	AbstractRedisFaultsIT(Work work) {
		super("Redis", work);
	}

	@Override
	void start() {
		List<String> keepsAll = List.of("--appendonly", "yes", "--appendfsync", "always");
		this.server = startWithClock((clock) -> PrivateRedisServer.start(keepsAll, clock),
				() -> PrivateRedisServer.start(keepsAll));
		this.register = closing(PrivateRedisServer.start());
		proxies(this.server.host(), this.server.port());
	}

	@Override
	List<String> options(int slot) {
		return List.of("store=redis=" + proxy(slot).host() + ":" + proxy(slot).port(),
				"register=redis=" + this.register.host() + ":" + this.register.port());
	}

	@Override
	List<Fault> storeFaults() {
		return List.of(
				new Fault("store paused", Duration.ofMillis(1_500), (target) -> this.server.pause(),
						() -> this.server.resume()),
				new Fault("store killed", Duration.ofMillis(300), (target) -> this.server.kill(),
						() -> this.server.restart()));
	}

	@Override
	String describe() {
		return "Redis " + this.server.version() + ", append-only file; RedisFencingGuard";
	}

}
