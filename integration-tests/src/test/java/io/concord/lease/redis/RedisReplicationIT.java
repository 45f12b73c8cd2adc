package io.concord.lease.redis;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.autoconfigure.lock.LockAutoConfiguration;
import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseNotReplicatedException;
import io.concord.lock.DistributedLocks;
import io.concord.test.Await;
import io.concord.test.redis.PrivateRedisServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Leases that a replica has to confirm.
 */
@Timeout(120)
class RedisReplicationIT {

	private static final Duration TIMEOUT = Duration.ofSeconds(5);

	private static PrivateRedisServer server;

	private static PrivateRedisServer replica;

	private static LettuceConnectionFactory connections;

	@BeforeAll
	static void start() {
		server = PrivateRedisServer.start();
		replica = PrivateRedisServer.start();
		connections = connect(server);
		LettuceConnectionFactory toReplica = connect(replica);
		toReplica.getConnection().serverCommands().replicaOf(server.host(), server.port());
		Await.until("the replica follows", Duration.ofSeconds(60),
				() -> String
					.valueOf(toReplica.getConnection().serverCommands().info("replication").get("master_link_status"))
					.equals("up"));
		toReplica.destroy();
	}

	@AfterAll
	static void stop() {
		connections.destroy();
		replica.close();
		server.close();
	}

	@Test
	void grantsWhatTheReplicaConfirms() {
		replica.resume();
		try (RedisLeaseStore store = store(1, Duration.ofSeconds(4))) {
			Claim claim = claim("confirmed");
			assertThat(store.claim(claim, TIMEOUT)).isInstanceOf(ClaimAnswer.Granted.class);
			assertThat(store.refresh(claim, TIMEOUT)).isInstanceOf(ClaimAnswer.Granted.class);
			assertThat(store.release(claim, Duration.ZERO, TIMEOUT).held()).isTrue();
		}
	}

	@Test
	void releasesAndRefusesWhatNoReplicaConfirms() {
		replica.pause();
		try (RedisLeaseStore store = store(1, Duration.ofMillis(200)); RedisLeaseStore careless = plain()) {
			Claim claim = claim("unconfirmed");
			assertThatExceptionOfType(LeaseNotReplicatedException.class).isThrownBy(() -> store.claim(claim, TIMEOUT))
				.satisfies((ex) -> {
					assertThat(ex.getConfirmed()).isZero();
					assertThat(ex.getRequired()).isEqualTo(1);
				});
			assertThat(careless.claim(claim("unconfirmed"), TIMEOUT)).isInstanceOf(ClaimAnswer.Granted.class);
		}
		finally {
			replica.resume();
		}
	}

	@Test
	void waiterIsRefusedToo() {
		Claim holder = claim("handed over");
		Claim waiter = new Claim("handed over", "waiter-" + UUID.randomUUID(), 1, Duration.ofMinutes(10),
				Duration.ofMinutes(5));
		try (RedisLeaseStore store = store(1, Duration.ofMillis(200)); RedisLeaseStore careless = plain()) {
			assertThat(careless.claim(holder, TIMEOUT)).isInstanceOf(ClaimAnswer.Granted.class);
			assertThat(store.claim(waiter, TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
			assertThat(careless.release(holder, Duration.ZERO, TIMEOUT).offeredTo()).isEqualTo(waiter.owner());
			replica.pause();
			assertThatExceptionOfType(LeaseNotReplicatedException.class)
				.isThrownBy(() -> store.refresh(waiter, TIMEOUT));
			assertThat(store.refresh(waiter, TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
		}
		finally {
			replica.resume();
		}
	}

	@Test
	void holdsUpNobodyWhileItWaits() {
		try (RedisLeaseStore store = store(1, Duration.ofSeconds(30)); RedisLeaseStore others = plain()) {
			Claim held = claim("others");
			assertThat(others.claim(held, TIMEOUT)).isInstanceOf(ClaimAnswer.Granted.class);
			replica.pause();
			CompletableFuture<ClaimAnswer> waiting = CompletableFuture
				.supplyAsync(() -> store.claim(claim("waits"), Duration.ofSeconds(90)));
			Await.until("the claim waits for the replica", Duration.ofSeconds(25),
					() -> String
						.valueOf(connections.getConnection().serverCommands().info("clients").get("blocked_clients"))
						.equals("1"));
			// On the connection that all share: there they would be answered after it.
			assertThat(connections.getConnection().ping()).isEqualTo("PONG");
			assertThat(others.refresh(held, TIMEOUT)).isInstanceOf(ClaimAnswer.Granted.class);
			assertThat(waiting).isNotDone();
			replica.resume();
			assertThat(waiting).succeedsWithin(Duration.ofSeconds(60)).isInstanceOf(ClaimAnswer.Granted.class);
		}
		finally {
			replica.resume();
		}
	}

	/** Two are wanted, and there is one: so it waits for the whole time. */
	@Test
	void applicationWaitsAsConfigured() {
		replica.resume();
		Duration wait = Duration.ofMillis(1_200);
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class, LockAutoConfiguration.class))
			.withBean(RedisConnectionFactory.class, () -> connect(server))
			.withPropertyValues("concord.namespace=application", "concord.redis.wait-replicas=2",
					"concord.redis.wait-replicas-timeout=" + wait.toMillis() + "ms", "concord.store-timeout=20s",
					"concord.lock.lease-time=2m")
			.run((context) -> {
				long begin = System.nanoTime();
				assertThatExceptionOfType(LeaseNotReplicatedException.class)
					.isThrownBy(() -> context.getBean(DistributedLocks.class).tryAcquire("stock"))
					.satisfies((ex) -> assertThat(ex.getRequired()).isEqualTo(2));
				assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(wait.minusMillis(100));
			});
	}

	@Test
	void refusesConnectionsOnWhichItCantWait() {
		JedisConnectionFactory jedis = new JedisConnectionFactory(
				new RedisStandaloneConfiguration(server.host(), server.port()));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new RedisLeaseStore(jedis, "replicated", 1, Duration.ofSeconds(1)))
			.withMessageContaining("through a JedisConnectionFactory");
	}

	private static Claim claim(String resource) {
		return new Claim(resource, "engine-" + UUID.randomUUID(), 1, Duration.ofMinutes(10), Duration.ZERO);
	}

	private static RedisLeaseStore store(int replicas, Duration wait) {
		return new RedisLeaseStore(connections, "replicated", replicas, wait);
	}

	private static RedisLeaseStore plain() {
		return new RedisLeaseStore(connections, "replicated");
	}

	private static LettuceConnectionFactory connect(PrivateRedisServer to) {
		LettuceConnectionFactory factory = new LettuceConnectionFactory(
				new RedisStandaloneConfiguration(to.host(), to.port()));
		factory.afterPropertiesSet();
		factory.start();
		return factory;
	}

}
