package io.concord.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.concord.test.faults.Fault;
import io.concord.test.server.MovableClock;

/**
 * Tokens may come again only if what was lost is not behind the clock of the store that
 * goes on.
 */
class RedisFailoverLockFaultsIT extends AbstractRedisFailoverFaultsIT {

	private static final String SLOW_FAILOVER = "fail-over to a slower clock";

	private static final String DATA_LOSS = "all data lost";

	private static final Duration SLOWER = Duration.ofSeconds(2);

	RedisFailoverLockFaultsIT() {
		super(Work.LOCKS);
	}

	@Override
	List<Fault> storeFaults() {
		List<Fault> faults = new ArrayList<>(super.storeFaults());
		faults.add(new Fault(DATA_LOSS, Duration.ofMillis(300), (target) -> replication().master().call("FLUSHALL"),
				() -> {
				}));
		MovableClock clock = storeClock();
		if (clock != null) {
			faults.add(new Fault(SLOW_FAILOVER, Duration.ofMillis(600), (target) -> replication().link().blackhole(),
					() -> {
						// As if the clock of the one that takes over had always been
						// behind.
						clock.move(SLOWER.negated());
						failOver();
						clock.move(Duration.ZERO);
					}));
		}
		return faults;
	}

	@Override
	List<String> lossyFaults() {
		return List.of(FAILOVER, SLOW_FAILOVER, DATA_LOSS);
	}

}
