package io.concord.sample.shop;

import java.time.Duration;

import org.springframework.stereotype.Component;

/**
 * Stands for what a real shop does between reading the stock and writing it, such as a
 * credit check.
 */
@Component
class ThinkingTime {

	private final Duration duration;

	ThinkingTime(ShopProperties properties) {
		this.duration = properties.thinkingTime();
	}

	void pass() {
		try {
			Thread.sleep(this.duration.toMillis());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while thinking about an order", ex);
		}
	}

}
