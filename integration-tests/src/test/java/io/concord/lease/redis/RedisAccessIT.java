package io.concord.lease.redis;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.redis.AbstractRedisLeaseStoreIT.Client;
import io.concord.test.Await;
import io.concord.test.redis.RedisCluster;
import io.concord.test.redis.RedisClusterTest;
import io.concord.test.redis.RedisServer;
import io.concord.test.redis.RedisServerTest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The least rights that a user must have, as the documentation lists them.
 */
@RedisServerTest
@RedisClusterTest
@ExtendWith(OutputCaptureExtension.class)
@Timeout(120)
class RedisAccessIT {

	private static final Duration TIMEOUT = Duration.ofSeconds(5);

	private static final Duration BOUND = Duration.ofSeconds(30);

	private static final int CLAIMS = 200;

	static final String USER = "least";

	private static final List<String> NEEDED = List.of("evalsha", "eval", "time", "get", "set", "del", "pexpire",
			"pttl", "hset", "hget", "hmget", "hdel", "zadd", "zscore", "zcard", "zrange", "zrangebyscore", "zrem");

	private static final List<String> FOR_HINTS = List.of("publish", "subscribe", "unsubscribe");

	static final List<String> ALL_NEEDED = concat(NEEDED, FOR_HINTS);

	private static final List<String> ON_A_CLUSTER = List.of("cluster", "info", "ping", "asking");

	private final Deque<AutoCloseable> open = new ArrayDeque<>();

	private final String resource = "access-" + UUID.randomUUID();

	private final RedisServer server;

	private final RedisCluster cluster;

	RedisAccessIT(RedisServer server, RedisCluster cluster) {
		this.server = server;
		this.cluster = cluster;
	}

	@AfterEach
	void closeAll() throws Exception {
		while (!this.open.isEmpty()) {
			this.open.pop().close();
		}
	}

	@ParameterizedTest
	@EnumSource
	void userWithTheseRightsNeedsNoOthers(Client client) throws Exception {
		permit(this.server, ALL_NEEDED);
		this.server.call("SCRIPT", "FLUSH");
		doAll(List.of(this.server), store(client, standalone()));
	}

	@ParameterizedTest
	@EnumSource
	void userOfAClusterNeedsFourMore(Client client) throws Exception {
		this.cluster.nodes().forEach((node) -> {
			permit(node, concat(ALL_NEEDED, ON_A_CLUSTER));
			node.call("SCRIPT", "FLUSH");
		});
		RedisClusterConfiguration configuration = new RedisClusterConfiguration(this.cluster.addresses());
		configuration.setUsername(USER);
		configuration.setPassword(AbstractRedisLeaseStoreIT.PASSWORD);
		doAll(this.cluster.nodes(), store(client, configuration));
	}

	static Stream<Arguments> needed() {
		return NEEDED.stream()
			.flatMap((command) -> Arrays.stream(Client.values()).map((client) -> Arguments.of(command, client)));
	}

	@ParameterizedTest
	@MethodSource("needed")
	void commandThatIsMissingIsNamed(String command, Client client) {
		permit(this.server, NEEDED.stream().filter((other) -> !other.equals(command)).toList());
		this.server.call("SCRIPT", "FLUSH");
		LeaseStore store = store(client, standalone());
		assertThatExceptionOfType(LeaseStoreException.class)
			.isThrownBy(() -> store.claim(claim("engine-a", Duration.ZERO), TIMEOUT))
			.satisfies((failure) -> assertThat(failure.getMessage()).containsPattern("(?i)\\b" + command + "\\b"));
	}

	@Test
	void leasesDoWithoutHintsAndSayWhatIsMissing(CapturedOutput output) {
		permit(this.server, NEEDED);
		// Not through Jedis, see below.
		LeaseStore store = store(Client.LETTUCE, standalone());
		store.listen("engine", (offered) -> {
		});
		token(store.claim(claim("engine-a", Duration.ZERO), TIMEOUT));
		store.release(claim("engine-a", Duration.ZERO), Duration.ZERO, TIMEOUT);
		assertThat(output.getAll()).containsPattern("refuses PUBLISH on the channels concord:access:offers:");
		Await.until("it says that it could not subscribe", BOUND,
				() -> output.getAll().contains("Could not subscribe to hand-overs"));
		assertThat(output.getAll()).containsPattern("Could not subscribe to hand-overs.*'subscribe'");
	}

