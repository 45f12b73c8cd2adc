package io.concord.lease.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreContract;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.ReleaseAnswer;
import io.concord.test.redis.RedisServer;
import io.concord.test.redis.RedisServerTest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The contract on a real server, through either client.
 */
@RedisServerTest
abstract class AbstractRedisLeaseStoreIT extends LeaseStoreContract {

	private static final String NAMESPACE = "contract";

	/** What the scripts add to the life of keys on fake time. */
	private static final Duration SLACK = Duration.ofHours(100);

	private final RedisServer server;

	private RedisConnectionFactory connectionFactory;

	AbstractRedisLeaseStoreIT(RedisServer server) {
		this.server = server;
	}

	/** Creates a started factory. */
	abstract RedisConnectionFactory connect(RedisStandaloneConfiguration configuration);

	abstract void disconnect(RedisConnectionFactory connectionFactory);

	@BeforeEach
	void connect() {
		this.connectionFactory = connect(new RedisStandaloneConfiguration(this.server.host(), this.server.port()));
		try (RedisConnection connection = this.connectionFactory.getConnection()) {
			connection.serverCommands().flushAll();
		}
	}

	@AfterEach
	void closeAllAndDisconnect() throws Exception {
		closeAll();
		disconnect(this.connectionFactory);
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
	protected long countStored() {
		return keys().stream().filter((key) -> !key.endsWith("}:t")).count();
	}

	/**
	 * On fake time keys live longer than what is in them: their end is brought nearer.
	 */
	@Override
	protected void letPass(Duration duration) {
		try (RedisConnection connection = this.connectionFactory.getConnection()) {
			keys().stream().filter((key) -> !key.endsWith("}:t")).forEach((key) -> {
				Long left = connection.keyCommands().pTtl(bytes(key));
				connection.keyCommands().pExpire(bytes(key), left - duration.plus(SLACK).toMillis());
			});
		}
	}

	@Test
	void userWithoutACommandThatIsNeededIsToldSoAndLeavesNothingBehind() {
		LeaseStore store = store();
		long token = token(store.claim(claim("a"), TIMEOUT));
		try (RedisConnection connection = this.connectionFactory.getConnection()) {
			connection.execute("ACL", bytes("SETUSER"), bytes("limited"), bytes("reset"), bytes("on"), bytes(">secret"),
					bytes("~*"), bytes("&*"), bytes("+@all"), bytes("-zadd"), bytes("-hdel"));
		}
		RedisStandaloneConfiguration configuration = new RedisStandaloneConfiguration(this.server.host(),
				this.server.port());
		configuration.setUsername("limited");
		configuration.setPassword("secret");
		RedisConnectionFactory limited = connect(configuration);
		try {
			LeaseStore refused = closing(new RedisLeaseStore(limited, NAMESPACE));
			assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> refused.claim(claim("b"), TIMEOUT))
				.withMessageContaining("HDEL")
				.withMessageContaining("ZADD")
				.withMessageContaining("concord:" + NAMESPACE + ":lease:");
			refused.close();
		}
		finally {
			disconnect(limited);
		}
		assertThat(token(store.refresh(claim("a"), TIMEOUT))).isEqualTo(token);
		assertThat(keys()).hasSize(2);
	}

