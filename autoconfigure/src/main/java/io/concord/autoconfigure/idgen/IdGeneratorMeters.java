package io.concord.autoconfigure.idgen;

import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

import io.concord.idgen.IdGeneratorStatus;
import io.concord.idgen.LongIdGenerator;

/**
 * What generators have issued, and what they have left. Starts none of them.
 */
final class IdGeneratorMeters implements MeterBinder {

	private final DefaultLongIdGenerators generators;

	IdGeneratorMeters(DefaultLongIdGenerators generators) {
		this.generators = generators;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		for (String name : this.generators.names()) {
			FunctionCounter
				.builder("concord.idgen.issued", this.generators, (all) -> of(name, 0, IdGeneratorStatus::issued))
				.description("Ids that were given; lags by what threads have taken ahead")
				.tag("name", name)
				.register(registry);
			Gauge
				.builder("concord.idgen.lease.remaining", this.generators,
						(all) -> of(name, Double.NaN, IdGeneratorMeters::leadSeconds))
				.description("How far the mark of the worker id is ahead of the clock")
				.baseUnit("seconds")
				.tag("name", name)
				.register(registry);
			Gauge
				.builder("concord.idgen.segment.remaining", this.generators,
						(all) -> of(name, Double.NaN, IdGeneratorMeters::remaining))
				.description("Numbers in stock that no thread has taken")
				.tag("name", name)
				.register(registry);
		}
	}

	private double of(String name, double otherwise, ToDoubleFunction<IdGeneratorStatus> value) {
		LongIdGenerator generator = this.generators.ifStarted(name);
		return (generator != null) ? value.applyAsDouble(generator.status()) : otherwise;
	}

	private static double leadSeconds(IdGeneratorStatus status) {
		IdGeneratorStatus.Worker worker = status.worker();
		Long lead = (worker != null) ? worker.leadMillis() : null;
		return (lead != null) ? lead / 1000.0 : Double.NaN;
	}

	private static double remaining(IdGeneratorStatus status) {
		IdGeneratorStatus.Segment segment = status.segment();
		return (segment != null) ? segment.remaining() : Double.NaN;
	}

}
