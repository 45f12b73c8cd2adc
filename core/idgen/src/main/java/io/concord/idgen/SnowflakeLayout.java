package io.concord.idgen;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * How the bits of a snowflake id are used, from the top: a zero for the sign and what is
 * not used, the time since the epoch, the datacenter, the machine, the sequence.
 *
 * <p>
 * All processes that issue ids of one generator must have the same layout; it is stored
 * with the worker ids, and one that differs does not start.
 *
 * @param epoch the time that is zero, to the unit
 * @param unit the unit of time: {@link ChronoUnit#MILLIS} or {@link ChronoUnit#SECONDS}
 * @param timestampBits bits of the time
 * @param datacenterBits bits of the datacenter, may be 0
 * @param machineBits bits of the machine, may be 0
 * @param sequenceBits bits of the sequence
 */
public record SnowflakeLayout(Instant epoch, ChronoUnit unit, int timestampBits, int datacenterBits, int machineBits,
		int sequenceBits) {

	/** The epoch where none is named: the beginning of 2025. */
	public static final Instant DEFAULT_EPOCH = Instant.ofEpochSecond(1_735_689_600);

	/**
	 * The layout where none is named: 41 bits of milliseconds, which last for 69 years,
	 * 1,024 workers, 4,096 ids a millisecond each.
	 */
	public static final SnowflakeLayout STANDARD = new SnowflakeLayout(DEFAULT_EPOCH, ChronoUnit.MILLIS, 41, 5, 5, 12);

	/**
	 * A layout whose ids are exact as numbers of JavaScript, which has 53 bits: 41 bits
	 * of milliseconds, 64 workers, 64 ids a millisecond each.
	 */
	public static final SnowflakeLayout JAVASCRIPT = new SnowflakeLayout(DEFAULT_EPOCH, ChronoUnit.MILLIS, 41, 0, 6, 6);

	/** The sign stays zero. */
	private static final int MAX_BITS = 63;

	/** More would be millennia, and overflow where they are made an instant. */
	private static final int MAX_TIMESTAMP_BITS = 50;

	private static final int MAX_WORKER_BITS = 20;

	private static final int MAX_SEQUENCE_BITS = 30;

	/**
	 * Checks the layout.
	 * @throws InvalidGeneratorException if the bits don't add up to at most 63, a part
	 * has too few or too many, the epoch is not a whole number of units or before 1970,
	 * or the unit is another one
	 */
	public SnowflakeLayout {
		if (unit != ChronoUnit.MILLIS && unit != ChronoUnit.SECONDS) {
			throw new InvalidGeneratorException("unit", "the unit must be milliseconds or seconds and not " + unit);
		}
		if (epoch.isBefore(Instant.EPOCH)) {
			throw new InvalidGeneratorException("epoch", "the epoch " + epoch + " must not be before 1970");
		}
		if (!epoch.equals(epoch.truncatedTo(unit))) {
			throw new InvalidGeneratorException("epoch", "the epoch " + epoch + " must be a whole number of the unit");
		}
		if (timestampBits < 1 || sequenceBits < 1 || datacenterBits < 0 || machineBits < 0) {
			throw new InvalidGeneratorException("bits",
					"time and sequence need at least 1 bit each, and no part can have less" + " than 0: "
							+ bits(timestampBits, datacenterBits, machineBits, sequenceBits));
		}
		if (timestampBits > MAX_TIMESTAMP_BITS || datacenterBits + machineBits > MAX_WORKER_BITS
				|| sequenceBits > MAX_SEQUENCE_BITS) {
			throw new InvalidGeneratorException("bits",
					"the time can have at most " + MAX_TIMESTAMP_BITS + " bits, a whole worker id " + MAX_WORKER_BITS
							+ " and a sequence " + MAX_SEQUENCE_BITS + ": "
							+ bits(timestampBits, datacenterBits, machineBits, sequenceBits));
		}
		int sum = timestampBits + datacenterBits + machineBits + sequenceBits;
		if (sum > MAX_BITS) {
			throw new InvalidGeneratorException("bits", "the bits add up to " + sum + ", but a long has " + MAX_BITS
					+ " beside its sign: " + bits(timestampBits, datacenterBits, machineBits, sequenceBits));
		}
	}

	private static String bits(int timestampBits, int datacenterBits, int machineBits, int sequenceBits) {
		return timestampBits + " (time) + " + datacenterBits + " (datacenter) + " + machineBits + " (machine) + "
				+ sequenceBits + " (sequence)";
	}

	/**
	 * Returns the layout as text, by which processes compare theirs.
	 * @return such as {@code epoch=2025-01-01T00:00:00Z unit=ms bits=41+5+5+12}
	 */
	public String stamp() {
		return "epoch=" + this.epoch + " unit=" + ((this.unit == ChronoUnit.MILLIS) ? "ms" : "s") + " bits="
				+ this.timestampBits + "+" + this.datacenterBits + "+" + this.machineBits + "+" + this.sequenceBits;
	}

	/**
	 * Returns the bits of the whole worker id.
	 * @return datacenter and machine
	 */
	public int workerBits() {
		return this.datacenterBits + this.machineBits;
	}

	/**
	 * Returns how many workers there can be.
	 * @return their number
	 */
	public int workers() {
		return 1 << workerBits();
	}

	/**
	 * Returns how many ids a worker can issue in a unit of time.
	 * @return their number
	 */
	public int idsPerUnit() {
		return 1 << this.sequenceBits;
	}

	/**
	 * Returns when the layout has run out.
	 * @return the first time that it has no ids for
	 */
	public Instant runsOut() {
		return this.epoch.plus(1L << this.timestampBits, this.unit);
	}

	/**
	 * Returns the length of a unit of time.
	 * @return a millisecond or a second
	 */
	public Duration tick() {
		return this.unit.getDuration();
	}

	/**
	 * Puts an id together.
	 * @param tick units of time since the epoch
	 * @param worker the whole worker id
	 * @param sequence number within the unit
	 * @return the id
	 * @throws IllegalArgumentException if a part has more bits than the layout gives it
	 */
	public long encode(long tick, int worker, int sequence) {
		if (tick < 0 || tick >> this.timestampBits != 0 || worker < 0 || worker >= workers() || sequence < 0
				|| sequence >= idsPerUnit()) {
			throw new IllegalArgumentException("The layout " + stamp() + " has no id for time " + tick + ", worker "
					+ worker + ", sequence " + sequence);
		}
		return (tick << (workerBits() + this.sequenceBits)) | ((long) worker << this.sequenceBits) | sequence;
	}

	/**
	 * Takes an id apart.
	 * @param id the id
	 * @return its parts
	 * @throws IllegalArgumentException if the id is negative or has more bits
	 */
	public DecodedId decode(long id) {
		int shift = workerBits() + this.sequenceBits;
		long tick = id >> shift;
		if (id < 0 || tick >> this.timestampBits != 0) {
			throw new IllegalArgumentException("The layout " + stamp() + " has no id " + id);
		}
		int worker = (int) (id >> this.sequenceBits) & (workers() - 1);
		return new DecodedId(id, this.epoch.plus(tick, this.unit), worker, worker >> this.machineBits,
				worker & ((1 << this.machineBits) - 1), (int) id & (idsPerUnit() - 1));
	}

}
