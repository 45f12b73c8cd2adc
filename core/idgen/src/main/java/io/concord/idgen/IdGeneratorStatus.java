package io.concord.idgen;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * How a generator does.
 *
 * @param name its name
 * @param kind such as {@code snowflake}
 * @param store where its worker ids or numbers come from, or null if from nowhere
 * @param issued how many ids it has given since its start; lags by what threads have
 * taken ahead
 * @param problem why it can't give ids now or soon, or null if all is well
 * @param worker the worker id of a snowflake generator, or null
 * @param segment the numbers in stock of a segment generator, or null
 */
public record IdGeneratorStatus(String name, String kind, @Nullable String store, long issued, @Nullable String problem,
		@Nullable Worker worker, @Nullable Segment segment) {

	/**
	 * The worker id of a snowflake generator.
	 *
	 * @param workerId the worker id, or null if it was lost and there is no other yet
	 * @param datacenter its upper bits
	 * @param machine its lower bits
	 * @param highWater up to when ids may be issued, or null if worker ids are given by
	 * hand and nothing bounds it
	 * @param leadMillis how far that is ahead of the clock of this process, ms
	 * @param clockSkewMillis how far the clock of this process was ahead of the store's
	 * when the store has last answered, ms; negative if behind
	 * @param runsOut when the layout has run out
	 */
	public record Worker(@Nullable Integer workerId, @Nullable Integer datacenter, @Nullable Integer machine,
			@Nullable Instant highWater, @Nullable Long leadMillis, @Nullable Long clockSkewMillis, Instant runsOut) {
	}

	/**
	 * What a segment generator has in stock.
	 *
	 * @param remaining how many numbers are left that no thread has taken
	 * @param size how many it fetches at once now
	 */
	public record Segment(long remaining, long size) {
	}

}
