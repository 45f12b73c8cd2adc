package io.concord.autoconfigure.sharding;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceInitializationAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthContributors;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.health.DataSourceHealthContributorAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.transaction.annotation.Transactional;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.autoconfigure.StartupFailure;
import io.concord.autoconfigure.actuate.ConcordEndpointAutoConfiguration;
import io.concord.autoconfigure.actuate.EndpointFeature;
import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.autoconfigure.lock.LockAutoConfiguration;
import io.concord.hashing.Partitioner;
import io.concord.invocation.InvalidAnnotationException;
import io.concord.sharding.NoShardException;
import io.concord.sharding.ShardBy;
import io.concord.sharding.ShardChangeException;
import io.concord.sharding.Sharding;
import io.concord.sharding.Shardings;
import io.concord.sharding.jdbc.ShardedDataSource;
import io.concord.sharding.redis.ShardedRedisConnectionFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

class ShardingAutoConfigurationTests {

	private static final String ORDERS = "concord.sharding.orders.";

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ShardingAutoConfiguration.class));

	private final ApplicationContextRunner jdbc = this.runner
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class,
				DataSourceInitializationAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class))
		.withPropertyValues("spring.datasource.generate-unique-name=true");

	private static String[] twoDatabases() {
		return new String[] { ORDERS + "jdbc.username=sa", ORDERS + "jdbc.pool.maximum-pool-size=3",
				ORDERS + "mapping.ann=a", ORDERS + "mapping.bob=b", ORDERS + "nodes.a.jdbc.url=" + database(),
				ORDERS + "nodes.b.jdbc.url=" + database(), ORDERS + "nodes.b.jdbc.pool.maximum-pool-size=2" };
	}

	private static String database() {
		return "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
	}

	@Test
	void doesNothingWithoutShardings() {
		this.jdbc.run((context) -> {
			assertThat(context.getBean(Shardings.class).names()).isEmpty();
			assertThat(context).doesNotHaveBean(Sharding.class).doesNotHaveBean(Partitioner.class);
			assertThat(context.getBean(DataSource.class)).isNotInstanceOf(ShardedDataSource.class);
		});
	}

	@Test
	void injectsPartitionersByName() {
		this.runner
			.withPropertyValues(ORDERS + "nodes.a.weight=2", ORDERS + "nodes.b.weight=1",
					"concord.sharding.files.algorithm=ring", "concord.sharding.files.ring-points=10",
					"concord.sharding.files.nodes.x.weight=1")
			.withBean(Injected.class)
			.run((context) -> {
				Injected injected = context.getBean(Injected.class);
				assertThat(injected.orders.nodes()).extracting((node) -> node.name() + node.weight())
					.containsExactly("a2", "b1");
				assertThat(injected.files.nodeFor(1).name()).isEqualTo("x");
				assertThat(injected.filesSharding.name()).isEqualTo("files");
				assertThat(context).doesNotHaveBean(DataSource.class);
			});
	}

	@ParameterizedTest
	@MethodSource("algorithms")
	void distributesByEachAlgorithm(String algorithm, String property, String key, String node) {
		this.runner
			.withPropertyValues(ORDERS + "algorithm=" + algorithm, ORDERS + property, ORDERS + "nodes.s0.weight=1",
					ORDERS + "nodes.s1.weight=1")
			.run((context) -> assertThat(context.getBean("ordersPartitioner", Partitioner.class).nodeFor(key).name())
				.matches(node));
	}

	static Stream<Arguments> algorithms() {
		return Stream.of(Arguments.of("rendezvous", "mapping.x=s1", "x", "s1"),
				Arguments.of("maglev", "mapping.x=s1", "y", "s[01]"), Arguments.of("jump", "mapping.x=s1", "x", "s1"),
				Arguments.of("modulo", "mapping.x=s0", "x", "s0"), Arguments.of("random", "mapping.x=s0", "y", "s[01]"),
				Arguments.of("mapping", "mapping.[x y]=s0", "x y", "s0"));
	}

	@Test
	void tellsRangesOfNumbersFromThoseOfTexts() {
		this.runner
			.withPropertyValues(ORDERS + "algorithm=range", ORDERS + "ranges[0].to=100", ORDERS + "ranges[0].node=a",
					ORDERS + "ranges[1].from=100", ORDERS + "ranges[1].node=b", ORDERS + "nodes.a.weight=1",
					ORDERS + "nodes.b.weight=1", "concord.sharding.names.algorithm=range",
					"concord.sharding.names.ranges[0].to=n", "concord.sharding.names.ranges[0].node=a",
					"concord.sharding.names.nodes.a.weight=1")
			.run((context) -> {
				assertThat(context.getBean("ordersPartitioner", Partitioner.class).nodeFor("99").name()).isEqualTo("a");
				assertThat(context.getBean("namesPartitioner", Partitioner.class).nodeFor("ann").name()).isEqualTo("a");
			});
	}

	@Test
	void routesTheOnlyDataSourceWithTransactions() {
		this.jdbc.withPropertyValues(twoDatabases()).withBean(Orders.class).run((context) -> {
			assertThat(context.getBean(DataSource.class)).isInstanceOf(ShardedDataSource.class);
			createTables(context.getBean(ShardedDataSource.class));
			Orders orders = context.getBean(Orders.class);
			orders.place("ann");
			orders.place("bob");
			assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> orders.fail("ann"));
			assertThatExceptionOfType(ShardChangeException.class)
				.isThrownBy(() -> orders.placeAnd("ann", () -> orders.place("bob")));
			assertThatExceptionOfType(NoShardException.class).isThrownBy(orders::count);
			Sharding sharding = context.getBean(Sharding.class);
			assertThat(sharding.callAll(Duration.ofSeconds(50), orders::count)).isEqualTo(Map.of("a", 1, "b", 1));
		});
	}

	@Test
	void healthLooksAtEachShard() {
		this.jdbc.withConfiguration(AutoConfigurations.of(DataSourceHealthContributorAutoConfiguration.class))
			.withPropertyValues(twoDatabases())
			.run((context) -> {
				CompositeHealthContributor health = context.getBean("dbHealthContributor",
						CompositeHealthContributor.class);
				assertThat(health.stream().map(HealthContributors.Entry::name))
					.containsExactlyInAnyOrder("orders.a.dataSource", "orders.b.dataSource", "ordersDataSource");
			});
	}

	@Test
	void closesThePoolsOfNodes() {
		HikariDataSource[] pools = new HikariDataSource[2];
		this.jdbc.withPropertyValues(twoDatabases()).run((context) -> {
			pools[0] = context.getBean("orders.a.dataSource", HikariDataSource.class);
			pools[1] = context.getBean("orders.b.dataSource", HikariDataSource.class);
			assertThat(pools[0].getMaximumPoolSize()).isEqualTo(3);
			assertThat(pools[1].getMaximumPoolSize()).isEqualTo(2);
			assertThat(pools[1].getUsername()).isEqualTo("sa");
			assertThat(context.getBean(ShardedDataSource.class).getResolvedDataSources()).containsOnlyKeys("a", "b");
		});
		assertThat(pools).allMatch(HikariDataSource::isClosed);
	}

	@Test
	void leavesTheDataSourceOfTheApplicationAlone() {
		this.jdbc.withPropertyValues(twoDatabases())
			.withPropertyValues("spring.datasource.url=" + database())
			.withBean(Qualified.class)
			.run((context) -> {
				assertThat(context.getBean(DataSource.class)).isInstanceOf(HikariDataSource.class);
				assertThat(context.getBean(Qualified.class).routing).isInstanceOf(ShardedDataSource.class);
				assertThat(context.getBean(Qualified.class).node).isInstanceOf(HikariDataSource.class);
			});
		this.jdbc.withPropertyValues(twoDatabases())
			.withUserConfiguration(OwnDataSource.class)
			.run((context) -> assertThat(context.getBean(DataSource.class)).isSameAs(context.getBean("own")));
	}

	@Test
	void isPrimaryIfToldSo() {
		this.jdbc.withPropertyValues(twoDatabases())
			.withPropertyValues(ORDERS + "primary=true")
			.withUserConfiguration(OwnDataSource.class)
			.run((context) -> assertThat(context.getBean(DataSource.class)).isInstanceOf(ShardedDataSource.class));
		this.jdbc.withPropertyValues(twoDatabases())
			.withPropertyValues(ORDERS + "primary=false", "spring.datasource.name=else")
			.run((context) -> assertThat(context.getBean(DataSource.class)).isNotInstanceOf(ShardedDataSource.class));
	}

	@Test
	void routesToDataSourcesOfTheApplication() {
		this.jdbc
			.withPropertyValues(ORDERS + "nodes.a.data-source=own", ORDERS + "nodes.b.data-source=other",
					ORDERS + "mapping.ann=a")
			.withUserConfiguration(OwnDataSource.class, OtherDataSource.class)
			.run((context) -> {
				ShardedDataSource routing = (ShardedDataSource) context.getBean(DataSource.class);
				assertThat(routing.dataSourceOf("a")).isSameAs(context.getBean("own"));
				assertThat(routing.dataSourceOf("b")).isSameAs(context.getBean("other"));
			});
	}

	@Test
	void routesRedisConnections() {
		this.runner.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class))
			.withPropertyValues(ORDERS + "nodes.a.connection-factory=redisA",
					ORDERS + "nodes.b.connection-factory=redisB", ORDERS + "mapping.ann=a")
			.withUserConfiguration(TwoRedisServers.class)
			.run((context) -> {
				RedisConnection connection = mock();
				given(context.getBean("redisA", RedisConnectionFactory.class).getConnection()).willReturn(connection);
				RedisConnectionFactory routing = context.getBean(RedisConnectionFactory.class);
				assertThat(routing).isInstanceOf(ShardedRedisConnectionFactory.class);
				assertThat(context.getBean(StringRedisTemplate.class).getConnectionFactory()).isSameAs(routing);
				assertThat(context.getBean(Sharding.class).call("ann", routing::getConnection)).isSameAs(connection);
			});
	}

	/** Nothing connects before the first call. */
	@Test
	void connectsToRedisServersByTheirUrls() {
		this.runner.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class))
			.withPropertyValues(ORDERS + "redis.timeout=700ms", ORDERS + "nodes.a.redis.url=redis://a:1/3",
					ORDERS + "nodes.b.redis.url=rediss://b:2", ORDERS + "nodes.b.redis.timeout=900ms")
			.run((context) -> {
				LettuceConnectionFactory a = context.getBean("orders.a.connectionFactory",
						LettuceConnectionFactory.class);
				assertThat(a.getHostName()).isEqualTo("a");
				assertThat(a.getPort()).isEqualTo(1);
				assertThat(a.getDatabase()).isEqualTo(3);
				assertThat(a.getTimeout()).isEqualTo(700);
				assertThat(a.isUseSsl()).isFalse();
				LettuceConnectionFactory b = context.getBean("orders.b.connectionFactory",
						LettuceConnectionFactory.class);
				assertThat(b.getTimeout()).isEqualTo(900);
				assertThat(b.isUseSsl()).isTrue();
				assertThat(context.getBean(RedisConnectionFactory.class))
					.isInstanceOf(ShardedRedisConnectionFactory.class);
			});
	}

	@Test
	void isNoStoreOfLeases() {
		this.jdbc.withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class, LockAutoConfiguration.class))
			.withPropertyValues(twoDatabases())
			.run((context) -> assertThat(StartupFailure.of(context)).hasMessageNotContaining("ordersDataSource"));
	}

	@ParameterizedTest
	@MethodSource("mistakes")
	void failsAtStartWithWhatToDo(String message, String action, List<String> properties) {
		this.jdbc.withPropertyValues(properties.stream().map(ORDERS::concat).toArray(String[]::new)).run((context) -> {
			InvalidConcordConfigurationException failure = StartupFailure.of(context);
			assertThat(failure).hasMessageContaining(message);
			assertThat(failure.getAction()).contains(action);
		});
	}

	static Stream<Arguments> mistakes() {
		String url = database();
		return Stream.of(mistake("has no nodes", "orders.nodes.<node>", "algorithm=ring"),
				mistake("weight' is '-1'", "Correct it", "nodes.a.weight=-1"),
				mistake("All nodes of the sharding 'orders' have weight 0", "Raise", "nodes.a.weight=0"),
				mistake("there are no ranges", "ranges[0].from", "algorithm=range", "nodes.a.weight=1"),
				mistake("there are ranges, which it does not look at", "Set it to 'range'", "nodes.a.weight=1",
						"ranges[0].from=1"),
				mistake("names no node", "Set its 'node' to one of [a]", "algorithm=range", "nodes.a.weight=1",
						"ranges[0].from=1"),
				mistake("There is no node 'z'", "Correct it", "algorithm=range", "nodes.a.weight=1", "ranges[0].from=1",
						"ranges[0].node=z"),
				mistake("overlap", "Correct it", "algorithm=range", "nodes.a.weight=1", "ranges[0].node=a",
						"ranges[1].node=a", "ranges[1].from=5"),
				mistake("nodes have weights, which it does not look at", "Remove", "algorithm=range",
						"nodes.a.weight=2", "ranges[0].node=a"),
				mistake("there is no mapping", "mapping.<key>", "algorithm=mapping", "nodes.a.weight=1"),
				mistake("There is no node 'z'", "Correct it", "mapping.x=z", "nodes.a.weight=1"),
				mistake("end in the numbers 0 to 1", "another algorithm", "algorithm=jump", "nodes.a.weight=1",
						"nodes.b.weight=1"),
				mistake("which has no ring", "'ring'", "ring-points=3", "nodes.a.weight=1"),
				mistake("between 1 and", "Correct it", "algorithm=ring", "ring-points=0", "nodes.a.weight=1"),
				mistake("has a URL for all of its nodes", "nodes.<node>.jdbc.url", "jdbc.url=" + url,
						"nodes.a.weight=1"),
				mistake("'b' of sharding 'orders' has no DataSource, as others of its nodes have",
						"'concord.sharding.orders.nodes.b.data-source' or", "nodes.a.jdbc.url=" + url,
						"nodes.b.weight=1"),
				mistake("both the bean 'x' and a URL", "Set either", "nodes.a.jdbc.url=" + url,
						"nodes.a.data-source=x"),
				mistake("'a' and 'b' of sharding 'orders' are in the same place: they have the same URL", "Correct",
						"nodes.a.jdbc.url=" + url, "nodes.b.jdbc.url=" + url),
				mistake("data-source' is 'nobody'", "Name one of these", "nodes.a.data-source=nobody"),
				mistake("can't be as it is described under 'concord.sharding.orders.nodes.a.jdbc'", ".url",
						"nodes.a.jdbc.url=nonsense"),
				mistake("{maximum-pool-sice=3}", "nodes.a.jdbc.pool'", "nodes.a.jdbc.url=" + url,
						"nodes.a.jdbc.pool.maximum-pool-sice=3"),
				mistake("nodes.a.redis.url' is no URL", "such as 'redis://host:6379'",
						"nodes.a.redis.url=http://user:secret@host"));
	}

	private static Arguments mistake(String message, String action, String... properties) {
		return Arguments.of(message, action, List.of(properties));
	}

	@Test
	void refusesNamesThatCannotBe() {
		this.runner.withPropertyValues("concord.sharding.[a b].nodes.a.weight=1")
			.run((context) -> assertThat(StartupFailure.of(context)).hasMessageContaining("is called 'a b'"));
	}

	@Test
	void namesWhatIsMissingOnTheClassPath() {
		this.runner.withClassLoader(new FilteredClassLoader(AbstractRoutingDataSource.class))
			.withPropertyValues(twoDatabases())
			.run((context) -> assertThat(StartupFailure.of(context).getAction()).contains("spring-boot-starter-jdbc"));
		this.runner.withClassLoader(new FilteredClassLoader("io.lettuce"))
			.withPropertyValues(ORDERS + "nodes.a.redis.url=redis://a")
			.run((context) -> assertThat(StartupFailure.of(context).getAction()).contains("'io.lettuce:lettuce-core'",
					"'concord.sharding.orders.nodes.a.connection-factory'"));
		this.runner.withClassLoader(new FilteredClassLoader(DataSource.class, RedisConnectionFactory.class))
			.withPropertyValues(ORDERS + "nodes.a.weight=1")
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(Sharding.class));
		this.runner.withClassLoader(new FilteredClassLoader(Sharding.class))
			.withPropertyValues(ORDERS + "nodes.a.weight=1")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(Shardings.class));
	}

	@Test
	void refusesAnnotationsWithoutSharding() {
		this.runner.withBean(Annotated.class).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).hasRootCauseInstanceOf(InvalidAnnotationException.class)
				.rootCause()
				.hasMessageContaining("none is configured");
		});
	}

	@Test
	void showsSharesAndWhatWouldMove() {
		this.runner
			.withConfiguration(AutoConfigurations.of(ShardingEndpointAutoConfiguration.class,
					ConcordEndpointAutoConfiguration.class))
			.withPropertyValues(ORDERS + "nodes.a.weight=1", ORDERS + "nodes.b.weight=3", ORDERS + "mapping.ann=a")
			.run((context) -> {
				EndpointFeature feature = context.getBean(EndpointFeature.class);
				assertThat(feature.selector()).isEqualTo("shards");
				assertThat(json(feature.here(false)).toString()).isEqualTo(
						"{\"shardings\":[{\"name\":\"orders\",\"algorithm\":\"rendezvous\",\"nodes\":[\"a\",\"b\"]}]}");
				JsonNode shares = json(feature.anywhere("orders"));
				assertThat(shares.get("sampled").asInt()).isEqualTo(100_000);
				assertThat(shares.get("nodes").get(1).get("fairShare").asDouble()).isEqualTo(0.75);
				assertThat(shares.get("nodes").get(1).get("share").asDouble()).isBetween(0.74, 0.76);
				assertThat(json(feature.anywhere("orders/key/ann")).get("node").asString()).isEqualTo("a");
				JsonNode added = json(feature.anywhere("orders/add/c/4"));
				assertThat(added.get("moved").asDouble()).isBetween(0.49, 0.51);
				assertThat(added.get("needless").asDouble()).isZero();
				assertThat(added.get("moves").get(0).get("to").asString()).isEqualTo("c");
				assertThat(json(feature.anywhere("orders/add/c")).get("moved").asDouble()).isBetween(0.19, 0.21);
				assertThat(json(feature.anywhere("orders/weight/b/1")).get("moved").asDouble()).isBetween(0.24, 0.26);
				assertThat(json(feature.anywhere("orders/remove/b")).get("moved").asDouble()).isBetween(0.74, 0.76);
				assertThat(context.getBean(Sharding.class).shards()).containsExactly("a", "b");
				assertThat(feature.release("orders")).isNull();
				for (String nonsense : List.of("", "nobody", "orders/", "orders/key", "orders/add/a", "orders/remove/z",
						"orders/weight/a", "orders/weight/a/x", "orders/weight/a/-1", "orders/remove/b/1",
						"orders/what/a", "orders/add/c/", "orders/add/")) {
					assertThatIllegalArgumentException().isThrownBy(() -> feature.anywhere(nonsense));
				}
			});
	}

	private static JsonNode json(@Nullable Object body) {
		return new JsonMapper().valueToTree(body);
	}

	private static void createTables(ShardedDataSource dataSource) {
		dataSource.getResolvedDataSources()
			.values()
			.forEach((one) -> new JdbcTemplate(one).execute("CREATE TABLE purchase(customer VARCHAR(20))"));
	}

	record Injected(@Qualifier("orders") Partitioner<String> orders, @Qualifier("files") Partitioner<String> files,
			Sharding filesSharding) {

	}

	record Qualified(@Qualifier("orders") DataSource routing, @Qualifier("orders.a") DataSource node) {

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnDataSource {

		@Bean
		DataSource own() {
			return mock();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OtherDataSource {

		@Bean
		DataSource other() {
			return mock();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoRedisServers {

		@Bean
		RedisConnectionFactory redisA() {
			return mock();
		}

		@Bean
		RedisConnectionFactory redisB() {
			return mock();
		}

	}

	static class Annotated {

		@ShardBy("#customer")
		void place(String customer) {
		}

	}

	static class Orders {

		private final JdbcTemplate jdbc;

		Orders(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@ShardBy("#customer")
		@Transactional
		public void place(String customer) {
			this.jdbc.update("INSERT INTO purchase VALUES (?)", customer);
		}

		@ShardBy("#customer")
		@Transactional
		public void placeAnd(String customer, Runnable more) {
			place(customer);
			more.run();
		}

		@ShardBy("#customer")
		@Transactional
		public void fail(String customer) {
			place(customer);
			throw new IllegalStateException("rolled back");
		}

		public int count() {
			Integer count = this.jdbc.queryForObject("SELECT COUNT(*) FROM purchase", Integer.class);
			return (count != null) ? count : -1;
		}

	}

}
