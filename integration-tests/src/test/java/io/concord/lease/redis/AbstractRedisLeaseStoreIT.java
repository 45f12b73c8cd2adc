package io.concord.lease.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.jedis.JedisClientConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import redis.clients.jedis.Jedis;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.Conditions;
import io.concord.lease.Lease;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseRequest;
import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreContract;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.OwnThread;
import io.concord.lease.ReleaseAnswer;
import io.concord.lease.StoreCapabilities;
import io.concord.lease.WaitingPace;
import io.concord.test.redis.RedisServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The contract on real servers, whatever they are together, through either client.
 */
abstract class AbstractRedisLeaseStoreIT extends LeaseStoreContract {

	private static final String NAMESPACE = "contract";

	static final String PASSWORD = "secret";

	/** What the scripts add to the life of keys on fake time. */
	private static final Duration SLACK = Duration.ofHours(100);

	private final List<? extends RedisServer> servers;

	private final Client client;

	private RedisConnectionFactory connectionFactory;

	/**
	 * Creates a test.
	 * @param servers all that hold data together and take writes
	 */
	AbstractRedisLeaseStoreIT(List<? extends RedisServer> servers, Client client) {
		this.servers = servers;
		this.client = client;
	}

	/** Says how to connect. */
	abstract RedisConfiguration configuration();

	final RedisConnectionFactory connect(@Nullable String user) {
		RedisConfiguration configuration = configuration();
		if (user != null) {
			RedisConfiguration.WithAuthentication authenticating = (RedisConfiguration.WithAuthentication) configuration;
			authenticating.setUsername(user);
			authenticating.setPassword(PASSWORD);
		}
		return this.client.connect(configuration);
	}

	@BeforeEach
	void connect() {
		this.connectionFactory = connect(null);
		callAll("FLUSHALL");
	}

	@AfterEach
	void closeAllAndDisconnect() throws Exception {
		closeAll();
		Client.disconnect(this.connectionFactory);
	}

	@Override
	protected LeaseStore newStore() {
		return new RedisLeaseStore(this.connectionFactory, NAMESPACE);
	}

	@Override
	protected LeaseStore newStoreOnFakeTime() {
		return new RedisLeaseStore(this.connectionFactory, NAMESPACE, this.time::micros);
	}

	@Override
	protected StoreCapabilities expectedCapabilities() {
		return new StoreCapabilities(true, true, true, true, Duration.ofMillis(2));
	}

	@Override
	protected long countStored() {
		return keys().stream().filter((key) -> !key.endsWith("}:t")).count();
	}

	/**
	 * On fake time keys live longer than what is in them: their end is brought nearer.
	 */
	@Override
	protected void letPass(Duration duration) {
		forEachKey((server, key) -> {
			if (!key.endsWith("}:t")) {
				long left = Long.parseLong(server.call("PTTL", key));
				server.call("PEXPIRE", key, Long.toString(left - duration.plus(SLACK).toMillis()));
			}
		});
	}

