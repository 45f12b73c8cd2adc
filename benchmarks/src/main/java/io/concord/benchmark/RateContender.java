package io.concord.benchmark;

import java.util.Arrays;
import java.util.List;

/**
 * A way to limit rates.
 */
enum RateContender {

	REDIS_EVALSHA("floor: bare EVALSHA", Place.REDIS, Role.FLOOR,
			(addresses, wrapper, rate) -> RedisRates.bare(addresses, rate)),

	REDIS_CONCORD("Concord", Place.REDIS, Role.CONCORD,
			(addresses, wrapper, rate) -> ConcordRates.redis(addresses, rate, 0)),

	REDIS_AHEAD("Concord, 5 % declared", Place.REDIS, Role.AHEAD,
			(addresses, wrapper, rate) -> ConcordRates.redis(addresses, rate, 0.05)),

	REDIS_BUCKET4J("Bucket4j, compare-and-set", Place.REDIS, Role.PEER,
			(addresses, wrapper, rate) -> RedisRates.bucket4j(addresses, rate)),

	REDIS_REDISSON("Redisson RRateLimiter", Place.REDIS, Role.PEER,
			(addresses, wrapper, rate) -> RedisRates.redisson(addresses, rate)),

	REDIS_GATEWAY("Spring Cloud Gateway's script", Place.REDIS, Role.PEER,
			(addresses, wrapper, rate) -> RedisRates.gateway(addresses, rate)),

	POSTGRES_CONCORD("Concord", Place.POSTGRES, Role.CONCORD,
			(addresses, wrapper, rate) -> ConcordRates.postgres(addresses, wrapper, rate, 0)),

	POSTGRES_AHEAD("Concord, 5 % declared", Place.POSTGRES, Role.AHEAD,
			(addresses, wrapper, rate) -> ConcordRates.postgres(addresses, wrapper, rate, 0.05)),

	POSTGRES_BUCKET4J("Bucket4j, select for update", Place.POSTGRES, Role.PEER,
			(addresses, wrapper, rate) -> JdbcRates.bucket4j(addresses, wrapper, rate)),

	LOCAL_CONCORD("Concord", Place.LOCAL, Role.CONCORD, (addresses, wrapper, rate) -> ConcordRates.local(rate)),

	LOCAL_BUCKET4J("Bucket4j", Place.LOCAL, Role.PEER, (addresses, wrapper, rate) -> LocalRates.bucket4j(rate)),

	LOCAL_RESILIENCE4J("resilience4j", Place.LOCAL, Role.PEER,
			(addresses, wrapper, rate) -> LocalRates.resilience4j(rate)),

	LOCAL_SENTINEL("Sentinel", Place.LOCAL, Role.PEER, (addresses, wrapper, rate) -> LocalRates.sentinel(rate));

	private final String title;

	private final Place place;

	private final Role role;

	private final Opening opening;

	RateContender(String title, Place place, Role role, Opening opening) {
		this.title = title;
		this.place = place;
		this.role = role;
		this.opening = opening;
	}

	String title() {
		return this.title;
	}

	Role role() {
		return this.role;
	}

	/**
	 * Connects.
	 * @param rate how many a second, of each key
	 */
	RateSource open(Addresses addresses, JdbcLocks.Wrapper wrapper, long rate) throws Exception {
		return this.opening.open(addresses, wrapper, rate);
	}

	static List<RateContender> at(Place place) {
		return Arrays.stream(values()).filter((contender) -> contender.place == place).toList();
	}

	static List<RateContender> at(Place place, Role role) {
		return at(place).stream().filter((contender) -> contender.role == role).toList();
	}

	/** Where it is counted. */
	enum Place {

		REDIS("Redis"), POSTGRES("PostgreSQL"), LOCAL("In one process");

		private final String title;

		Place(String title) {
			this.title = title;
		}

		String title() {
			return this.title;
		}

	}

	/** What it is measured for. */
	enum Role {

		/** What is measured. */
		CONCORD,

		/** The same with permits taken ahead. */
		AHEAD,

		/** What keeps its limit as exactly, for others to be compared with. */
		PEER,

		/** What can't be gone below by asking for each decision. */
		FLOOR

	}

	private interface Opening {

		RateSource open(Addresses addresses, JdbcLocks.Wrapper wrapper, long rate) throws Exception;

	}

}
