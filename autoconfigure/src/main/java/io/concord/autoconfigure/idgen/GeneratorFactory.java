package io.concord.autoconfigure.idgen;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.autoconfigure.idgen.IdgenProperties.Generator;
import io.concord.autoconfigure.idgen.IdgenProperties.Preset;
import io.concord.autoconfigure.idgen.IdgenProperties.Snowflake;
import io.concord.autoconfigure.idgen.IdgenProperties.Type;
import io.concord.autoconfigure.idgen.IdgenProperties.Unit;
import io.concord.autoconfigure.idgen.IdgenProperties.WorkerSource;
import io.concord.idgen.ClockException;
import io.concord.idgen.IdFormat;
import io.concord.idgen.IdFormats;
import io.concord.idgen.IdGeneratorObserver;
import io.concord.idgen.InvalidGeneratorException;
import io.concord.idgen.LayoutMismatchException;
import io.concord.idgen.LongIdGenerator;
import io.concord.idgen.NoFreeWorkerIdException;
import io.concord.idgen.SegmentIdGenerator;
import io.concord.idgen.SequenceIdGenerator;
import io.concord.idgen.SnowflakeIdGenerator;
import io.concord.idgen.SnowflakeLayout;
import io.concord.lease.LeaseStoreException;

/**
 * Starts generators as the properties say, and says which property is wrong.
 */
final class GeneratorFactory {

	private final IdStores stores;

	private final Duration storeTimeout;

	private final String holder;

	private final IdGeneratorObserver observer;

	private final Consumer<Object> events;

	GeneratorFactory(IdStores stores, Duration storeTimeout, String holder, IdGeneratorObserver observer,
			Consumer<Object> events) {
		this.stores = stores;
		this.storeTimeout = storeTimeout;
		this.holder = holder;
		this.observer = observer;
		this.events = events;
	}

	LongIdGenerator start(String name, Generator properties) {
		String prefix = "concord.idgen.generators." + name + ".";
		try {
			return switch (properties.getType()) {
				case SNOWFLAKE -> snowflake(name, properties);
				case SEGMENT -> segment(name, properties);
				case SEQUENCE -> sequence(name, properties);
			};
		}
		catch (InvalidGeneratorException ex) {
			throw new InvalidConcordConfigurationException(
					"The id generator '" + name + "' can't be as it is configured: " + ex.getMessage() + ".",
					"Correct " + property(prefix, properties.getType(), ex.getValue()) + ".", ex);
		}
		catch (LayoutMismatchException ex) {
			throw new InvalidConcordConfigurationException(String.valueOf(ex.getMessage()),
					"Give all processes the same epoch, unit and bits under '" + prefix
							+ "snowflake'. For a new layout, give the generator a new name: ids of both could collide.",
					ex);
		}
		catch (NoFreeWorkerIdException ex) {
			throw new InvalidConcordConfigurationException(String.valueOf(ex
				.getMessage()), "Stop processes that are not needed, or wait for '" + prefix
						+ "snowflake.lead' after a crash. For more worker ids, give a generator of a new name more 'machine-bits'.",
					ex);
		}
		catch (ClockException ex) {
			throw new InvalidConcordConfigurationException(String.valueOf(ex.getMessage()),
					"Set the clocks of both machines, by NTP, or allow more by '" + prefix + "snowflake.max-skew'.",
					ex);
		}
		catch (LeaseStoreException ex) {
			throw new InvalidConcordConfigurationException(
					"The id generator '" + name + "' can't get a worker id: " + ex.getMessage(),
					"Start the store, or correct how it is reached.", ex);
		}
	}

	private static String property(String prefix, Type type, String value) {
		return switch (value) {
			case "bits" -> "'%1$stimestamp-bits', '%1$sdatacenter-bits', '%1$smachine-bits' or '%1$ssequence-bits'"
				.formatted(prefix + "snowflake.");
			case "name" -> "the name of the generator";
			case "max-wait", "least", "date-pattern" -> "'" + prefix + value + "'";
			case "max-size" -> "'%1$smin-size' or '%1$smax-size'".formatted(prefix + "segment.");
			default -> "'" + prefix + ((type == Type.SNOWFLAKE) ? "snowflake." : "") + value + "'";
		};
	}

