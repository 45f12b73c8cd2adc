package io.concord.loadbalancer;

import java.time.Duration;

/**
 * When an instance gets no calls for a while. Immutable.
 *
 * @param enabled whether instances are ejected at all
 * @param connectFailures after how many failures to connect in a row
 * @param consecutiveFailures after how many failures in a row
 * @param failureRate from which share of failed calls on, over the last ten seconds; 1
 * for never, unless all fail
 * @param minCalls how many calls there must have been for the share to count
 * @param time for how long, the first time; twice as long each time it fails at once
 * after it has come back
 * @param maxTime for how long at most
 * @param maxShare share of the instances that can be ejected at the same time. One can
 * always, if there are others; never all
 * @param cancelledAfter from when on a call that is given up without an answer counts as
 * failed, if the instance has answered nobody else in that time
 */
public record EjectionSettings(boolean enabled, int connectFailures, int consecutiveFailures, double failureRate,
		int minCalls, Duration time, Duration maxTime, double maxShare, Duration cancelledAfter) {

	/** What is used if nothing is said. */
	public static final EjectionSettings DEFAULT = new EjectionSettings(true, 2, 5, 0.5, 20, Duration.ofSeconds(5),
			Duration.ofMinutes(5), 0.5, Duration.ofMillis(500));

	public EjectionSettings {
		atLeastOne("connect-failures", connectFailures);
		atLeastOne("consecutive-failures", consecutiveFailures);
		atLeastOne("min-calls", minCalls);
		if (!(failureRate > 0 && failureRate <= 1)) {
			throw new InvalidBalancerException("ejection.failure-rate", failureRate,
					"but must be more than 0 and at most 1", "Set it to a share, such as 0.5.");
		}
		if (!(maxShare >= 0 && maxShare <= 1)) {
			throw new InvalidBalancerException("ejection.max-share", maxShare, "but must be from 0 to 1",
					"Set it to a share, such as 0.5.");
		}
		BalancerSettings.positive("ejection.time", time);
		BalancerSettings.positive("ejection.cancelled-after", cancelledAfter);
		if (maxTime.compareTo(time) < 0) {
			throw new InvalidBalancerException("ejection.max-time", maxTime,
					"but must not be shorter than ejection.time", "Set it to a longer time, such as '5m'.");
		}
	}

	/**
	 * Returns settings by which nothing is ejected.
	 * @return the default with {@link #enabled} off
	 */
	public static EjectionSettings disabled() {
		return new EjectionSettings(false, DEFAULT.connectFailures, DEFAULT.consecutiveFailures, DEFAULT.failureRate,
				DEFAULT.minCalls, DEFAULT.time, DEFAULT.maxTime, DEFAULT.maxShare, DEFAULT.cancelledAfter);
	}

	private static void atLeastOne(String name, int value) {
		if (value < 1) {
			throw new InvalidBalancerException("ejection." + name, value, "but must be at least 1",
					"Set it to a larger number, or 'ejection.enabled' to false.");
		}
	}

}
