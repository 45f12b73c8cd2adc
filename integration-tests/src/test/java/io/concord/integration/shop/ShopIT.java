package io.concord.integration.shop;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.concord.integration.shop.ShopProcess.Answer;
import io.concord.test.Await;
import io.concord.test.jdbc.DatabaseServer;
import io.concord.test.mariadb.MariaDbServer;
import io.concord.test.mariadb.MariaDbServerTest;
import io.concord.test.postgres.PostgresServer;
import io.concord.test.postgres.PostgresServerTest;
import io.concord.test.redis.PrivateRedisServer;
import io.concord.test.redis.RedisCluster;
import io.concord.test.redis.RedisSentinel;
import io.concord.test.redis.RedisServer;
import io.concord.test.redis.RedisServerTest;
import io.concord.test.zookeeper.ZooKeeperCluster;
import io.concord.test.zookeeper.ZooKeeperTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The packaged shop in two processes.
 */
@RedisServerTest
@PostgresServerTest
@MariaDbServerTest
@ZooKeeperTest
class ShopIT {

	/** What else the default build has no time for bears it too. */
	private static final String ONLY_LONG_RUNS = "only-long-runs";

	private static final String MUG = "mug";

	private static final String POSTER = "poster";

	private static final String PRINT = "print";

	/** What a killed process held is free again after this time. */
	private static final Duration LEASE_TIME = Duration.ofSeconds(5);

	private static final int STOCK = 100;

	private static final int ORDERS = 400;

	private static final int IN_FLIGHT = 64;

	private final RedisServer redis;

	private final PostgresServer postgres;

	private final MariaDbServer mariaDb;

	private final ZooKeeperCluster zooKeeper;

	@TempDir
	private Path dataDirectory;

	ShopIT(RedisServer redis, PostgresServer postgres, MariaDbServer mariaDb, ZooKeeperCluster zooKeeper) {
		this.redis = redis;
		this.postgres = postgres;
		this.mariaDb = mariaDb;
		this.zooKeeper = zooKeeper;
	}

	/** One test, as starting the shop is what takes long. */
	@ParameterizedTest
	@EnumSource
	void sellsEachUnitOnceAlsoWhenOneProcessIsKilled(Profile profile) throws Exception {
		sellsEachUnitOnceAlsoWhenOneProcessIsKilled(arguments(profile), profile == Profile.DEFAULT);
	}

	@Test
	@Tag(ONLY_LONG_RUNS)
	void sellsEachUnitOnceBehindSentinels() throws Exception {
		try (RedisSentinel sentinel = RedisSentinel.start()) {
			List<String> arguments = arguments(Profile.REDIS,
					List.of("--spring.data.redis.sentinel.master=" + RedisSentinel.MASTER_NAME,
							"--spring.data.redis.sentinel.nodes=" + sentinel.sentinels()
								.stream()
								.map((node) -> node.host() + ":" + node.port())
								.collect(Collectors.joining(","))));
			sellsEachUnitOnceAlsoWhenOneProcessIsKilled(arguments, false);
		}
	}

	@Test
	@Tag(ONLY_LONG_RUNS)
	void sellsEachUnitOnceOnACluster() throws Exception {
		try (RedisCluster cluster = RedisCluster.start()) {
			List<String> arguments = arguments(Profile.REDIS,
					List.of("--spring.data.redis.cluster.nodes=" + String.join(",", cluster.addresses())));
			sellsEachUnitOnceAlsoWhenOneProcessIsKilled(arguments, false);
		}
	}