	/**
	 * Jedis, when it may not subscribe, leaves the reply to UNSUBSCRIBE in a connection
	 * of its pool, and whoever uses that next is given an answer to something else.
	 */
	@Test
	void answersToOtherCallsAreNotTaken() {
		permit(this.server, NEEDED);
		LeaseStore store = store(Client.JEDIS, standalone());
		store.listen("engine", (offered) -> {
		});
		long last = 0;
		int granted = 0;
		int failed = 0;
		for (int i = 0; i < CLAIMS; i++) {
			Claim claim = new Claim(this.resource, "engine-" + i, 1, Duration.ofSeconds(30), Duration.ZERO);
			try {
				if (store.claim(claim, TIMEOUT) instanceof ClaimAnswer.Granted now) {
					assertThat(now.token()).isGreaterThan(last);
					last = now.token();
					granted++;
				}
				store.release(claim, Duration.ZERO, TIMEOUT);
			}
			catch (LeaseStoreException ex) {
				failed++;
			}
		}
		assertThat(granted == CLAIMS || failed > 0).as("%d were granted, %d failed", granted, failed).isTrue();
	}

	/** Goes through every script and what each can do. */
	private void doAll(List<? extends RedisServer> servers, LeaseStore store) throws Exception {
		BlockingQueue<String> offers = new LinkedBlockingQueue<>();
		String engine = this.resource;
		store.listen(engine, offers::add);
		Await.until("it has subscribed", BOUND, () -> servers.stream()
			.anyMatch((node) -> node.list("PUBSUB", "CHANNELS").contains("concord:access:offers:" + engine)));
		Claim first = claim(engine + "-a", Duration.ZERO);
		Claim second = claim(engine + "-b", Duration.ofSeconds(30));
		Claim third = claim(engine + "-c", Duration.ofSeconds(30));
		long token = token(store.claim(first, TIMEOUT));
		assertThat(token(store.refresh(first, TIMEOUT))).isEqualTo(token);
		assertThat(store.claim(second, TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		assertThat(store.claim(third, TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		assertThat(store.refresh(third, TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		assertThat(token(store.refresh(first, TIMEOUT))).isEqualTo(token);
		store.release(third, Duration.ofSeconds(30), TIMEOUT);
		assertThat(store.release(first, Duration.ZERO, TIMEOUT).held()).isTrue();
		assertThat(offers.poll(20, TimeUnit.SECONDS)).isEqualTo(engine + "-b");
		assertThat(token(store.refresh(second, TIMEOUT))).isGreaterThan(token);
		assertThat(store.claim(third, TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
		assertThat(store.release(second, Duration.ZERO, TIMEOUT).held()).isTrue();
	}

	private static void permit(RedisServer server, List<String> commands) {
		permit(server, commands, "access");
	}

	static void permit(RedisServer server, List<String> commands, String namespace) {
		List<String> call = new ArrayList<>(List.of("ACL", "SETUSER", USER, "reset", "on",
				">" + AbstractRedisLeaseStoreIT.PASSWORD, "~concord:" + namespace + ":lease:*", "resetchannels",
				"&concord:" + namespace + ":offers:*", "-@all"));
		commands.forEach((command) -> call.add("+" + command));
		server.call(call.toArray(String[]::new));
	}

	private RedisConfiguration standalone() {
		RedisStandaloneConfiguration configuration = new RedisStandaloneConfiguration(this.server.host(),
				this.server.port());
		configuration.setUsername(USER);
		configuration.setPassword(AbstractRedisLeaseStoreIT.PASSWORD);
		return configuration;
	}

	private LeaseStore store(Client client, RedisConfiguration configuration) {
		RedisConnectionFactory factory = client.connect(configuration);
		this.open.push(() -> Client.disconnect(factory));
		LeaseStore store = new RedisLeaseStore(factory, "access");
		this.open.push(store);
		return store;
	}

	private Claim claim(String owner, Duration patience) {
		return new Claim(this.resource, owner, 1, Duration.ofSeconds(30), patience);
	}

	private static long token(ClaimAnswer answer) {
		assertThat(answer).isInstanceOf(ClaimAnswer.Granted.class);
		return ((ClaimAnswer.Granted) answer).token();
	}

	private static List<String> concat(List<String> some, List<String> more) {
		return Stream.concat(some.stream(), more.stream()).toList();
	}

}
