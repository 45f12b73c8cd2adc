package io.concord.autoconfigure.idgen;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import javax.sql.DataSource;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.core.JdbcTemplate;

import io.concord.autoconfigure.StartupFailure;
import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.idgen.LongIdGenerators;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The stores of ids that the application's clients stand for.
 */
class IdStoreConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class, IdgenAutoConfiguration.class))
		.withPropertyValues("spring.application.name=shop");

	@Test
	void keepsAllKindsInTheDatabaseOfTheApplication() {
		database().withPropertyValues("concord.idgen.generators.orders.type=snowflake",
				"concord.idgen.generators.invoices.type=segment", "concord.idgen.generators.tickets.type=sequence")
			.run((context) -> {
				LongIdGenerators generators = context.getBean(LongIdGenerators.class);
				for (String name : List.of("orders", "invoices", "tickets")) {
					assertThat(generators.get(name).next()).isPositive();
				}
				JdbcTemplate jdbc = new JdbcTemplate(context.getBean(DataSource.class));
				assertThat(jdbc.queryForObject("SELECT COUNT(*) FROM concord_worker WHERE owner IS NOT NULL",
						Long.class))
					.isEqualTo(1);
				assertThat(jdbc.queryForList("SELECT res FROM concord_id_counter ORDER BY res", String.class))
					.containsExactly("shop/invoices", "shop/tickets");
			});
	}

	@Test
	void createsItsTablesUnderAnotherPrefixAndNotThoseOfLeases() {
		database()
			.withPropertyValues("concord.jdbc.table-prefix=shop_", "concord.idgen.generators.tickets.type=sequence")
			.run((context) -> {
				assertThat(context.getBean(LongIdGenerators.class).get("tickets").next()).isEqualTo(1);
				List<String> tables = new ArrayList<>(new JdbcTemplate(context.getBean(DataSource.class)).queryForList(
						"SELECT LOWER(table_name) FROM information_schema.tables WHERE table_schema = 'PUBLIC'",
						String.class));
				assertThat(tables).containsExactlyInAnyOrder("shop_worker", "shop_worker_layout", "shop_id_counter");
			});
	}

	@Test
	void refusesAPrefixThatIsNoIdentifier() {
		database()
			.withPropertyValues("concord.jdbc.table-prefix=a b", "concord.idgen.generators.tickets.type=sequence")
			.run((context) -> assertThat(StartupFailure.of(context))
				.hasMessageContaining("'concord.jdbc.table-prefix' is 'a b'"));
	}

	@ParameterizedTest
	@CsvSource({ "lettuce, -1, 500ms, but must not be negative", "jedis, 1, 500ms, through a JedisConnectionFactory",
			"lettuce, 1, 1001ms, but must be at most half of" })
	void refusesReplicasThatItCantWaitFor(String clientType, String replicas, String timeout, String message) {
		this.runner.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class))
			.withPropertyValues("spring.data.redis.client-type=" + clientType, "spring.data.redis.port=1",
					"concord.redis.wait-replicas=" + replicas, "concord.redis.wait-replicas-timeout=" + timeout,
					"concord.idgen.generators.tickets.type=sequence")
			.run((context) -> assertThat(StartupFailure.of(context)).hasMessageContaining(message));
	}

	@Test
	void hasAFactoryForEveryBackend() {
		this.runner.run((context) -> assertThat(context).hasBean("concordJdbcIdStoreFactory")
			.hasBean("concordRedisIdStoreFactory")
			.hasBean("concordZooKeeperIdStoreFactory"));
	}

	@Test
	void scriptsAndDdlAreInNativeImages() {
		RuntimeHints hints = new RuntimeHints();
		new IdRuntimeHints().registerHints(hints, getClass().getClassLoader());
		for (String resource : List.of("redis/workers.lua", "redis/claim-worker.lua", "redis/counter.lua",
				"jdbc/schema-h2.sql", "jdbc/schema-mysql.sql")) {
			assertThat(RuntimeHintsPredicates.resource().forResource("io/concord/idgen/" + resource)).accepts(hints);
		}
	}

	private ApplicationContextRunner database() {
		return this.runner.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
			.withPropertyValues("spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID());
	}

}
