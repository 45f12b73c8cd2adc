package io.concord.benchmark;

import java.util.Arrays;
import java.util.List;

/**
 * Who is measured.
 */
enum Contender {

	CONCORD_REDIS("Concord", Store.REDIS, Role.OURS, (addresses, wrapper) -> RedisLocks.concord(addresses)),

	SET_NX("floor: SET NX, compare-delete", Store.REDIS, Role.FLOOR,
			(addresses, wrapper) -> RedisLocks.setNx(addresses)),

	SMALLEST_SCRIPTS("floor: smallest scripts with a token", Store.REDIS, Role.FLOOR,
			(addresses, wrapper) -> RedisLocks.smallestScripts(addresses)),

	EQUAL_SCRIPTS("floor: two equal EVALSHA", Store.REDIS, Role.FLOOR,
			(addresses, wrapper) -> RedisLocks.equalScripts(addresses)),

	REDISSON("Redisson RLock", Store.REDIS, Role.PEER, (addresses, wrapper) -> RedisLocks.redisson(addresses)),

	REDISSON_FAIR("Redisson fair lock", Store.REDIS, Role.PEER,
			(addresses, wrapper) -> RedisLocks.redissonFair(addresses)),

	SPRING_INTEGRATION_REDIS("Spring Integration, spinning", Store.REDIS, Role.POLLING_PEER,
			(addresses, wrapper) -> RedisLocks.springIntegration(addresses)),

	SPRING_INTEGRATION_REDIS_PUB_SUB("Spring Integration, pub/sub", Store.REDIS, Role.PEER,
			(addresses, wrapper) -> RedisLocks.springIntegrationPubSub(addresses)),

	SHED_LOCK_REDIS("ShedLock", Store.REDIS, Role.POLLING_PEER, (addresses, wrapper) -> RedisLocks.shedLock(addresses)),

	LOCK4J("Lock4j", Store.REDIS, Role.PEER, (addresses, wrapper) -> RedisLocks.lock4j(addresses)),

	CONCORD_POSTGRES("Concord", Store.POSTGRES, Role.OURS, JdbcLocks::concord),

	STATEMENTS("floor: two autocommit statements", Store.POSTGRES, Role.FLOOR, JdbcLocks::statements),

	SPRING_INTEGRATION_POSTGRES("Spring Integration", Store.POSTGRES, Role.PEER, JdbcLocks::springIntegration),

	SHED_LOCK_POSTGRES("ShedLock", Store.POSTGRES, Role.PEER, JdbcLocks::shedLock),

	CONCORD_ZOOKEEPER("Concord", Store.ZOOKEEPER, Role.OURS, (addresses, wrapper) -> ZooKeeperLocks.concord(addresses)),

	ZNODES("floor: two znodes", Store.ZOOKEEPER, Role.FLOOR, (addresses, wrapper) -> ZooKeeperLocks.znode(addresses)),

	CURATOR("Curator InterProcessMutex", Store.ZOOKEEPER, Role.PEER,
			(addresses, wrapper) -> ZooKeeperLocks.curator(addresses));

	private final String title;

	private final Store store;

	private final Role role;

	private final Opener opener;

	Contender(String title, Store store, Role role, Opener opener) {
		this.title = title;
		this.store = store;
		this.role = role;
		this.opener = opener;
	}

	String title() {
		return this.title;
	}

	Store store() {
		return this.store;
	}

	Role role() {
		return this.role;
	}

	Locks open(Addresses addresses, JdbcLocks.Wrapper wrapper) throws Exception {
		return this.opener.open(addresses, wrapper);
	}

	static List<Contender> on(Store store) {
		return Arrays.stream(values()).filter((one) -> one.store == store).toList();
	}

	static Contender concordOn(Store store) {
		return on(store).stream().filter((one) -> one.role == Role.OURS).findFirst().orElseThrow();
	}

	/** What a contender stands for. */
	enum Role {

		OURS, FLOOR,

		/** Renews or queues, or is the best there is on its store. */
		PEER,

		/** Neither renews nor queues: less is asked of it. */
		POLLING_PEER;

		boolean isPeer() {
			return this == PEER || this == POLLING_PEER;
		}

	}

	private interface Opener {

		Locks open(Addresses addresses, JdbcLocks.Wrapper wrapper) throws Exception;

	}

}
