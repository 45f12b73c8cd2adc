package io.concord.sharding.jdbc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.annotation.Transactional;

import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.autoconfigure.lock.LockAutoConfiguration;
import io.concord.autoconfigure.sharding.ShardingAutoConfiguration;
import io.concord.lock.DistributedLocks;
import io.concord.lock.HeldLock;
import io.concord.sharding.ShardBy;
import io.concord.sharding.ShardChangeException;
import io.concord.sharding.ShardFanOutException;
import io.concord.sharding.Sharding;
import io.concord.test.postgres.PostgresServer;
import io.concord.test.postgres.PostgresServerTest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Several databases of one PostgreSQL as shards.
 */
@PostgresServerTest
@Timeout(120)
class ShardedPostgresIT {

	private static final List<String> SHARDS = List.of("s0", "s1", "s2");

	private static final Duration LONG = Duration.ofSeconds(60);

	private final PostgresServer server;

	private ApplicationContextRunner runner = new ApplicationContextRunner();

	ShardedPostgresIT(PostgresServer server) {
		this.server = server;
	}

	@BeforeEach
	void createDatabases() {
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ShardingAutoConfiguration.class, DataSourceAutoConfiguration.class,
					JdbcTemplateAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
					TransactionAutoConfiguration.class))
			.withPropertyValues("concord.sharding.shop.jdbc.username=" + this.server.username(),
					"concord.sharding.shop.jdbc.password=" + this.server.password(),
					"concord.sharding.shop.jdbc.pool.maximum-pool-size=4",
					"concord.sharding.shop.jdbc.pool.minimum-idle=0", "concord.sharding.shop.nodes.s2.weight=2")
			.withBean(Orders.class);
		for (String shard : SHARDS) {
			String url = this.server.createDatabase("shard_" + shard);
			JdbcTemplate jdbc = new JdbcTemplate(
					new DriverManagerDataSource(url, this.server.username(), this.server.password()));
			jdbc.execute("CREATE TABLE purchase(id SERIAL PRIMARY KEY, customer BIGINT, shard TEXT)");
			jdbc.execute("CREATE TABLE note(id BIGINT PRIMARY KEY, text TEXT)");
			this.runner = this.runner.withPropertyValues("concord.sharding.shop.nodes." + shard + ".jdbc.url=" + url);
		}
	}

	@Test
	void everyRowIsOnTheShardOfItsKeyAlsoUnderConcurrency() {
		this.runner.run((context) -> {
			Orders orders = context.getBean(Orders.class);
			Sharding sharding = context.getBean(Sharding.class);
			ExecutorService threads = Executors.newFixedThreadPool(8);
			try {
				List<Future<?>> placing = new ArrayList<>();
				for (long customer = 0; customer < 400; customer++) {
					long one = customer;
					placing.add(threads.submit(() -> orders.place(one)));
				}
				for (Future<?> one : placing) {
					one.get(60, TimeUnit.SECONDS);
				}
			}
			finally {
				threads.shutdownNow();
			}
			Map<String, List<Long>> customers = sharding.callAll(LONG, orders::customers);
			assertThat(customers.values().stream().flatMap(List::stream)).hasSize(400).doesNotHaveDuplicates();
			customers.forEach((shard, found) -> {
				assertThat(found).isNotEmpty()
					.allSatisfy(
							(customer) -> assertThat(sharding.partitioner().nodeFor(customer).name()).isEqualTo(shard));
				assertThat(orders.on(sharding, shard)).containsOnly(shard);
			});
			assertThat(customers.get("s2")).hasSizeBetween(160, 240);
		});
	}

	@Test
	void rollsBackOnOneShardAndRefusesAnotherInside() {
		this.runner.run((context) -> {
			Orders orders = context.getBean(Orders.class);
			Sharding sharding = context.getBean(Sharding.class);
			assertThatIllegalStateException().isThrownBy(() -> orders.placeAndThen(1, () -> {
				throw new IllegalStateException("rolled back");
			}));
			long elsewhere = otherThan(sharding, 1);
			assertThatExceptionOfType(ShardChangeException.class)
				.isThrownBy(() -> orders.placeAndThen(1, () -> orders.place(elsewhere)));
			assertThatExceptionOfType(ShardChangeException.class)
				.isThrownBy(() -> orders.placeAndThen(1, () -> sharding.callOn("s0", () -> callAll(sharding))))
				.withMessageContaining("transaction");
			assertThat(sharding.callAll(LONG, orders::customers).values()).allMatch(List::isEmpty);
			orders.placeAndThen(1, () -> orders.place(1));
			assertThat(sharding.call("1", orders::customers)).containsExactly(1L, 1L);
		});
	}

	private static Object callAll(Sharding sharding) {
		try {
			return sharding.callAll(LONG, () -> 1);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static long otherThan(Sharding sharding, long key) {
		long other = key + 1;
		while (sharding.partitioner().nodeFor(other).equals(sharding.partitioner().nodeFor(key))) {
			other++;
		}
		return other;
	}

	@Test
	void tellsWhichShardDidNotAnswer() {
		this.runner.run((context) -> {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			Sharding sharding = context.getBean(Sharding.class);
			// The pools connect now, so that the time-out is that of the slow one alone.
			assertThat(sharding.callAll(LONG, () -> jdbc.queryForObject("SELECT 1", Integer.class))).hasSize(3);
			assertThatExceptionOfType(ShardFanOutException.class)
				.isThrownBy(() -> sharding.callAll(Duration.ofSeconds(5), () -> {
					if (sharding.requireCurrent().equals("s1")) {
						jdbc.execute("SELECT pg_sleep(20)");
					}
					return jdbc.queryForObject("SELECT 7", Integer.class);
				}))
				.withMessage("Of 3 shards of 'shop', 1 failed: s1")
				.satisfies((ex) -> assertThat(ex.getResults()).isEqualTo(Map.of("s0", 7, "s2", 7)));
		});
	}

	/** Locks are on one database: that of a node, which has to be named. */
	@Test
	void locksUseADatabaseThatIsNamed() {
		this.runner.withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class, LockAutoConfiguration.class))
			.withPropertyValues("concord.backend=jdbc", "concord.namespace=shards",
					"concord.jdbc.data-source=shop.s0.dataSource", "concord.jdbc.initialize-schema=always")
			.run((context) -> {
				try (HeldLock lock = context.getBean(DistributedLocks.class).acquire("stock", Duration.ofSeconds(5))) {
					assertThat(lock.isHeld()).isTrue();
				}
			});
	}

	@Test
	void worksWithJpa() {
		this.runner.withConfiguration(AutoConfigurations.of(HibernateJpaAutoConfiguration.class))
			.withPropertyValues("spring.jpa.database-platform=org.hibernate.dialect.PostgreSQLDialect",
					"spring.jpa.properties.hibernate.boot.allow_jdbc_metadata_access=false",
					"spring.jpa.hibernate.ddl-auto=none")
			.withUserConfiguration(Entities.class)
			.withBean(Notes.class)
			.run((context) -> {
				Notes notes = context.getBean(Notes.class);
				Sharding sharding = context.getBean(Sharding.class);
				long elsewhere = otherThan(sharding, 1);
				notes.write(1, "one");
				notes.write(elsewhere, "two");
				assertThat(notes.read(1)).isEqualTo("one");
				assertThat(texts(context, sharding, 1)).containsExactly("one");
				assertThat(texts(context, sharding, elsewhere)).containsExactly("two");
			});
	}

	private static List<String> texts(ApplicationContext context, Sharding sharding, long key) {
		String shard = sharding.partitioner().nodeFor(key).name();
		return new JdbcTemplate(context.getBean(ShardedDataSource.class).dataSourceOf(shard))
			.queryForList("SELECT text FROM note", String.class);
	}

	static class Orders {

		private final JdbcTemplate jdbc;

		Orders(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@ShardBy("#customer")
		@Transactional
		public void place(long customer) {
			this.jdbc.update("INSERT INTO purchase(customer, shard) VALUES (?, split_part(current_database(), '_', 2))",
					customer);
		}

		@ShardBy("#customer")
		@Transactional
		public void placeAndThen(long customer, Runnable more) {
			place(customer);
			more.run();
		}

		List<Long> customers() {
			return this.jdbc.queryForList("SELECT customer FROM purchase", Long.class);
		}

		List<String> on(Sharding sharding, String shard) {
			return sharding.callOn(shard, () -> this.jdbc.queryForList("SELECT shard FROM purchase", String.class));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EntityScan(basePackageClasses = ShardedPostgresIT.class)
	static class Entities {

	}

	static class Notes {

		private final EntityManager entities;

		Notes(EntityManager entities) {
			this.entities = entities;
		}

		@ShardBy("#id")
		@Transactional
		public void write(long id, String text) {
			Note note = new Note();
			note.id = id;
			note.text = text;
			this.entities.persist(note);
		}

		@ShardBy("#id")
		@Transactional(readOnly = true)
		public @Nullable String read(long id) {
			return this.entities.find(Note.class, id).text;
		}

	}

	@Entity
	@Table(name = "note")
	static class Note {

		@Id
		private long id;

		private @Nullable String text;

	}

}
