package io.concord.lease.redis;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.core.script.RedisScript;

import io.concord.lease.Fence;
import io.concord.lease.Fenced;
import io.concord.lease.FencedOutException;
import io.concord.lease.redis.AbstractRedisLeaseStoreIT.Client;
import io.concord.test.redis.RedisCluster;
import io.concord.test.redis.RedisClusterTest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The guard where keys lie on several servers.
 */
@RedisClusterTest
@Timeout(120)
@ParameterizedClass
@EnumSource(Client.class)
class RedisFencingGuardOnClusterIT {

	private static final RedisScript<String> PUT = RedisScript
		.of("redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[2]) or 'none'", String.class);

	private final Client client;

	private final RedisCluster cluster;

	RedisFencingGuardOnClusterIT(Client client, RedisCluster cluster) {
		this.client = client;
		this.cluster = cluster;
	}

	@Test
	void fenceLiesBesideTheKeysWhicheverServerHasThem() {
		RedisConnectionFactory connections = this.client
			.connect(new RedisClusterConfiguration(this.cluster.addresses()));
		try {
			checkOnAllServers(connections);
		}
		finally {
			Client.disconnect(connections);
		}
	}

	private void checkOnAllServers(RedisConnectionFactory connections) {
		RedisFencingGuard guard = new RedisFencingGuard(connections, "guard-" + this.client,
				RedisFencingGuard.DEFAULT_RETENTION);
		RedisFencingGuard elsewhere = new RedisFencingGuard(connections, "guard-" + this.client,
				RedisFencingGuard.DEFAULT_RETENTION);
		Set<Integer> servers = new HashSet<>();
		for (String tag : tagsOnAllServers()) {
			List<String> keys = List.of("{" + tag + "}:apples:" + this.client, "{" + tag + "}:pears:" + this.client);
			servers.add(this.cluster.owner(this.cluster.slot(tag)).port());
			Fenced stale = holder("stock:" + tag, 1_000);
			Fenced next = holder("stock:" + tag, 1_001);
			assertThat(guard.execute(stale, PUT, keys, "90")).isEqualTo("none");
			elsewhere.announce(next, keys);
			assertThatExceptionOfType(FencedOutException.class).isThrownBy(() -> guard.execute(stale, PUT, keys, "80"))
				.satisfies((ex) -> assertThat(ex.getAnnouncedToken()).isEqualTo(1_001));
			assertThat(elsewhere.execute(next, PUT, keys, "70")).isEqualTo("none");
		}
		assertThat(servers).hasSize(this.cluster.nodes().size());
	}

	/** As many tags as servers, each on one of its own. */
	private List<String> tagsOnAllServers() {
		List<String> tags = new ArrayList<>();
		Set<Integer> servers = new HashSet<>();
		for (int i = 0; servers.size() < this.cluster.nodes().size(); i++) {
			String tag = "shop" + i;
			if (servers.add(this.cluster.owner(this.cluster.slot(tag)).port())) {
				tags.add(tag);
			}
		}
		return tags;
	}

	private static Fenced holder(String resource, long token) {
		Fence fence = new Fence(resource, token, "owner-" + token, 1);
		return () -> fence;
	}

}
