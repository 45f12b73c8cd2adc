package io.concord.autoconfigure.lease;

import java.time.Duration;
import java.util.function.Supplier;

import io.concord.autoconfigure.ConcordProperties;
import io.concord.autoconfigure.InvalidConcordConfigurationException;

/**
 * How many replicas of Redis have to confirm what is written, as the user wants it. For
 * the features of Concord; may change at any time.
 *
 * @param replicas their number; 0 for none
 * @param timeout how long to wait for them; zero if for none
 */
public record WaitReplicas(int replicas, Duration timeout) {

	private static final String REPLICAS = "concord.redis.wait-replicas";

	/**
	 * Checks the properties.
	 * @param properties what the user wants
	 * @return the checked wish
	 * @throws InvalidConcordConfigurationException if it can't be
	 */
	public static WaitReplicas of(ConcordProperties properties) {
		int replicas = properties.getRedis().getWaitReplicas();
		if (replicas == 0) {
			return new WaitReplicas(0, Duration.ZERO);
		}
		if (replicas < 0) {
			throw InvalidConcordConfigurationException.ofProperty(REPLICAS, replicas, "but must not be negative.",
					"Set it to the number of replicas that have to confirm a lease, or remove it for none.");
		}
		Duration timeout = Durations.positive(REPLICAS + "-timeout", properties.getRedis().getWaitReplicasTimeout());
		if (timeout.multipliedBy(2).compareTo(properties.getStoreTimeout()) > 0) {
			throw InvalidConcordConfigurationException.ofProperty(REPLICAS + "-timeout", timeout,
					"but must be at most half of 'concord.store-timeout', which is %d ms."
						.formatted(properties.getStoreTimeout().toMillis()),
					"Set it to a shorter time, or 'concord.store-timeout' to a longer one.");
		}
		return new WaitReplicas(replicas, timeout);
	}

	/**
	 * Opens a store that waits for them.
	 * @param <T> type of the store
	 * @param opening opens it
	 * @return the store
	 * @throws InvalidConcordConfigurationException if the connections can't wait
	 */
	public <T> T open(Supplier<T> opening) {
		if (this.replicas == 0) {
			return opening.get();
		}
		try {
			return opening.get();
		}
		catch (IllegalArgumentException ex) {
			throw InvalidConcordConfigurationException.ofProperty(REPLICAS, this.replicas,
					"but " + ex.getMessage() + ".",
					"Let the application use Lettuce ('spring.data.redis.client-type=lettuce') and one server with "
							+ "replicas, or remove the property.");
		}
	}

}
