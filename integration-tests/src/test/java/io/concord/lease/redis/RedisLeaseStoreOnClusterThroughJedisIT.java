package io.concord.lease.redis;

import io.concord.test.redis.RedisCluster;

class RedisLeaseStoreOnClusterThroughJedisIT extends AbstractRedisClusterLeaseStoreIT {

	RedisLeaseStoreOnClusterThroughJedisIT(RedisCluster cluster) {
		super(cluster, Client.JEDIS);
	}

}
