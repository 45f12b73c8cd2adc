package io.concord.test.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Which faults come when. Drawn from a seed and nothing else, so that the same seed and
 * the same faults give the same schedule. Immutable.
 *
 * @param seed what it was drawn from
 * @param steps one fault after the other
 */
public record FaultSchedule(long seed, List<Step> steps) {

	private static final long CALM_MILLIS = 400;

	/**
	 * Draws a schedule. In every round each fault comes once, in an order of its own, so
	 * that also the shortest run meets all of them.
	 * @param seed what to draw from
	 * @param faults the faults
	 * @param rounds how many rounds
	 * @return the schedule
	 */
	public static FaultSchedule draw(long seed, List<Fault> faults, int rounds) {
		Random random = new Random(Seeds.derive(seed, "schedule"));
		List<Step> steps = new ArrayList<>();
		for (int round = 0; round < rounds; round++) {
			List<Fault> order = new ArrayList<>(faults);
			Collections.shuffle(order, random);
			for (Fault fault : order) {
				Duration calm = Duration.ofMillis(CALM_MILLIS + random.nextInt((int) CALM_MILLIS));
				Duration length = fault.length().plusMillis(random.nextInt(1 + (int) fault.length().toMillis() / 2));
				steps.add(new Step(fault.name(), calm, length, random.nextInt(Integer.MAX_VALUE)));
			}
		}
		return new FaultSchedule(seed, List.copyOf(steps));
	}

	/**
	 * Returns how long the schedule takes, if to begin and to end a fault took no time.
	 * @return the sum of its times
	 */
	public Duration length() {
		return this.steps.stream().map((step) -> step.calm().plus(step.length())).reduce(Duration.ZERO, Duration::plus);
	}

	/**
	 * One fault.
	 *
	 * @param fault its name
	 * @param calm how long nothing goes wrong before
	 * @param length how long it lasts
	 * @param target from which it chooses its target
	 */
	public record Step(String fault, Duration calm, Duration length, int target) {
	}

}
