package io.concord.sharding.jdbc;

import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import javax.sql.DataSource;

import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

import io.concord.hashing.Node;
import io.concord.hashing.Partitioners;
import io.concord.sharding.NoShardException;
import io.concord.sharding.ShardBy;
import io.concord.sharding.ShardByBeanPostProcessor;
import io.concord.sharding.ShardChangeException;
import io.concord.sharding.Sharding;
import io.concord.sharding.Shardings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class ShardedDataSourceTests {

	private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

	private ShardedDataSource dataSource;

	private Orders orders;

	private Checkout checkout;

	@BeforeEach
	void start() {
		this.context.register(Config.class);
		this.context.refresh();
		this.dataSource = this.context.getBean(ShardedDataSource.class);
		this.orders = this.context.getBean(Orders.class);
		this.checkout = this.context.getBean(Checkout.class);
	}

	@AfterEach
	void close() {
		this.context.close();
	}

	@Test
	void writesToTheShardOfTheKeyAlone() {
		this.orders.place("ann");
		this.orders.place("ann");
		this.orders.place("bob");
		assertThat(rows("a")).isEqualTo(2);
		assertThat(rows("b")).isEqualTo(1);
		assertThat(this.orders.count("ann")).isEqualTo(2);
	}

	@Test
	void beginsTheTransactionOnTheShard() {
		assertThatIllegalStateException().isThrownBy(() -> this.orders.placeAndFail("ann"));
		assertThat(rows("a")).isZero();
		this.orders.placeInTransaction("ann");
		this.orders.placeInTransaction("bob");
		assertThat(rows("a")).isEqualTo(1);
		assertThat(rows("b")).isEqualTo(1);
	}

	@Test
	void refusesAnotherShardInsideATransaction() {
		assertThatExceptionOfType(ShardChangeException.class).isThrownBy(() -> this.checkout.both("ann", "bob"))
			.withMessageContaining("works on shard 'a'")
			.withMessageContaining("shard 'b'");
		assertThat(rows("a") + rows("b")).isZero();
		this.checkout.both("ann", "ann");
		assertThat(rows("a")).isEqualTo(2);
	}

	/**
	 * The advice of the inner method chooses the shard before a new transaction could
	 * suspend the outer one.
	 */
	@Test
	void refusesAnotherShardForANewTransactionInside() {
		assertThatExceptionOfType(ShardChangeException.class).isThrownBy(() -> this.checkout.newInside("ann", "bob"));
		assertThat(rows("a") + rows("b")).isZero();
		this.checkout.newInside("ann", "ann");
		assertThat(rows("a")).isEqualTo(2);
	}

	@Test
	void goesOnWithAnotherShardWithoutTransaction() {
		this.checkout.oneAfterTheOther("ann", "bob");
		assertThat(rows("a")).isEqualTo(2);
		assertThat(rows("b")).isEqualTo(1);
	}

	@Test
	void givesNoConnectionOutsideOfAllShards() {
		assertThatExceptionOfType(NoShardException.class).isThrownBy(this.dataSource::getConnection);
		assertThatExceptionOfType(Exception.class).isThrownBy(() -> this.checkout.transactionFirst("ann"))
			.havingRootCause()
			.isInstanceOf(NoShardException.class);
		assertThat(rows("a")).isZero();
	}

	@Test
	void callsAllShards() throws Exception {
		this.orders.place("ann");
		JdbcTemplate jdbc = new JdbcTemplate(this.dataSource);
		Sharding sharding = this.context.getBean(Shardings.class).get("customers");
		assertThat(sharding.callAll(Duration.ofSeconds(50),
				() -> jdbc.queryForObject("SELECT COUNT(*) FROM purchase", Integer.class)))
			.isEqualTo(Map.of("a", 1, "b", 0));
	}

	@Test
	void isLookedThroughInsideOfShardsOnly() throws Exception {
		Sharding sharding = this.context.getBean(Shardings.class).get("customers");
		assertThat(this.dataSource.isWrapperFor(JdbcDataSource.class)).isFalse();
		assertThat(this.dataSource.isWrapperFor(ShardedDataSource.class)).isTrue();
		assertThat(this.dataSource.unwrap(DataSource.class)).isSameAs(this.dataSource);
		assertThatExceptionOfType(SQLFeatureNotSupportedException.class)
			.isThrownBy(() -> this.dataSource.unwrap(JdbcDataSource.class));
		assertThat(sharding.callOn("a", () -> this.dataSource.isWrapperFor(JdbcDataSource.class))).isTrue();
		assertThat(sharding.callOn("a", () -> this.dataSource.unwrap(JdbcDataSource.class)))
			.isSameAs(this.dataSource.dataSourceOf("a"));
	}

	@Test
	void needsADataSourceForEachShard() {
		Sharding sharding = this.context.getBean(Shardings.class).get("customers");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new ShardedDataSource(sharding, Map.of("a", this.dataSource.dataSourceOf("a"))))
			.withMessageContaining("needs a data source for each shard")
			.withMessageContaining("[a]");
		assertThatIllegalArgumentException().isThrownBy(() -> this.dataSource.dataSourceOf("c"))
			.withMessageContaining("no shard 'c'");
	}

	private int rows(String shard) {
		return Config.rows(new JdbcTemplate(this.dataSource.dataSourceOf(shard)));
	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement
	static class Config {

		@Bean
		Shardings shardings() {
			return new Shardings(Map.of("customers",
					Partitioners.mapping(Map.of("ann", "a", "bob", "b"), List.of(Node.of("a"), Node.of("b")))));
		}

		@Bean
		static ShardByBeanPostProcessor postProcessor(ObjectProvider<Shardings> shardings) {
			return new ShardByBeanPostProcessor(shardings::getObject);
		}

		@Bean
		ShardedDataSource dataSource(Shardings shardings) {
			return new ShardedDataSource(shardings.get("customers"), Map.of("a", database(), "b", database()));
		}

		private static DataSource database() {
			JdbcDataSource database = new JdbcDataSource();
			database.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
			new JdbcTemplate(database).execute("CREATE TABLE purchase(customer VARCHAR(20))");
			return database;
		}

		@Bean
		DataSourceTransactionManager transactionManager(DataSource dataSource) {
			return new DataSourceTransactionManager(dataSource);
		}

		@Bean
		Orders orders(DataSource dataSource) {
			return new Orders(dataSource);
		}

		@Bean
		Checkout checkout(Orders orders) {
			return new Checkout(orders);
		}

		static int rows(JdbcTemplate jdbc) {
			Integer rows = jdbc.queryForObject("SELECT COUNT(*) FROM purchase", Integer.class);
			return (rows != null) ? rows : -1;
		}

	}

	static class Orders {

		private final JdbcTemplate jdbc;

		Orders(DataSource dataSource) {
			this.jdbc = new JdbcTemplate(dataSource);
		}

		@ShardBy("#customer")
		public void place(String customer) {
			this.jdbc.update("INSERT INTO purchase VALUES (?)", customer);
		}

		@ShardBy("#customer")
		@Transactional
		public void placeInTransaction(String customer) {
			place(customer);
		}

		@ShardBy("#customer")
		@Transactional(propagation = Propagation.REQUIRES_NEW)
		public void placeInNewTransaction(String customer) {
			place(customer);
		}

		@ShardBy("#customer")
		@Transactional
		public void placeAndFail(String customer) {
			place(customer);
			throw new IllegalStateException("rolled back");
		}

		@ShardBy("#customer")
		public int count(String customer) {
			return Config.rows(this.jdbc);
		}

	}

	static class Checkout {

		private final Orders orders;

		Checkout(Orders orders) {
			this.orders = orders;
		}

		@ShardBy("#first")
		@Transactional
		public void both(String first, String second) {
			this.orders.placeInTransaction(first);
			this.orders.placeInTransaction(second);
		}

		@ShardBy("#first")
		@Transactional
		public void newInside(String first, String second) {
			this.orders.placeInTransaction(first);
			this.orders.placeInNewTransaction(second);
		}

		@ShardBy("#first")
		public void oneAfterTheOther(String first, String second) {
			this.orders.placeInTransaction(first);
			this.orders.placeInTransaction(second);
			this.orders.place(first);
		}

		@Transactional
		public void transactionFirst(String first) {
			this.orders.place(first);
		}

	}

}
