package io.concord.autoconfigure.lock;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;

import io.concord.autoconfigure.Backend;

/**
 * Configuration properties of distributed locks.
 */
@ConfigurationProperties("concord.lock")
public class LockProperties {

	/**
	 * Whether methods with @DistributedLock are locked. If not they run unlocked, in this
	 * process at least, and there is no DistributedLocks bean.
	 */
	private boolean enabled = true;

	/**
	 * Backend of locks, if it is not that of all features.
	 */
	private @Nullable Backend backend;

	/**
	 * Time to wait for a lock where the code says nothing else.
	 */
	private Duration waitTime = Duration.ofSeconds(10);

	/**
	 * Time after which the lock of a crashed process is free, where the code says nothing
	 * else. A lock that is held is renewed well before. At least twice
	 * 'concord.store-timeout'.
	 */
	private Duration leaseTime = Duration.ofSeconds(30);

	private final HandOver handOver = new HandOver();

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

	public Duration getWaitTime() {
		return this.waitTime;
	}

	public void setWaitTime(Duration waitTime) {
		this.waitTime = waitTime;
	}

	public Duration getLeaseTime() {
		return this.leaseTime;
	}

	public void setLeaseTime(Duration leaseTime) {
		this.leaseTime = leaseTime;
	}

	public HandOver getHandOver() {
		return this.handOver;
	}

	/**
	 * Passing on of locks among threads of this process, without asking the store.
	 */
	public static class HandOver {

		/**
		 * Whether a lock is passed on to the next thread of this process that waits for
		 * it, instead of being given back to the store.
		 */
		private boolean enabled = true;

		/**
		 * Number of times that a lock is passed on at most before other processes have
		 * their turn, up to 1023.
		 */
		private int maxTurns = 64;

		/**
		 * Time after its acquisition from the store in which a lock is passed on.
		 */
		private Duration maxTime = Duration.ofMillis(250);

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public int getMaxTurns() {
			return this.maxTurns;
		}

		public void setMaxTurns(int maxTurns) {
			this.maxTurns = maxTurns;
		}

		public Duration getMaxTime() {
			return this.maxTime;
		}

		public void setMaxTime(Duration maxTime) {
			this.maxTime = maxTime;
		}

	}

}
