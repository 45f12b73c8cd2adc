package io.concord.lease.redis;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.listener.ChannelTopic;
import org.springframework.data.redis.listener.RedisMessageListenerContainer;

/**
 * Subscribes to the one channel of an engine, where scripts tell its waiters of offers.
 * The first subscription is made in the background and tried again until it succeeds;
 * afterwards the container sees to it. Without it waiters look again by time.
 */
final class OfferHints implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(OfferHints.class);

	private static final long LONGEST_PAUSE_MS = 10_000;

	private static final long FIRST_PAUSE_MS = 500;

	private static final long LONGEST_CLOSE_MS = 2_000;

	private final RedisMessageListenerContainer container = new RedisMessageListenerContainer();

	private final CountDownLatch closed = new CountDownLatch(1);

	private final CountDownLatch subscribed = new CountDownLatch(1);

	OfferHints(RedisConnectionFactory connectionFactory, String channel, Consumer<String> offered) {
		SimpleAsyncTaskExecutor threads = new SimpleAsyncTaskExecutor("concord-redis-offers-");
		threads.setDaemon(true);
		this.container.setConnectionFactory(connectionFactory);
		this.container.setSubscriptionExecutor(threads);
		this.container.setTaskExecutor(Runnable::run);
		this.container.setErrorHandler((ex) -> logger.debug("An offer was not passed on", ex));
		this.container.afterPropertiesSet();
		this.container.addMessageListener(
				(message, pattern) -> offered.accept(new String(message.getBody(), StandardCharsets.US_ASCII)),
				ChannelTopic.of(channel));
		threads.execute(this::subscribe);
	}

	private void subscribe() {
		long pause = FIRST_PAUSE_MS;
		try {
			do {
				try {
					this.container.start();
					return;
				}
				catch (RuntimeException ex) {
					logger.debug("Could not subscribe to offers; waiters look again by time", ex);
					pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
				}
			}
			while (!this.closed.await(pause, TimeUnit.MILLISECONDS));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		finally {
			this.subscribed.countDown();
		}
	}

	@Override
	public void close() {
		this.closed.countDown();
		try {
			// To stop a container that is starting makes it complain.
			if (!this.subscribed.await(LONGEST_CLOSE_MS, TimeUnit.MILLISECONDS)) {
				logger.debug("The subscription to offers hangs");
			}
			this.container.destroy();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (Exception ex) {
			logger.debug("The subscription to offers did not end cleanly", ex);
		}
	}

}
