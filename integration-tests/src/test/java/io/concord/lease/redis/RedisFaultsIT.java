package io.concord.lease.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisServerCommands;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.types.RedisClientInfo;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.Lease;
import io.concord.lease.Lease.ReleaseOutcome;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseRequest;
import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.OwnThread;
import io.concord.lease.ReleaseAnswer;
import io.concord.test.Await;
import io.concord.test.net.TcpProxy;
import io.concord.test.redis.PrivateRedisServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What becomes of leases when Redis, or the way to it, fails.
 */
@Timeout(120)
class RedisFaultsIT {

	private static final Duration TIMEOUT = Duration.ofMillis(500);

	private static final Duration IN_TIME = TIMEOUT.plusSeconds(1);

	/**
	 * Beyond the bound of any test: what a test waits for must not be the end of a lease.
	 */
	private static final Duration LONG_LEASE = Duration.ofMinutes(10);

	private static final Duration BOUND = Duration.ofSeconds(30);

	private static PrivateRedisServer server;

	private final Deque<AutoCloseable> open = new ArrayDeque<>();

	@BeforeAll
	static void start() {
		server = PrivateRedisServer.start();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@AfterEach
	void closeAll() throws Exception {
		server.resume();
		while (!this.open.isEmpty()) {
			this.open.pop().close();
		}
	}

	@ParameterizedTest
	@EnumSource
	void lostAnswerToAClaimBlocksNobody(Client client) {
		TcpProxy proxy = proxy();
		LeaseEngine engine = engine(client, proxy.port());
		LeaseEngine other = engine(client, server.port());
		engine.acquire(now("warm-up")).orElseThrow().release();
		proxy.dropReplies();
		Await.failure(LeaseOutcomeUnknownException.class, IN_TIME, () -> engine.acquire(now("claim")));
		proxy.pass();
		Lease next = other.acquire(waiting("claim")).orElseThrow();
		assertThat(next.release()).isEqualTo(ReleaseOutcome.RELEASED);
	}

	@ParameterizedTest
	@EnumSource
	void lostAnswerToARenewalLosesNothing(Client client) {
		TcpProxy proxy = proxy();
		LeaseEngine engine = engine(client, proxy.port());
		Lease lease = engine.acquire(LeaseRequest.exclusive("renewal", Duration.ZERO, Duration.ofSeconds(6)))
			.orElseThrow();
		proxy.dropReplies();
		Await.until("a reply was lost", BOUND, () -> proxy.droppedReplyBytes() > 0);
		proxy.pass();
		Duration left = lease.remaining();
		Await.until("it is renewed", BOUND, () -> lease.remaining().compareTo(left) > 0);
		assertThat(engine(client, server.port()).acquire(now("renewal"))).isEmpty();
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.RELEASED);
	}

