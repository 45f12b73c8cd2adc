package io.concord.autoconfigure.idgen;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

import io.concord.idgen.IdGeneratorObserver;

/**
 * Times waits and calls of the store, and counts steps of the clock.
 */
final class MeterIdGeneratorObserver implements IdGeneratorObserver {

	private final MeterRegistry registry;

	private final Map<String, Timer> timers = new ConcurrentHashMap<>();

	MeterIdGeneratorObserver(MeterRegistry registry) {
		this.registry = registry;
	}

	@Override
	public void waited(String generator, long nanos, boolean successful) {
		timer("concord.idgen.wait", "Time that calls have waited for an id", generator, successful).record(nanos,
				TimeUnit.NANOSECONDS);
	}

	@Override
	public void fetched(String generator, long nanos, boolean successful) {
		timer("concord.idgen.fetch", "Time that the store has taken for a mark, a segment or a number", generator,
				successful)
			.record(nanos, TimeUnit.NANOSECONDS);
	}

	@Override
	public void clockStepped(String generator, long millis) {
		Counter.builder("concord.idgen.clock.steps")
			.description("Steps back of the clock that were seen")
			.tag("name", generator)
			.register(this.registry)
			.increment();
	}

	private Timer timer(String name, String description, String generator, boolean successful) {
		return this.timers.computeIfAbsent(name + successful + generator,
				(key) -> Timer.builder(name)
					.description(description)
					.tag("name", generator)
					.tag("outcome", successful ? "success" : "failure")
					.register(this.registry));
	}

}
