package io.concord.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.concord.test.faults.Fault;
import io.concord.test.redis.PrivateRedisServer;
import io.concord.test.server.MovableClock;

/**
 * On a Redis that keeps what it has acknowledged. The register is in another one, which
 * nobody disturbs, behind the guard for Redis.
 */
abstract class AbstractRedisFaultsIT extends AbstractFaultsIT {

	private static final String CLOCK_JUMPS = "store's clock jumps";

	private static final Duration JUMP = Duration.ofHours(1);

	private Optional<MovableClock> clock = Optional.empty();

	private PrivateRedisServer server;

	private PrivateRedisServer register;

	AbstractRedisFaultsIT(Work work) {
		super("Redis", work);
	}

	@Override
	void start() {
		List<String> keepsAll = List.of("--appendonly", "yes", "--appendfsync", "always");
		this.clock = MovableClock.create();
		this.clock.ifPresent(this::closing);
		this.server = closing(this.clock.map((moved) -> PrivateRedisServer.start(keepsAll, moved))
			.orElseGet(() -> PrivateRedisServer.start(keepsAll)));
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
		List<Fault> faults = new ArrayList<>(List.of(
				new Fault("store paused", Duration.ofMillis(1_500), (target) -> this.server.pause(),
						() -> this.server.resume()),
				new Fault("store killed", Duration.ofMillis(300), (target) -> this.server.kill(),
						() -> this.server.restart())));
		this.clock.ifPresent((moved) -> faults.add(new Fault(CLOCK_JUMPS, Duration.ofMillis(1_000),
				(target) -> moved.move((target % 2 == 0) ? JUMP : JUMP.negated()), () -> moved.move(Duration.ZERO))));
		return faults;
	}

	/** Ahead, leases end at once. Back, they end when the clock is back home. */
	@Override
	List<String> lossyFaults() {
		return List.of(CLOCK_JUMPS);
	}

	@Override
	String skippedFaults() {
		return this.clock.isPresent() ? "none" : CLOCK_JUMPS + ": no libfaketime here";
	}

	@Override
	String describe() {
		return "Redis " + this.server.version() + ", append-only file; RedisFencingGuard";
	}

}
