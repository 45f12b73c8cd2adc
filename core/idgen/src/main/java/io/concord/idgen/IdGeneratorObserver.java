package io.concord.idgen;

/**
 * Told of what generators do beside giving ids, for meters. Called by threads that wait
 * for an id among others, so it has to be quick and must not throw. Thread-safe.
 */
public interface IdGeneratorObserver {

	/** Does nothing. */
	IdGeneratorObserver NONE = new IdGeneratorObserver() {
	};

	/**
	 * A call has waited for an id.
	 * @param generator name of the generator
	 * @param nanos for how long
	 * @param successful whether it got one
	 */
	default void waited(String generator, long nanos, boolean successful) {
	}

	/**
	 * The clock was found to have stepped back.
	 * @param generator name of the generator
	 * @param millis by how much, at least
	 */
	default void clockStepped(String generator, long millis) {
	}

	/**
	 * The store was asked for a worker id, a mark or a segment.
	 * @param generator name of the generator
	 * @param nanos how long it took
	 * @param successful whether it answered
	 */
	default void fetched(String generator, long nanos, boolean successful) {
	}

}