	@Test
	void userWithoutTheChannelHandsOverAllTheSame() {
		LeaseStore store = store();
		store.claim(claim("a"), TIMEOUT);
		store.claim(claim("b"), TIMEOUT);
		try (RedisConnection connection = this.connectionFactory.getConnection()) {
			connection.execute("ACL", bytes("SETUSER"), bytes("mute"), bytes("reset"), bytes("on"), bytes(">secret"),
					bytes("~concord:*"), bytes("resetchannels"), bytes("+@all"));
		}
		RedisStandaloneConfiguration configuration = new RedisStandaloneConfiguration(this.server.host(),
				this.server.port());
		configuration.setUsername("mute");
		configuration.setPassword("secret");
		RedisConnectionFactory mute = connect(configuration);
		try {
			LeaseStore other = closing(new RedisLeaseStore(mute, NAMESPACE));
			assertThat(other.release(claim("a"), Duration.ZERO, TIMEOUT))
				.isEqualTo(new ReleaseAnswer(true, "engine-b"));
			other.close();
		}
		finally {
			disconnect(mute);
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
		try (RedisConnection connection = this.connectionFactory.getConnection()) {
			connection.serverCommands().setConfig("maxmemory", "1");
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
				assertThat(token(store.refresh(waiter, TIMEOUT))).isGreaterThan(inLine);
			}
			finally {
				connection.serverCommands().setConfig("maxmemory", "0");
			}
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
		this.server.resetCommandCounts();
		store.claim(claim("a"), TIMEOUT);
		assertThat(scriptCalls()).isEqualTo(1);
		store.refresh(claim("a"), TIMEOUT);
		assertThat(scriptCalls()).isEqualTo(2);
		store.release(claim("a"), Duration.ZERO, TIMEOUT);
		assertThat(scriptCalls()).isEqualTo(3);
		assertThat(this.server.commandCounts()).doesNotContainKeys("eval", "script", "publish");
	}

	@Test
	void spendsThreeScriptCallsAndOneMessageOnAContendedHandOver() {
		LeaseStore store = store();
		store.claim(claim("a"), TIMEOUT);
		for (int i = 0; i < 50; i++) {
			store.claim(claim("w" + i), TIMEOUT);
		}
		store.release(claim("none"), Duration.ZERO, TIMEOUT);
		store.refresh(claim("none"), TIMEOUT);
		this.server.resetCommandCounts();
		store.release(claim("a"), Duration.ZERO, TIMEOUT);
		token(store.refresh(claim("w0"), TIMEOUT));
		assertThat(scriptCalls()).isEqualTo(2);
		assertThat(this.server.commandCounts()).containsEntry("publish", 1L);
	}

	@Test
	void survivesAScriptFlush() {
		LeaseStore store = store();
		long token = token(store.claim(claim("a"), TIMEOUT));
		try (RedisConnection connection = this.connectionFactory.getConnection()) {
			connection.scriptingCommands().scriptFlush();
		}
		assertThat(token(store.refresh(claim("a"), TIMEOUT))).isEqualTo(token);
		assertThat(store.release(claim("a"), Duration.ZERO, TIMEOUT).held()).isTrue();
	}

	@Test
	void refusesDataOfAnotherFormat() {
		LeaseStore store = store();
		token(store.claim(claim("a"), TIMEOUT));
		String key = keys().stream().filter((candidate) -> candidate.contains("}:n:")).findFirst().orElseThrow();
		try (RedisConnection connection = this.connectionFactory.getConnection()) {
			connection.stringCommands().set(bytes(key), bytes("2 from-the-future"));
		}
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> store.claim(claim("b"), TIMEOUT))
			.withMessageContaining("format 2");
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> store.refresh(claim("a"), TIMEOUT))
			.withMessageContaining("format 2");
		assertThatExceptionOfType(LeaseStoreException.class)
			.isThrownBy(() -> store.release(claim("a"), Duration.ZERO, TIMEOUT))
			.withMessageContaining("another namespace");
		try (RedisConnection connection = this.connectionFactory.getConnection()) {
			connection.keyCommands().del(bytes(key));
			connection.hashCommands().hSet(bytes(key), bytes("v"), bytes("3"));
		}
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> store.claim(claim("b"), TIMEOUT))
			.withMessageContaining("format 3");
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

	final RedisServer server() {
		return this.server;
	}

	private long scriptCalls() {
		return this.server.commandCounts().getOrDefault("evalsha", 0L);
	}

	private Set<String> keys() {
		try (RedisConnection connection = this.connectionFactory.getConnection()) {
			Set<String> keys = new TreeSet<>();
			connection.keyCommands()
				.keys(bytes("*"))
				.forEach((key) -> keys.add(new String(key, StandardCharsets.UTF_8)));
			return keys;
		}
	}

	private List<Long> ttls() {
		try (RedisConnection connection = this.connectionFactory.getConnection()) {
			return keys().stream()
				.filter((key) -> !key.endsWith("}:t"))
				.map((key) -> connection.keyCommands().pTtl(bytes(key)))
				.toList();
		}
	}

	private void delete(String kind) {
		try (RedisConnection connection = this.connectionFactory.getConnection()) {
			keys().stream()
				.filter((key) -> key.contains(kind))
				.forEach((key) -> connection.keyCommands().del(bytes(key)));
		}
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