	@Test
	void userWithoutACommandThatIsNeededIsToldSoAndLeavesNothingBehind() {
		LeaseStore store = store();
		long token = token(store.claim(claim("a"), TIMEOUT));
		callAll("ACL", "SETUSER", "limited", "reset", "on", ">" + PASSWORD, "~*", "&*", "+@all", "-zadd", "-hdel");
		RedisConnectionFactory limited = connect("limited");
		try {
			LeaseStore refused = closing(new RedisLeaseStore(limited, NAMESPACE));
			assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> refused.claim(claim("b"), TIMEOUT))
				.withMessageContaining("HDEL")
				.withMessageContaining("ZADD")
				.withMessageContaining("concord:" + NAMESPACE + ":lease:");
			refused.close();
		}
		finally {
			Client.disconnect(limited);
		}
		assertThat(token(store.refresh(claim("a"), TIMEOUT))).isEqualTo(token);
		assertThat(keys()).hasSize(2);
	}

	@Test
	void userWithoutTheChannelHandsOverAllTheSame() {
		LeaseStore store = store();
		store.claim(claim("a"), TIMEOUT);
		store.claim(claim("b"), TIMEOUT);
		callAll("ACL", "SETUSER", "mute", "reset", "on", ">" + PASSWORD, "~concord:*", "resetchannels", "+@all");
		RedisConnectionFactory mute = connect("mute");
		try {
			LeaseStore other = closing(new RedisLeaseStore(mute, NAMESPACE));
			assertThat(other.release(claim("a"), Duration.ZERO, TIMEOUT))
				.isEqualTo(new ReleaseAnswer(true, "engine-b"));
			other.close();
		}
		finally {
			Client.disconnect(mute);
		}
		token(store.refresh(claim("b"), TIMEOUT));
	}

	@Test
	void namesSurviveTheLossOfEitherKey() {
		LeaseStore store = store();
		Claim brief = new Claim(resource(), "engine-a", 1, Duration.ofMillis(300), Duration.ofMillis(100));
		store.claim(brief, TIMEOUT);
		store.claim(claim("w"), TIMEOUT);
		delete("}:n:");
		token(store.claim(claim("b"), TIMEOUT));
		store.claim(claim("w2"), TIMEOUT);
		await(() -> store.refresh(brief, TIMEOUT) instanceof ClaimAnswer.Gone && ttls().size() == 2);
		token(store.refresh(claim("b"), TIMEOUT));
		delete("}:h:");
		token(store.refresh(claim("w2"), TIMEOUT));
		assertThat(store.release(claim("w2"), Duration.ZERO, TIMEOUT).held()).isTrue();
		store.release(claim("b"), Duration.ZERO, TIMEOUT);
		token(store.claim(impatient("c"), TIMEOUT));
	}

	@Test
	void holdersRenewAndReleaseWhenTheMemoryIsFull() {
		LeaseStore store = store();
		long alone = token(store.claim(claim("a"), TIMEOUT));
		Claim other = new Claim(resource() + "-line", "engine-a", 1, Duration.ofSeconds(30), Duration.ofSeconds(3));
		Claim waiter = new Claim(resource() + "-line", "engine-w", 1, Duration.ofSeconds(30), Duration.ofSeconds(3));
		long inLine = token(store.claim(other, TIMEOUT));
		store.claim(waiter, TIMEOUT);
		store.release(claim("warm-up"), Duration.ZERO, TIMEOUT);
		callAll("CONFIG", "SET", "maxmemory", "1");
		try {
			assertThat(token(store.refresh(claim("a"), TIMEOUT))).isEqualTo(alone);
			assertThat(token(store.refresh(other, TIMEOUT))).isEqualTo(inLine);
			assertThat(store.refresh(waiter, TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
			Claim fresh = new Claim(resource() + "-new", "engine-b", 1, Duration.ofSeconds(30), Duration.ZERO);
			assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> store.claim(fresh, TIMEOUT))
				.isNotInstanceOf(LeaseOutcomeUnknownException.class)
				.withMessageContaining("OOM");
			assertThat(store.release(claim("a"), Duration.ZERO, TIMEOUT).held()).isTrue();
			assertThat(store.release(other, Duration.ZERO, TIMEOUT).held()).isTrue();
			long taken = token(store.refresh(waiter, TIMEOUT));
			assertThat(taken).isGreaterThan(inLine);
			assertThat(token(store.refresh(waiter, TIMEOUT))).isEqualTo(taken);
			assertThat(store.release(waiter, Duration.ZERO, TIMEOUT).held()).isTrue();
		}
		finally {
			callAll("CONFIG", "SET", "maxmemory", "0");
		}
	}

	@Test
	void keepsOneTokenABucketAndNoMore() {
		LeaseStore store = store();
		for (int i = 0; i < 3_000; i++) {
			Claim claim = new Claim("name-" + i, "engine-" + i, 1, Duration.ofSeconds(30), Duration.ZERO);
			token(store.claim(claim, TIMEOUT));
			store.release(claim, Duration.ZERO, TIMEOUT);
		}
		assertThat(keys()).hasSizeBetween(900, RedisLeaseStore.BUCKETS).allMatch((key) -> key.endsWith("}:t"));
	}

	@Test
	void everyKeyButTheTokensEndsByItself() {
		LeaseStore store = store();
		store.claim(claim("a"), TIMEOUT);
		assertThat(ttls()).allMatch((ttl) -> ttl > 0);
		store.claim(claim("b"), TIMEOUT);
		store.release(claim("c"), Duration.ofSeconds(9), TIMEOUT);
		assertThat(ttls()).hasSize(2).allMatch((ttl) -> ttl > 0);
		store.release(claim("a"), Duration.ZERO, TIMEOUT);
		store.refresh(claim("b"), TIMEOUT);
		assertThat(ttls()).hasSize(2).allMatch((ttl) -> ttl > 25_000);
		store.release(claim("b"), Duration.ZERO, TIMEOUT);
		assertThat(ttls()).hasSize(2).allMatch((ttl) -> ttl > 0);
	}

	@Test
	void spendsOneScriptCallOnEachOperation() {
		LeaseStore store = store();
		store.claim(claim("warm-up"), TIMEOUT);
		store.refresh(claim("warm-up"), TIMEOUT);
		store.release(claim("warm-up"), Duration.ZERO, TIMEOUT);
		this.servers.forEach(RedisServer::resetCommandCounts);
		store.claim(claim("a"), TIMEOUT);
		assertThat(scriptCalls()).isEqualTo(1);
		store.refresh(claim("a"), TIMEOUT);
		assertThat(scriptCalls()).isEqualTo(2);
		store.release(claim("a"), Duration.ZERO, TIMEOUT);
		assertThat(scriptCalls()).isEqualTo(3);
		assertThat(commandCounts()).doesNotContainKeys("eval", "script", "publish");
	}

	@Test
	void spendsTwoScriptCallsAndOneMessageOnAContendedHandOver() {
		LeaseStore store = store();
		store.claim(claim("a"), TIMEOUT);
		for (int i = 0; i < 50; i++) {
			store.claim(claim("w" + i), TIMEOUT);
		}
		store.release(claim("none"), Duration.ZERO, TIMEOUT);
		store.refresh(claim("none"), TIMEOUT);
		this.servers.forEach(RedisServer::resetCommandCounts);
		store.release(claim("a"), Duration.ZERO, TIMEOUT);
		token(store.refresh(claim("w0"), TIMEOUT));
		assertThat(scriptCalls()).isEqualTo(2);
		assertThat(commandCounts()).containsEntry("publish", 1L);
	}

	/** What the waiter's place in line costs, and the hand-over, through the engine. */
	@Test
	void waiterLooksOnceInAThirdOfItsPatienceAndIsServedByTwoCalls() throws Exception {
		LeaseRequest request = LeaseRequest
			.exclusive(claim("a").resource(), Duration.ofSeconds(60), Duration.ofSeconds(60))
			.notRenewed()
			.withPace(new WaitingPace(Duration.ofMillis(1_500), Duration.ofMillis(1)));
		try (LeaseEngine first = LeaseEngine.builder(newStore()).build();
				LeaseEngine second = LeaseEngine.builder(newStore()).build()) {
			Lease held = first.acquire(request).orElseThrow();
			this.servers.forEach(RedisServer::resetCommandCounts);
			CompletableFuture<Lease> next = OwnThread.supply(() -> second.acquire(request).orElseThrow());
			Conditions.await(() -> scriptCalls() >= 1);
			long begin = System.nanoTime();
			Conditions.await(() -> scriptCalls() >= 5);
			// The first look follows the claim at once, and a pause each that is not cut.
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(1_000));
			this.servers.forEach(RedisServer::resetCommandCounts);
			held.release();
			Lease taken = next.get(60, TimeUnit.SECONDS);
			// A look that was due may come between.
			assertThat(scriptCalls()).isBetween(2L, 3L);
			taken.release();
		}
	}

	@Test
	void survivesAScriptFlush() {
		LeaseStore store = store();
		long token = token(store.claim(claim("a"), TIMEOUT));
		callAll("SCRIPT", "FLUSH");
		assertThat(token(store.refresh(claim("a"), TIMEOUT))).isEqualTo(token);
		assertThat(store.release(claim("a"), Duration.ZERO, TIMEOUT).held()).isTrue();
	}

	@Test
	void refusesDataOfAnotherFormat() {
		LeaseStore store = store();
		token(store.claim(claim("a"), TIMEOUT));
		forEachKey((server, key) -> {
			if (key.contains("}:n:")) {
				server.call("SET", key, "2 from-the-future");
			}
		});
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> store.claim(claim("b"), TIMEOUT))
			.withMessageContaining("format 2");
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> store.refresh(claim("a"), TIMEOUT))
			.withMessageContaining("format 2");
		assertThatExceptionOfType(LeaseStoreException.class)
			.isThrownBy(() -> store.release(claim("a"), Duration.ZERO, TIMEOUT))
			.withMessageContaining("another namespace");
		forEachKey((server, key) -> {
			if (key.contains("}:n:")) {
				server.call("DEL", key);
				server.call("HSET", key, "v", "0");
			}
		});
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> store.claim(claim("b"), TIMEOUT))
			.withMessageContaining("format 0");
	}

	@Test
	void namespacesDoNotMeet() {
		LeaseStore store = store();
		LeaseStore other = closing(new RedisLeaseStore(this.connectionFactory, "other"));
		token(store.claim(claim("a"), TIMEOUT));
		token(other.claim(claim("a"), TIMEOUT));
		assertThat(store.claim(impatient("b"), TIMEOUT)).isInstanceOf(ClaimAnswer.Refused.class);
	}

	@Test
	void keepsATokenThatIsAheadOfTheClock() {
		LeaseStore store = store();
		LeaseStore future = closing(newStoreOnFakeTime());
		long ahead = token(future.claim(claim("a"), TIMEOUT));
		future.release(claim("a"), Duration.ZERO, TIMEOUT);
		assertThat(token(store.claim(claim("b"), TIMEOUT))).isEqualTo(ahead + 1);
	}

	@Test
	void tellsTheEngineOfAnOffer() throws Exception {
		LeaseStore store = store();
		LeaseStore listening = store();
		BlockingQueue<String> offers = new LinkedBlockingQueue<>();
		String engine = "listener-" + resource();
		listening.listen(engine, offers::add);
		String channel = "concord:" + NAMESPACE + ":offers:" + engine;
		await(() -> this.servers.stream().anyMatch((server) -> server.list("PUBSUB", "CHANNELS").contains(channel)));
		Claim waiter = new Claim(resource(), engine + "-1", 1, Duration.ofSeconds(30), Duration.ofSeconds(30));
		store.claim(claim("a"), TIMEOUT);
		listening.claim(waiter, TIMEOUT);
		store.release(claim("a"), Duration.ZERO, TIMEOUT);
		assertThat(offers.poll(20, TimeUnit.SECONDS)).isEqualTo(engine + "-1");
	}

	final Map<String, Long> commandCounts() {
		Map<String, Long> counts = new TreeMap<>();
		for (RedisServer server : this.servers) {
			server.commandCounts().forEach((command, calls) -> counts.merge(command, calls, Long::sum));
		}
		return counts;
	}

	final void callAll(String... command) {
		this.servers.forEach((server) -> server.call(command));
	}

	private long scriptCalls() {
		return commandCounts().getOrDefault("evalsha", 0L);
	}

	final void forEachKey(BiConsumer<RedisServer, String> action) {
		this.servers.forEach((server) -> server.list("KEYS", "*").forEach((key) -> action.accept(server, key)));
	}

	final Set<String> keys() {
		Set<String> keys = new TreeSet<>();
		forEachKey((server, key) -> keys.add(key));
		return keys;
	}

	private List<Long> ttls() {
		List<Long> ttls = new ArrayList<>();
		forEachKey((server, key) -> {
			if (!key.endsWith("}:t")) {
				ttls.add(Long.valueOf(server.call("PTTL", key)));
			}
		});
		return ttls;
	}

	private void delete(String kind) {
		forEachKey((server, key) -> {
			if (key.contains(kind)) {
				server.call("DEL", key);
			}
		});
	}

	/** The clients that Spring Data knows. */
	enum Client {

		LETTUCE, JEDIS;

		/** Returns a started factory. */
		RedisConnectionFactory connect(RedisConfiguration configuration) {
			return (this == LETTUCE) ? lettuce(configuration) : jedis(configuration);
		}

		private static LettuceConnectionFactory lettuce(RedisConfiguration configuration) {
			LettuceConnectionFactory factory = new LettuceConnectionFactory(configuration,
					LettuceClientConfiguration.builder().shutdownTimeout(Duration.ZERO).build());
			factory.afterPropertiesSet();
			factory.start();
			return factory;
		}

		private static JedisConnectionFactory jedis(RedisConfiguration configuration) {
			// Each engine keeps a connection of the pool for its subscription.
			GenericObjectPoolConfig<Jedis> pool = new GenericObjectPoolConfig<>();
			pool.setMaxTotal(64);
			JedisClientConfiguration options = JedisClientConfiguration.builder().usePooling().poolConfig(pool).build();
			JedisConnectionFactory factory = jedis(configuration, options);
			factory.afterPropertiesSet();
			factory.start();
			return factory;
		}

		private static JedisConnectionFactory jedis(RedisConfiguration configuration,
				JedisClientConfiguration options) {
			if (configuration instanceof RedisClusterConfiguration cluster) {
				return new JedisConnectionFactory(cluster, options);
			}
			if (configuration instanceof RedisSentinelConfiguration sentinel) {
				return new JedisConnectionFactory(sentinel, options);
			}
			return new JedisConnectionFactory((RedisStandaloneConfiguration) configuration, options);
		}

		static void disconnect(RedisConnectionFactory factory) {
			if (factory instanceof LettuceConnectionFactory lettuce) {
				lettuce.destroy();
			}
			else {
				((JedisConnectionFactory) factory).destroy();
			}
		}

	}

}
