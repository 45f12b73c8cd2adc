package io.concord.autoconfigure.idgen;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

import io.concord.autoconfigure.actuate.EndpointFeature;
import io.concord.autoconfigure.actuate.FeatureUnavailableException;
import io.concord.idgen.IdGeneratorStatus;
import io.concord.idgen.LongIdGenerator;
import io.concord.idgen.SnowflakeIdGenerator;
import io.concord.idgen.UnknownGeneratorException;
import io.concord.idgen.WorkerIdHolder;
import io.concord.lease.LeaseStoreException;

/**
 * Shows id generators on the actuator endpoint.
 */
final class IdEndpointFeature implements EndpointFeature {

	private final DefaultLongIdGenerators generators;

	IdEndpointFeature(DefaultLongIdGenerators generators) {
		this.generators = generators;
	}

	@Override
	public String selector() {
		return "ids";
	}

	@Override
	public OperationResponseBody here(boolean showKeys) {
		return new Here(this.generators.allStarted().stream().map(LongIdGenerator::status).toList());
	}

	/** Lists who holds the worker ids of a generator, in whatever process. */
	@Override
	public @Nullable OperationResponseBody anywhere(String name) {
		try {
			if (this.generators.ifStarted(name) instanceof SnowflakeIdGenerator generator) {
				return new Anywhere(name, generator.holders());
			}
			return null;
		}
		catch (UnknownGeneratorException ex) {
			throw new IllegalArgumentException(ex.getMessage(), ex);
		}
		catch (LeaseStoreException ex) {
			throw new FeatureUnavailableException(String.valueOf(ex.getMessage()), ex);
		}
	}

	/** A worker id can't be taken from its holder: its mark protects it. */
	@Override
	public @Nullable OperationResponseBody release(String name) {
		return null;
	}

	/**
	 * Generators of this process that have been started.
	 *
	 * @param generators how they do, by name
	 */
	record Here(List<IdGeneratorStatus> generators) implements OperationResponseBody {
	}

	/**
	 * Holders of the worker ids of a generator.
	 *
	 * @param generator its name
	 * @param holders who holds which, by worker id
	 */
	record Anywhere(String generator, List<WorkerIdHolder> holders) implements OperationResponseBody {
	}

}