	private void sellsEachUnitOnceAlsoWhenOneProcessIsKilled(List<String> arguments, boolean ownDatabase)
			throws Exception {
		try (ShopProcess first = startAndAwait(arguments); ShopProcess second = startAndAwait(arguments)) {
			List<Answer> answers = order(List.of(first, second), MUG);
			assertThat(countByStatus(answers)).as(() -> describe(first, second))
				.isEqualTo(Map.of(201, STOCK, 409, ORDERS - STOCK));
			for (ShopProcess shop : List.of(first, second)) {
				assertThat(shop.stock(MUG)).isZero();
				assertThat(shop.orderIds(MUG)).containsExactlyInAnyOrderElementsOf(acceptedIds(answers));
			}
			sellsOnceWhileOneEnds(first, second, POSTER, ShopProcess::kill);
			if (ownDatabase) {
				// The second has taken the database over and serves it to the third.
				try (ShopProcess third = startAndAwait(arguments)) {
					assertThat(databaseServer()).as(third::describe).matches("(localhost|127\\.0\\.0\\.1):\\d+");
					sellsOnceWhileOneEnds(second, third, PRINT, ShopProcess::stop);
				}
			}
		}
	}

	/** Others would be the same as Redis: what holds the locks is not asked. */
	@ParameterizedTest
	@EnumSource(names = { "DEFAULT", "REDIS" })
	void sellsTheSameUnitsAgainWithoutLocks(Profile profile) throws Exception {
		List<String> arguments = arguments(profile);
		arguments.add("--concord.lock.enabled=false");
		try (ShopProcess first = start(arguments); ShopProcess second = start(arguments)) {
			first.awaitReady();
			second.awaitReady();
			order(List.of(first, second), MUG);
			assertThat(first.orderIds(MUG)).as(() -> describe(first, second)).hasSizeGreaterThan(STOCK);
		}
	}

	/** By default the first of two that run serves the database to the other. */
	private static void sellsOnceWhileOneEnds(ShopProcess ending, ShopProcess other, String sku,
			Consumer<ShopProcess> end) throws Exception {
		AtomicInteger sold = new AtomicInteger();
		List<Answer> answers = order(List.of(ending, other), (shop) -> {
			Answer answer = shop.order(sku);
			if (answer.status() == 201 && sold.incrementAndGet() == STOCK / 4) {
				end.accept(ending);
			}
			return answer;
		});
		Await.until(() -> "sold out; " + other.describe(), Duration.ofSeconds(90),
				() -> other.order(sku).status() == 409);
		assertThat(countByStatus(answers)).as(() -> describe(ending, other)).containsKey(ShopProcess.NO_ANSWER);
		assertThat(other.stock(sku)).isZero();
		assertThat(other.orderIds(sku)).as(() -> describe(ending, other))
			.hasSize(STOCK)
			.doesNotHaveDuplicates()
			.containsAll(acceptedIds(answers));
	}

	/** Where the process that has the database file open listens for the others. */
	private String databaseServer() throws IOException {
		Properties lockFile = new Properties();
		try (Reader reader = Files.newBufferedReader(this.dataDirectory.resolve("shop-3.lock.db"))) {
			lockFile.load(reader);
		}
		return lockFile.getProperty("server");
	}

	/** Health is asked as well, since it answers by another way. */
	@Test
	void answersThatTheStoreIsDownOverHttp() {
		try (PrivateRedisServer redis = PrivateRedisServer.start()) {
			List<String> arguments = arguments(Profile.REDIS, List.of("--spring.data.redis.url=" + redis.url()));
			arguments.add("--management.endpoints.web.exposure.include=health,concord");
			arguments.add("--management.endpoint.concord.access=unrestricted");
			try (ShopProcess shop = startAndAwait(arguments)) {
				String lock = "/concord/locks?name=stock:" + MUG;
				assertThat(shop.actuate("GET", lock).status()).as(shop::describe).isEqualTo(200);
				assertThat(shop.actuate("DELETE", lock).status()).as(shop::describe).isEqualTo(200);
				redis.kill();
				for (String method : List.of("GET", "DELETE")) {
					Answer answer = shop.actuate(method, lock);
					assertThat(answer.status()).as(shop::describe).isEqualTo(503);
					assertThat(answer.body().get("status").asInt()).isEqualTo(503);
					assertThat(answer.body().get("title").asString()).isEqualTo("Service Unavailable");
				}
				assertThat(shop.actuate("GET", "/concord/locks").status()).as("what is held here").isEqualTo(200);
				assertThat(shop.actuate("GET", "/health").status()).isEqualTo(503);
			}
		}
	}