	@ParameterizedTest
	@EnumSource
	void lostAnswerToAReleaseFreesAllTheSame(Client client) {
		TcpProxy proxy = proxy();
		LeaseEngine engine = engine(client, proxy.port());
		Lease lease = engine.acquire(now("release")).orElseThrow();
		proxy.dropReplies();
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.UNCONFIRMED);
		proxy.pass();
		Lease next = engine(client, server.port()).acquire(waiting("release")).orElseThrow();
		assertThat(next.token()).isGreaterThan(lease.token());
		assertThat(next.release()).isEqualTo(ReleaseOutcome.RELEASED);
	}

	@ParameterizedTest
	@EnumSource
	void claimThatArrivesAfterItsReleaseHoldsNothing(Client client) {
		TcpProxy proxy = proxy();
		LeaseStore late = store(client, proxy.port());
		LeaseStore direct = store(client, server.port());
		Claim warmUp = new Claim("late", "engine-warm", 1, LONG_LEASE, Duration.ZERO);
		late.release(warmUp, Duration.ZERO, BOUND);
		direct.release(warmUp, Duration.ZERO, BOUND);
		Claim claim = new Claim("late", "engine-late", 1, LONG_LEASE, Duration.ZERO);
		long begun = server.commandCounts().getOrDefault("evalsha", 0L);
		proxy.blackhole();
		Await.failure(LeaseStoreException.class, IN_TIME, () -> late.claim(claim, TIMEOUT));
		assertThat(direct.release(claim, BOUND, TIMEOUT)).isEqualTo(new ReleaseAnswer(false, null));
		proxy.pass();
		Claim next = new Claim("late", "engine-next", 1, LONG_LEASE, Duration.ZERO);
		if (client == Client.LETTUCE) {
			// Jedis closes the connection when its time-out is over, and the request with
			// it.
			Await.until("the late claim has arrived", BOUND,
					() -> server.commandCounts().getOrDefault("evalsha", 0L) >= begun + 2);
		}
		assertThat(direct.claim(next, TIMEOUT)).isInstanceOf(ClaimAnswer.Granted.class);
		assertThat(direct.claim(claim, TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
		direct.release(next, Duration.ZERO, TIMEOUT);
	}

	@Test
	void callThatLettuceMayHaveSentTwiceHasAnUnknownOutcome() {
		TcpProxy proxy = proxy();
		// Without an engine there is no subscription, so what is dropped is what we wait
		// for.
		LeaseStore store = store(Client.LETTUCE, proxy.port());
		Claim claim = new Claim("twice", "engine-1", 1, LONG_LEASE, Duration.ZERO);
		store.claim(claim, BOUND);
		proxy.dropReplies();
		CompletableFuture<ReleaseAnswer> releasing = OwnThread.supply(() -> store.release(claim, Duration.ZERO, BOUND));
		Await.until("it was applied", BOUND, () -> proxy.droppedReplyBytes() > 0);
		// After the orderly end of a connection Lettuce connects and sends anew; after a
		// reset it may fail the call instead.
		endConnectionsAndAwaitNewOnes();
		proxy.pass();
		assertThatThrownBy(releasing::join).hasCauseInstanceOf(LeaseOutcomeUnknownException.class)
			.hasMessageContaining("twice");
		assertThat(store.claim(claim, BOUND)).isInstanceOf(ClaimAnswer.Granted.class);
		assertThat(store.release(claim, Duration.ZERO, BOUND).held()).isTrue();
	}

	@ParameterizedTest
	@EnumSource
	void stoppedServerIsATypedErrorInTime(Client client) {
		LeaseEngine engine = engine(client, server.port());
		engine.acquire(now("stopped")).orElseThrow().release();
		server.pause();
		for (int i = 0; i < 3; i++) {
			Await.failure(LeaseStoreException.class, IN_TIME, () -> engine.acquire(now("stopped")));
		}
		server.resume();
		engine.acquire(waiting("stopped")).orElseThrow().release();
	}

	@ParameterizedTest
	@EnumSource
	void serverThatWasNeverThereIsATypedErrorInTime(Client client) {
		TcpProxy proxy = proxy();
		proxy.blackhole();
		LeaseEngine engine = engine(client, proxy.port());
		for (int i = 0; i < 3; i++) {
			Await.failure(LeaseStoreException.class, IN_TIME, () -> engine.acquire(now("never")));
		}
		proxy.refuse();
		Await.failure(LeaseStoreException.class, IN_TIME, () -> engine.acquire(now("never")));
		proxy.pass();
		Await.until("the store is found", BOUND, () -> {
			try {
				return engine.acquire(waiting("never"))
					.map((lease) -> lease.release() == ReleaseOutcome.RELEASED)
					.orElse(false);
			}
			catch (LeaseStoreException ex) {
				return false;
			}
		});
	}

	@ParameterizedTest
	@EnumSource
	void resetConnectionsAreMadeAnew(Client client) {
		TcpProxy proxy = proxy();
		LeaseEngine engine = engine(client, proxy.port());
		engine.acquire(now("reset")).orElseThrow().release();
		proxy.reset();
		proxy.pass();
		Await.until("the connection is back", BOUND, () -> {
			try {
				return engine.acquire(waiting("reset"))
					.map((lease) -> lease.release() == ReleaseOutcome.RELEASED)
					.orElse(false);
			}
			catch (LeaseStoreException ex) {
				return false;
			}
		});
	}

	@ParameterizedTest
	@EnumSource
	void holderThatIsCutOffKnowsBeforeAnotherHolds(Client client) throws Exception {
		TcpProxy proxy = proxy();
		LeaseEngine engine = engine(client, proxy.port());
		LeaseEngine other = engine(client, server.port());
		Lease lease = engine.acquire(LeaseRequest.exclusive("cut", Duration.ZERO, Duration.ofMillis(1_500)))
			.orElseThrow();
		CompletableFuture<String> lost = new CompletableFuture<>();
		lease.onLost(lost::complete);
		proxy.blackhole();
		Lease next = other.acquire(waiting("cut")).orElseThrow();
		assertThat(lease.isValid()).isFalse();
		assertThat(next.token()).isGreaterThan(lease.token());
		assertThat(lost.get(BOUND.toMillis(), TimeUnit.MILLISECONDS)).contains("could not be renewed in time");
		proxy.pass();
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.LOST);
		assertThat(next.release()).isEqualTo(ReleaseOutcome.RELEASED);
	}

	@ParameterizedTest
	@EnumSource
	void leaseThatTheServerHasForgottenIsLost(Client client) throws Exception {
		LeaseEngine engine = engine(client, server.port());
		Lease lease = engine.acquire(LeaseRequest.exclusive("forgotten", Duration.ZERO, Duration.ofSeconds(6)))
			.orElseThrow();
		CompletableFuture<String> lost = new CompletableFuture<>();
		lease.onLost(lost::complete);
		server.kill();
		server.restart();
		assertThat(lost.get(BOUND.toMillis(), TimeUnit.MILLISECONDS)).isNotEmpty();
		assertThat(lease.isValid()).isFalse();
		Await.until("the store is found again", BOUND, () -> {
			try {
				Lease next = engine.acquire(waiting("forgotten")).orElseThrow();
				return next.token() > lease.token() && next.release() == ReleaseOutcome.RELEASED;
			}
			catch (LeaseStoreException ex) {
				return false;
			}
		});
	}

	@ParameterizedTest
	@EnumSource
	void hintThatIsLostCostsNoMoreThanAThirdOfTheWaitersPatience(Client client) throws Exception {
		LeaseEngine holder = engine(client, server.port());
		LeaseEngine waiter = engine(client, server.port());
		Lease lease = holder.acquire(now("hint")).orElseThrow();
		CompletableFuture<Lease> waiting = OwnThread.supply(() -> waiter.acquire(waiting("hint")).orElseThrow());
		LeaseStore probe = store(client, server.port());
		Claim last = new Claim("hint", "probe-1", 1, LONG_LEASE, Duration.ofSeconds(1));
		Await.until("it stands in line", BOUND, () -> {
			ClaimAnswer answer = probe.claim(last, Duration.ofSeconds(5));
			probe.release(last, Duration.ZERO, Duration.ofSeconds(5));
			return answer instanceof ClaimAnswer.Waiting place && place.ahead() > 0;
		});
		try (RedisConnection connection = connect(client, server.port()).getConnection()) {
			for (RedisClientInfo info : connection.serverCommands().getClientList()) {
				if (!"0".equals(info.get("sub"))) {
					String[] address = Objects.requireNonNull(info.get("addr")).split(":");
					connection.serverCommands().killClient(address[0], Integer.parseInt(address[1]));
				}
			}
		}
		lease.release();
		assertThat(waiting.get(BOUND.toMillis(), TimeUnit.MILLISECONDS).release()).isEqualTo(ReleaseOutcome.RELEASED);
	}

	private void endConnectionsAndAwaitNewOnes() {
		try (RedisConnection connection = connect(Client.JEDIS, server.port()).getConnection()) {
			RedisServerCommands commands = connection.serverCommands();
			Set<String> before = clientIds(commands);
			connection.execute("CLIENT", bytes("KILL"), bytes("TYPE"), bytes("normal"), bytes("SKIPME"), bytes("yes"));
			Await.until("the client has connected anew", BOUND, () -> !before.containsAll(clientIds(commands)));
		}
	}

	private static Set<String> clientIds(RedisServerCommands commands) {
		return commands.getClientList()
			.stream()
			.map((info) -> Objects.requireNonNull(info.get("id")))
			.collect(Collectors.toSet());
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

	private static LeaseRequest now(String name) {
		return LeaseRequest.exclusive(name, Duration.ZERO, LONG_LEASE);
	}

	private static LeaseRequest waiting(String name) {
		return LeaseRequest.exclusive(name, BOUND, LONG_LEASE);
	}

	private TcpProxy proxy() {
		TcpProxy proxy = TcpProxy.to(server.host(), server.port());
		this.open.push(proxy);
		return proxy;
	}

	private LeaseEngine engine(Client client, int port) {
		LeaseEngine engine = LeaseEngine.builder(store(client, port))
			.storeTimeout(TIMEOUT)
			.shutdownTimeout(Duration.ZERO)
			.build();
		this.open.push(engine);
		return engine;
	}

	private LeaseStore store(Client client, int port) {
		LeaseStore store = new RedisLeaseStore(connect(client, port), "faults");
		this.open.push(store);
		return store;
	}

	private RedisConnectionFactory connect(Client client, int port) {
		RedisStandaloneConfiguration configuration = new RedisStandaloneConfiguration(server.host(), port);
		if (client == Client.JEDIS) {
			JedisConnectionFactory factory = new JedisConnectionFactory(configuration);
			factory.afterPropertiesSet();
			factory.start();
			this.open.push(factory::destroy);
			return factory;
		}
		LettuceConnectionFactory factory = new LettuceConnectionFactory(configuration);
		factory.afterPropertiesSet();
		factory.start();
		this.open.push(factory::destroy);
		return factory;
	}

	enum Client {

		LETTUCE, JEDIS

	}

}
