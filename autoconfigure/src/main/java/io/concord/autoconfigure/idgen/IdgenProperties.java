package io.concord.autoconfigure.idgen;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;

import io.concord.autoconfigure.Backend;

/**
 * Configuration properties of distributed ids.
 */
@ConfigurationProperties("concord.idgen")
public class IdgenProperties {

	/**
	 * Whether there are id generators.
	 */
	private boolean enabled = true;

	/**
	 * Backend of ids, if it is not that of all features.
	 */
	private @Nullable Backend backend;

	/**
	 * Whether ids of entities are written to JSON as strings, as JavaScript rounds
	 * numbers of more than 53 bits.
	 */
	private boolean jsonAsString;

	/**
	 * Generators by name. The one called 'default' is there without being named.
	 */
	private final Map<String, Generator> generators = new LinkedHashMap<>();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public @Nullable Backend getBackend() {
		return this.backend;
	}

	public void setBackend(@Nullable Backend backend) {
		this.backend = backend;
	}

	public boolean isJsonAsString() {
		return this.jsonAsString;
	}

	public void setJsonAsString(boolean jsonAsString) {
		this.jsonAsString = jsonAsString;
	}

	public Map<String, Generator> getGenerators() {
		return this.generators;
	}

	/**
	 * Kinds of generators.
	 */
	public enum Type {

		/** Time, worker id and a number; no call of the store on the way. */
		SNOWFLAKE,

		/** Numbers from ranges that are fetched ahead. */
		SEGMENT,

		/** Numbers of a counter, one call of the store each. */
		SEQUENCE

	}

	/**
	 * How ids are written as text.
	 */
	public enum Format {

		/** Decimal number. */
		DECIMAL,

		/** 11 digits of 0-9, A-Z and a-z. */
		BASE62,

		/** 13 digits of Crockford's base 32, as TSIDs are written. */
		CROCKFORD

	}

	/**
	 * Layouts that have a name.
	 */
	public enum Preset {

		/** 41 bits of ms, 5 of datacenter, 5 of machine, 12 of sequence. */
		STANDARD,

		/** Within the 53 bits of JavaScript: 41 of ms, 6 of machine, 6 of sequence. */
		JAVASCRIPT

	}

	/**
	 * Units of the time in an id.
	 */
	public enum Unit {

		/** Milliseconds. */
		MS,

		/** Seconds. */
		S

	}

	/**
	 * Where worker ids come from.
	 */
	public enum WorkerSource {

		/** The backend, which gives each to one process at a time. */
		STORE,

		/** The property 'worker-id', which nobody guards. */
		MANUAL

	}

	/**
	 * A generator.
	 */
	public static class Generator {

		/**
		 * Kind of the generator.
		 */
		private Type type = Type.SNOWFLAKE;

		/**
		 * Backend of this generator, if it is not that of all ids.
		 */
		private @Nullable Backend backend;

		/**
		 * Format of ids as text.
		 */
		private Format format = Format.DECIMAL;

		/**
		 * Text before the id, and before its date if there is one.
		 */
		private @Nullable String prefix;

		/**
		 * Pattern of the date before the id, of letters with a fixed width such as
		 * 'yyyyMMdd'. None by default.
		 */
		private @Nullable String datePattern;

		/**
		 * Time zone of the date before the id.
		 */
		private ZoneId zone = ZoneOffset.UTC;

		/**
		 * Time for which a call waits for an id.
		 */
		private Duration maxWait = Duration.ofSeconds(2);

		/**
		 * Least number of a segment or sequence generator, such as to go on after numbers
		 * that were given otherwise.
		 */
		private long least = 1;

		@NestedConfigurationProperty
		private final Snowflake snowflake = new Snowflake();

		@NestedConfigurationProperty
		private final Segment segment = new Segment();

		public Type getType() {
			return this.type;
		}

		public void setType(Type type) {
			this.type = type;
		}

		public @Nullable Backend getBackend() {
			return this.backend;
		}

		public void setBackend(@Nullable Backend backend) {
			this.backend = backend;
		}

		public Format getFormat() {
			return this.format;
		}

		public void setFormat(Format format) {
			this.format = format;
		}

		public @Nullable String getPrefix() {
			return this.prefix;
		}

		public void setPrefix(@Nullable String prefix) {
			this.prefix = prefix;
		}

		public @Nullable String getDatePattern() {
			return this.datePattern;
		}

		public void setDatePattern(@Nullable String datePattern) {
			this.datePattern = datePattern;
		}

		public ZoneId getZone() {
			return this.zone;
		}

		public void setZone(ZoneId zone) {
			this.zone = zone;
		}

		public Duration getMaxWait() {
			return this.maxWait;
		}

		public void setMaxWait(Duration maxWait) {
			this.maxWait = maxWait;
		}

		public long getLeast() {
			return this.least;
		}

		public void setLeast(long least) {
			this.least = least;
		}

		public Snowflake getSnowflake() {
			return this.snowflake;
		}

