package io.concord.benchmark;

/**
 * What decides. Thread-safe.
 */
interface RateSource {

	/**
	 * Asks for one permit without waiting.
	 * @param key one of those that are limited apart
	 * @return whether it was granted
	 */
	boolean tryAcquire(String key) throws Exception;

}
