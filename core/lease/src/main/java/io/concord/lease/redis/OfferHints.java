package io.concord.lease.redis;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
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
		boolean first = true;
		long pause = FIRST_PAUSE_MS;
		try {
			do {
				try {
					this.container.start();
					return;
				}
				catch (RuntimeException ex) {
					if (first) {
						logger.warn(
								"Could not subscribe to hand-overs at Redis, so waiters look again by time alone: {}",
								NestedExceptionUtils.getMostSpecificCause(ex).toString());
					}
					first = false;
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

	/**
	 * Ends the subscription, in the background if that hangs: the container waits without
	 * end for a connection that does not answer.
	 */
	@Override
	public void close() {
		this.closed.countDown();
		Thread stopping = new Thread(this::stop, "concord-redis-offers-stop");
		stopping.setDaemon(true);
		stopping.start();
		try {
			stopping.join(LONGEST_CLOSE_MS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void stop() {
		try {
			// To stop a container that is starting makes it complain.
			this.subscribed.await();
			this.container.destroy();
		}
		catch (Exception ex) {
			logger.debug("The subscription to offers did not end cleanly", ex);
		}
	}

}