		public Segment getSegment() {
			return this.segment;
		}

	}

	/**
	 * What snowflake generators have beside.
	 */
	public static class Snowflake {

		/**
		 * Layout that the other properties change parts of.
		 */
		private Preset preset = Preset.STANDARD;

		/**
		 * Time that is zero, such as '2025-01-01T00:00:00Z'. That of the preset by
		 * default.
		 */
		private @Nullable Instant epoch;

		/**
		 * Unit of time. That of the preset by default.
		 */
		private @Nullable Unit unit;

		/**
		 * Bits of the time. Those of the preset by default.
		 */
		private @Nullable Integer timestampBits;

		/**
		 * Bits of the datacenter, the upper part of the worker id. Those of the preset by
		 * default.
		 */
		private @Nullable Integer datacenterBits;

		/**
		 * Bits of the machine, the lower part of the worker id. Those of the preset by
		 * default.
		 */
		private @Nullable Integer machineBits;

		/**
		 * Bits of the sequence. Those of the preset by default.
		 */
		private @Nullable Integer sequenceBits;

		/**
		 * Where the worker id comes from.
		 */
		private WorkerSource workerSource = WorkerSource.STORE;

		/**
		 * Worker id of this process, datacenter and machine in one. From the store any
		 * that is free by default.
		 */
		private @Nullable Integer workerId;

		/**
		 * Datacenter of this process. Any by default.
		 */
		private @Nullable Integer datacenter;

		/**
		 * Time for which ids can be issued while the store is away, and after which the
		 * worker id of a crashed process is free. 10s or more with many processes on
		 * ZooKeeper.
		 */
		private Duration lead = Duration.ofSeconds(10);

		/**
		 * Time by which ids may be ahead of a clock that has stepped back. Half of 'lead'
		 * by default.
		 */
		private @Nullable Duration maxClockLead;

		/**
		 * Time by which the clocks of this process and of the store may differ at start.
		 * Half of 'lead' by default.
		 */
		private @Nullable Duration maxSkew;

		public Preset getPreset() {
			return this.preset;
		}

		public void setPreset(Preset preset) {
			this.preset = preset;
		}

		public @Nullable Instant getEpoch() {
			return this.epoch;
		}

		public void setEpoch(@Nullable Instant epoch) {
			this.epoch = epoch;
		}

		public @Nullable Unit getUnit() {
			return this.unit;
		}

		public void setUnit(@Nullable Unit unit) {
			this.unit = unit;
		}

		public @Nullable Integer getTimestampBits() {
			return this.timestampBits;
		}

		public void setTimestampBits(@Nullable Integer timestampBits) {
			this.timestampBits = timestampBits;
		}

		public @Nullable Integer getDatacenterBits() {
			return this.datacenterBits;
		}

		public void setDatacenterBits(@Nullable Integer datacenterBits) {
			this.datacenterBits = datacenterBits;
		}

		public @Nullable Integer getMachineBits() {
			return this.machineBits;
		}

		public void setMachineBits(@Nullable Integer machineBits) {
			this.machineBits = machineBits;
		}

		public @Nullable Integer getSequenceBits() {
			return this.sequenceBits;
		}

		public void setSequenceBits(@Nullable Integer sequenceBits) {
			this.sequenceBits = sequenceBits;
		}

		public WorkerSource getWorkerSource() {
			return this.workerSource;
		}

		public void setWorkerSource(WorkerSource workerSource) {
			this.workerSource = workerSource;
		}

		public @Nullable Integer getWorkerId() {
			return this.workerId;
		}

		public void setWorkerId(@Nullable Integer workerId) {
			this.workerId = workerId;
		}

		public @Nullable Integer getDatacenter() {
			return this.datacenter;
		}

		public void setDatacenter(@Nullable Integer datacenter) {
			this.datacenter = datacenter;
		}

		public Duration getLead() {
			return this.lead;
		}

		public void setLead(Duration lead) {
			this.lead = lead;
		}

		public @Nullable Duration getMaxClockLead() {
			return this.maxClockLead;
		}

		public void setMaxClockLead(@Nullable Duration maxClockLead) {
			this.maxClockLead = maxClockLead;
		}

		public @Nullable Duration getMaxSkew() {
			return this.maxSkew;
		}

		public void setMaxSkew(@Nullable Duration maxSkew) {
			this.maxSkew = maxSkew;
		}

	}

	/**
	 * What segment generators have beside.
	 */
	public static class Segment {

		/**
		 * Least number of ids to fetch at once. So many, and those of one more segment,
		 * are lost at a restart.
		 */
		private long minSize = 100;

		/**
		 * Greatest number of ids to fetch at once.
		 */
		private long maxSize = 10_000_000;

		public long getMinSize() {
			return this.minSize;
		}

		public void setMinSize(long minSize) {
			this.minSize = minSize;
		}

		public long getMaxSize() {
			return this.maxSize;
		}

		public void setMaxSize(long maxSize) {
			this.maxSize = maxSize;
		}

	}

}
