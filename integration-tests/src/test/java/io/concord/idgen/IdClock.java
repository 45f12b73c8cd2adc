package io.concord.idgen;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Lets tests move the wall clock of generators.
 */
public final class IdClock {

	private IdClock() {
	}

	/**
	 * Sets the wall clock of a generator.
	 * @param wallMillis ms since 1970
	 */
	public static SnowflakeIdGenerator.Builder wall(SnowflakeIdGenerator.Builder builder, LongSupplier wallMillis) {
		return builder.clock(wallMillis, System::nanoTime, LockSupport::parkNanos);
	}

}