	private ShopProcess start(List<String> arguments) {
		return ShopProcess.start(this.dataDirectory, arguments);
	}

	private ShopProcess startAndAwait(List<String> arguments) {
		ShopProcess shop = start(arguments);
		try {
			shop.awaitReady();
			return shop;
		}
		catch (Throwable ex) {
			shop.close();
			throw ex;
		}
	}

	private List<String> arguments(Profile profile) {
		return arguments(profile, store(profile));
	}

	private static List<String> arguments(Profile profile, List<String> store) {
		List<String> arguments = new ArrayList<>(store);
		List<String> skus = List.of(MUG, POSTER, PRINT);
		for (int i = 0; i < skus.size(); i++) {
			String product = "--shop.products[" + i + "].";
			arguments.addAll(List.of(product + "sku=" + skus.get(i), product + "name=" + skus.get(i),
					product + "stock=" + STOCK));
		}
		arguments.addAll(List.of("--concord.namespace=shop-" + UUID.randomUUID(),
				"--concord.lock.lease-time=" + LEASE_TIME.toMillis() + "ms",
				"--spring.profiles.active=" + profile.name().toLowerCase(Locale.ROOT)));
		return arguments;
	}

	private List<String> store(Profile profile) {
		return switch (profile) {
			case DEFAULT -> List.of();
			case REDIS -> List.of("--spring.data.redis.url=" + this.redis.url());
			case POSTGRES -> database(this.postgres);
			case MARIADB -> database(this.mariaDb);
			case ZOOKEEPER -> List.of("--spring.cloud.zookeeper.connect-string=" + this.zooKeeper.connectString(),
					"--spring.cloud.zookeeper.session-timeout=12s",
					"--concord.zookeeper.tick-time=" + ZooKeeperCluster.TICK_TIME.toMillis() + "ms");
		};
	}

	private static List<String> database(DatabaseServer server) {
		return List.of("--spring.datasource.url=" + server.createDatabase("shop"),
				"--spring.datasource.username=" + server.username(),
				"--spring.datasource.password=" + server.password());
	}

	private static List<Answer> order(List<ShopProcess> shops, String sku) throws Exception {
		return order(shops, (shop) -> shop.order(sku));
	}

	private static List<Answer> order(List<ShopProcess> shops, Function<ShopProcess, Answer> order) throws Exception {
		ExecutorService customers = Executors.newFixedThreadPool(IN_FLIGHT);
		try {
			List<Future<Answer>> orders = new ArrayList<>();
			for (int i = 0; i < ORDERS; i++) {
				ShopProcess shop = shops.get(i % shops.size());
				orders.add(customers.submit(() -> order.apply(shop)));
			}
			List<Answer> answers = new ArrayList<>();
			for (Future<Answer> placed : orders) {
				answers.add(placed.get());
			}
			return answers;
		}
		finally {
			customers.shutdownNow();
		}
	}

	private static Map<Integer, Integer> countByStatus(List<Answer> answers) {
		return answers.stream().collect(Collectors.toMap(Answer::status, (answer) -> 1, Integer::sum, TreeMap::new));
	}

	private static List<String> acceptedIds(List<Answer> answers) {
		return answers.stream()
			.filter((answer) -> answer.status() == 201)
			.map((answer) -> answer.body().get("id").asString())
			.toList();
	}

	private static String describe(ShopProcess... shops) {
		return List.of(shops).stream().map(ShopProcess::describe).collect(Collectors.joining(System.lineSeparator()));
	}

	/** Profiles of the shop. */
	enum Profile {

		DEFAULT, REDIS, POSTGRES, MARIADB, ZOOKEEPER

	}

}
