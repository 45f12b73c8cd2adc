package io.concord.integration.shop;

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

	private static final String MUG = "mug";

	private static final String POSTER = "poster";

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

	@ParameterizedTest
	@EnumSource
	void sellsEachUnitOnceAlsoWhenOneProcessIsKilled(Profile profile) throws Exception {
		List<String> arguments = arguments(profile);
		try (ShopProcess first = startAndAwait(arguments); ShopProcess second = startAndAwait(arguments)) {
			List<Answer> answers = order(List.of(first, second), MUG);
			assertThat(countByStatus(answers)).as(() -> describe(first, second))
				.isEqualTo(Map.of(201, STOCK, 409, ORDERS - STOCK));
			for (ShopProcess shop : List.of(first, second)) {
				assertThat(shop.stock(MUG)).isZero();
				assertThat(shop.orderIds(MUG)).containsExactlyInAnyOrderElementsOf(acceptedIds(answers));
			}
			sellsOnceWhileOneEnds(first, second, ShopProcess::kill);
		}
	}

	@Test
	void sellsEachUnitOnceWhenTheProcessWithTheDatabaseStops() throws Exception {
		List<String> arguments = arguments(Profile.DEFAULT);
		try (ShopProcess first = startAndAwait(arguments); ShopProcess second = startAndAwait(arguments)) {
			Properties lockFile = new Properties();
			try (Reader reader = Files.newBufferedReader(this.dataDirectory.resolve("shop-3.lock.db"))) {
				lockFile.load(reader);
			}
			assertThat(lockFile.getProperty("server")).as(first::describe).matches("(localhost|127\\.0\\.0\\.1):\\d+");
			sellsOnceWhileOneEnds(first, second, ShopProcess::stop);
		}
	}

	/** With ZooKeeper it would be the same as with Redis: neither is asked. */
	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ZOOKEEPER")
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

	/**
	 * The first was there before the second, so by default it serves the database to the
	 * other.
	 */
	private static void sellsOnceWhileOneEnds(ShopProcess first, ShopProcess second, Consumer<ShopProcess> end)
			throws Exception {
		AtomicInteger sold = new AtomicInteger();
		List<Answer> answers = order(List.of(first, second), (shop) -> {
			Answer answer = shop.order(POSTER);
			if (answer.status() == 201 && sold.incrementAndGet() == STOCK / 4) {
				end.accept(first);
			}
			return answer;
		});
		Await.until(() -> "sold out; " + second.describe(), Duration.ofSeconds(90),
				() -> second.order(POSTER).status() == 409);
		assertThat(countByStatus(answers)).as(() -> describe(first, second)).containsKey(ShopProcess.NO_ANSWER);
		assertThat(second.stock(POSTER)).isZero();
		assertThat(second.orderIds(POSTER)).as(() -> describe(first, second))
			.hasSize(STOCK)
			.doesNotHaveDuplicates()
			.containsAll(acceptedIds(answers));
	}

	/** Health is asked as well, since it answers by another way. */
	@Test
	void answersThatTheStoreIsDownOverHttp() {
		try (PrivateRedisServer redis = PrivateRedisServer.start()) {
			List<String> arguments = arguments(Profile.REDIS);
			arguments.removeIf((argument) -> argument.startsWith("--spring.data.redis.url="));
			arguments.add("--spring.data.redis.url=" + redis.url());
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
		List<String> arguments = new ArrayList<>(List.of("--shop.products[0].sku=" + MUG, "--shop.products[0].name=Mug",
				"--shop.products[0].stock=" + STOCK, "--shop.products[1].sku=" + POSTER,
				"--shop.products[1].name=Poster", "--shop.products[1].stock=" + STOCK,
				"--concord.namespace=shop-" + UUID.randomUUID(),
				"--concord.lock.lease-time=" + LEASE_TIME.toMillis() + "ms",
				"--spring.profiles.active=" + profile.name().toLowerCase(Locale.ROOT)));
		switch (profile) {
			case DEFAULT -> {
			}
			case REDIS -> arguments.add("--spring.data.redis.url=" + this.redis.url());
			case POSTGRES -> arguments.addAll(database(this.postgres));
			case MARIADB -> arguments.addAll(database(this.mariaDb));
			case ZOOKEEPER -> {
				arguments.add("--spring.cloud.zookeeper.connect-string=" + this.zooKeeper.connectString());
				arguments.add("--spring.cloud.zookeeper.session-timeout=12s");
				arguments.add("--concord.zookeeper.tick-time=" + ZooKeeperCluster.TICK_TIME.toMillis() + "ms");
			}
		}
		return arguments;
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
