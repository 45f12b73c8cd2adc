package io.concord.autoconfigure.idgen;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

import io.concord.idgen.IdGeneratorStatus;
import io.concord.idgen.LongIdGenerator;

/**
 * Whether the generators that have been started can give ids. Asks no store: a store that
 * is away does no harm as long as the mark is ahead or numbers are in stock.
 */
final class IdsHealthIndicator implements HealthIndicator {

	private final DefaultLongIdGenerators generators;

	IdsHealthIndicator(DefaultLongIdGenerators generators) {
		this.generators = generators;
	}

	@Override
	public Health health() {
		Health.Builder health = Health.up();
		for (LongIdGenerator generator : this.generators.allStarted()) {
			IdGeneratorStatus status = generator.status();
			boolean up = isUp(status);
			if (!up) {
				health.down();
			}
			health.withDetail(status.name(), details(status, up));
		}
		return health.build();
	}

	private static boolean isUp(IdGeneratorStatus status) {
		if (status.problem() == null) {
			return true;
		}
		IdGeneratorStatus.Worker worker = status.worker();
		if (worker != null) {
			return worker.workerId() != null && worker.leadMillis() != null && worker.leadMillis() > 0;
		}
		IdGeneratorStatus.Segment segment = status.segment();
		return segment != null && segment.remaining() > 0;
	}

	private static Map<String, Object> details(IdGeneratorStatus status, boolean up) {
		Map<String, Object> details = new LinkedHashMap<>();
		details.put("status", up ? "UP" : "DOWN");
		details.put("type", status.kind());
		IdGeneratorStatus.Worker worker = status.worker();
		if (worker != null) {
			put(details, "workerId", worker.workerId());
			put(details, "leadMillis", worker.leadMillis());
			put(details, "runsOut", worker.runsOut().toString());
		}
		IdGeneratorStatus.Segment segment = status.segment();
		put(details, "remaining", (segment != null) ? segment.remaining() : null);
		put(details, "problem", status.problem());
		return details;
	}

	private static void put(Map<String, Object> details, String key, @Nullable Object value) {
		if (value != null) {
			details.put(key, value);
		}
	}

}
