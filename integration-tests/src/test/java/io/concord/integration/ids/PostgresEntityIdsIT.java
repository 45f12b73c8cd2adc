package io.concord.integration.ids;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import jakarta.persistence.CascadeType;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.OneToMany;
import jakarta.persistence.Table;
import org.hibernate.SessionFactory;
import org.hibernate.stat.Statistics;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.annotation.Id;
import org.springframework.data.jdbc.core.JdbcAggregateTemplate;
import org.springframework.data.jdbc.repository.config.EnableJdbcRepositories;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;

import io.concord.autoconfigure.idgen.IdgenEntityAutoConfiguration;
import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.Snowflake;
import io.concord.idgen.entity.CountingGenerators;
import io.concord.test.postgres.PostgresServer;
import io.concord.test.postgres.PostgresServerTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link Snowflake} on entities in PostgreSQL, whose drivers and dialects have ways of
 * their own for generated keys.
 */
@PostgresServerTest
class PostgresEntityIdsIT {

	private static final int BATCH = 50;

	private final ApplicationContextRunner runner;

	PostgresEntityIdsIT(PostgresServer server) {
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(IdgenEntityAutoConfiguration.class,
					DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
					JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class))
			.withBean(LongIdGenerators.class, () -> new CountingGenerators("orders", "lines"))
			.withPropertyValues("spring.datasource.url=" + server.createDatabase("ids"),
					"spring.datasource.username=" + server.username(),
					"spring.datasource.password=" + server.password());
	}

	@Test
	void givesIdsThroughHibernateInBatches() {
		this.runner
			.withConfiguration(AutoConfigurations.of(HibernateJpaAutoConfiguration.class,
					DataJpaRepositoriesAutoConfiguration.class))
			.withUserConfiguration(Repositories.class)
			.withBean(PersistenceManagedTypes.class,
					() -> PersistenceManagedTypes.of(Order.class.getName(), OrderLine.class.getName()))
			.withPropertyValues("spring.jpa.hibernate.ddl-auto=create-drop",
					"spring.jpa.properties.hibernate.generate_statistics=true",
					"spring.jpa.properties.hibernate.jdbc.batch_size=" + BATCH,
					"spring.jpa.properties.hibernate.order_inserts=true")
			.run((context) -> {
				Orders orders = context.getBean(Orders.class);
				Statistics statistics = context.getBean(EntityManagerFactory.class)
					.unwrap(SessionFactory.class)
					.getStatistics();
				statistics.clear();
				List<Order> saved = orders.saveAll(IntStream.range(0, BATCH).mapToObj((i) -> new Order()).toList());
				assertThat(saved).extracting((order) -> order.id)
					.doesNotHaveDuplicates()
					.allMatch((id) -> id >= CountingGenerators.FIRST);
				assertThat(statistics.getEntityInsertCount()).isEqualTo(2L * BATCH);
				// Orders, lines, and the table that joins them.
				assertThat(statistics.getPrepareStatementCount()).isEqualTo(3);
				Order own = new Order();
				own.id = 7L;
				assertThat(orders.save(own).id).isEqualTo(7);
				assertThat(orders.count()).isEqualTo(BATCH + 1);
			});
	}

	@Test
	void givesIdsThroughSpringDataJdbc() {
		this.runner.withConfiguration(AutoConfigurations.of(DataJdbcRepositoriesAutoConfiguration.class))
			.withUserConfiguration(Aggregates.class)
			.run((context) -> {
				JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
				jdbc.execute("CREATE TABLE purchase (id BIGINT PRIMARY KEY)");
				jdbc.execute("CREATE TABLE item (id BIGINT PRIMARY KEY, purchase BIGINT, purchase_key INT, sku TEXT)");
				JdbcAggregateTemplate template = context.getBean(JdbcAggregateTemplate.class);
				Purchase saved = template
					.save(new Purchase(null, List.of(new Item(0, "mug"), new Item(0, "lid"), new Item(7, "box"))));
				assertThat(saved.id()).isGreaterThanOrEqualTo(CountingGenerators.FIRST);
				assertThat(saved.items()).extracting(Item::id).doesNotHaveDuplicates().doesNotContain(0L).contains(7L);
				assertThat(template.findById(saved.id(), Purchase.class)).isEqualTo(saved);
			});
	}

	@Configuration(proxyBeanMethods = false)
	@EnableJpaRepositories(considerNestedRepositories = true)
	static class Repositories {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableJdbcRepositories
	static class Aggregates {

	}

	interface Orders extends JpaRepository<Order, Long> {

	}

	@Entity
	@Table(name = "orders")
	static class Order {

		@jakarta.persistence.Id
		@Snowflake("orders")
		Long id;

		@OneToMany(cascade = CascadeType.ALL)
		List<OrderLine> lines = new ArrayList<>(List.of(new OrderLine()));

	}

	@Entity
	static class OrderLine {

		@jakarta.persistence.Id
		@Snowflake("lines")
		long id;

	}

	@org.springframework.data.relational.core.mapping.Table("purchase")
	record Purchase(@Id @Snowflake("orders") Long id, List<Item> items) {
	}

	@org.springframework.data.relational.core.mapping.Table("item")
	record Item(@Id @Snowflake("lines") long id, String sku) {
	}

}