	private LongIdGenerator snowflake(String name, Generator properties) {
		Snowflake snowflake = properties.getSnowflake();
		SnowflakeIdGenerator.Builder builder = SnowflakeIdGenerator.builder(name, layout(snowflake))
			.format(format(properties))
			.holder(this.holder)
			.lead(snowflake.getLead())
			.maxWait(properties.getMaxWait())
			.storeTimeout(this.storeTimeout)
			.observer(this.observer)
			.events(this.events);
		if (snowflake.getMaxClockLead() != null) {
			builder.maxClockLead(snowflake.getMaxClockLead());
		}
		if (snowflake.getMaxSkew() != null) {
			builder.maxSkew(snowflake.getMaxSkew());
		}
		if (snowflake.getWorkerId() != null) {
			builder.worker(snowflake.getWorkerId());
		}
		if (snowflake.getDatacenter() != null) {
			builder.datacenter(snowflake.getDatacenter());
		}
		if (snowflake.getWorkerSource() == WorkerSource.STORE) {
			builder.check().store(this.stores.workers(properties.getBackend()));
		}
		return builder.start();
	}

	private static SnowflakeLayout layout(Snowflake properties) {
		SnowflakeLayout preset = (properties.getPreset() == Preset.STANDARD) ? SnowflakeLayout.STANDARD
				: SnowflakeLayout.JAVASCRIPT;
		Instant epoch = properties.getEpoch();
		Unit unit = properties.getUnit();
		return new SnowflakeLayout((epoch != null) ? epoch : preset.epoch(),
				(unit == null) ? preset.unit() : (unit == Unit.MS) ? ChronoUnit.MILLIS : ChronoUnit.SECONDS,
				or(properties.getTimestampBits(), preset.timestampBits()),
				or(properties.getDatacenterBits(), preset.datacenterBits()),
				or(properties.getMachineBits(), preset.machineBits()),
				or(properties.getSequenceBits(), preset.sequenceBits()));
	}

	private static int or(@Nullable Integer value, int preset) {
		return (value != null) ? value : preset;
	}

	private LongIdGenerator segment(String name, Generator properties) {
		return SegmentIdGenerator.builder(name, this.stores.segments(properties.getBackend()))
			.least(properties.getLeast())
			.sizes(properties.getSegment().getMinSize(), properties.getSegment().getMaxSize())
			.maxWait(properties.getMaxWait())
			.storeTimeout(this.storeTimeout)
			.format(format(properties))
			.observer(this.observer)
			.start();
	}

	private LongIdGenerator sequence(String name, Generator properties) {
		Duration timeout = this.storeTimeout.compareTo(properties.getMaxWait()) < 0 ? this.storeTimeout
				: properties.getMaxWait();
		if (timeout.toMillis() < 1) {
			throw new InvalidGeneratorException("max-wait", "the wait has to be at least 1 ms");
		}
		return SequenceIdGenerator.builder(name, this.stores.sequences(properties.getBackend()))
			.least(properties.getLeast())
			.storeTimeout(timeout)
			.format(format(properties))
			.observer(this.observer)
			.start();
	}

	private static IdFormat format(Generator properties) {
		IdFormat format = switch (properties.getFormat()) {
			case DECIMAL -> IdFormats.decimal();
			case BASE62 -> IdFormats.base62();
			case CROCKFORD -> IdFormats.crockford();
		};
		String prefix = properties.getPrefix();
		String pattern = properties.getDatePattern();
		if (prefix == null && pattern == null) {
			return format;
		}
		try {
			return IdFormats.dated((prefix != null) ? prefix : "", (pattern != null) ? pattern : "",
					properties.getZone(), format);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidGeneratorException("date-pattern", String.valueOf(ex.getMessage()));
		}
	}

}
