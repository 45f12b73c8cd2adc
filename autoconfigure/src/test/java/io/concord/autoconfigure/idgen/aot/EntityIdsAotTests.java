package io.concord.autoconfigure.idgen.aot;

import java.nio.file.Path;

import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.aop.support.AopUtils;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.data.annotation.Id;
import org.springframework.data.jdbc.repository.config.EnableJdbcRepositories;
import org.springframework.data.redis.core.RedisHash;
import org.springframework.data.redis.core.RedisKeyValueTemplate;
import org.springframework.data.redis.repository.configuration.EnableRedisRepositories;
import org.springframework.data.repository.CrudRepository;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import io.concord.autoconfigure.AheadOfTime;
import io.concord.autoconfigure.idgen.IdgenEntityAutoConfiguration;
import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.Snowflake;
import io.concord.idgen.entity.CountingGenerators;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs what is generated ahead of time.
 */
public class EntityIdsAotTests {

	private static final TestPropertyValues PROPERTIES = TestPropertyValues.of(
			"spring.datasource.url=jdbc:h2:mem:aot;DB_CLOSE_DELAY=-1", "spring.jpa.hibernate.ddl-auto=create",
			"concord.idgen.json-as-string=true");

	@Test
	void givesIds(@TempDir Path directory) throws Exception {
		AheadOfTime.process(EntityIdsAotTests.class, Shop.class, PROPERTIES, directory);
	}

	/**
	 * Looks at the application that was started from what was generated.
	 * @param initializer name of the generated class
	 */
	public static void run(String initializer) throws Exception {
		try (GenericApplicationContext context = AheadOfTime.start(initializer, PROPERTIES)) {
			assertGivesIds(context);
		}
	}

	private static void assertGivesIds(ConfigurableApplicationContext context) {
		Order order = new Order();
		EntityManagerFactory factory = context.getBean(EntityManagerFactory.class);
		try (var entities = factory.createEntityManager()) {
			entities.getTransaction().begin();
			entities.persist(order);
			entities.getTransaction().commit();
		}
		assertThat(order.id).isGreaterThanOrEqualTo(CountingGenerators.FIRST);
		context.getBean(JdbcTemplate.class).execute("CREATE TABLE line (id BIGINT PRIMARY KEY, sku VARCHAR)");
		Line line = new TransactionTemplate(context.getBean(PlatformTransactionManager.class))
			.execute((status) -> context.getBean(Lines.class).save(new Line(null, "mug")));
		assertThat(line.id()).isGreaterThan(order.id);
		assertThat(context.getBean(JsonMapper.class).writeValueAsString(line))
			.isEqualTo("{\"id\":\"%d\",\"sku\":\"mug\"}", line.id());
		assertThat(AopUtils.isCglibProxy(context.getBean(RedisKeyValueTemplate.class))).isTrue();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableJdbcRepositories(considerNestedRepositories = true)
	@EnableRedisRepositories(considerNestedRepositories = true)
	@ImportAutoConfiguration({ IdgenEntityAutoConfiguration.class, DataSourceAutoConfiguration.class,
			JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class,
			HibernateJpaAutoConfiguration.class, DataJdbcRepositoriesAutoConfiguration.class,
			DataRedisAutoConfiguration.class, DataRedisRepositoriesAutoConfiguration.class,
			JacksonAutoConfiguration.class })
	static class Shop {

		@Bean
		LongIdGenerators generators() {
			return new CountingGenerators("default", "orders");
		}

		@Bean
		static PersistenceManagedTypes managedTypes() {
			return PersistenceManagedTypes.of(Order.class.getName());
		}

	}

	interface Lines extends CrudRepository<Line, Long> {

	}

	interface Sessions extends CrudRepository<Session, String> {

	}

	@Entity
	@Table(name = "orders")
	static class Order {

		@jakarta.persistence.Id
		@Snowflake("orders")
		Long id;

	}

	@org.springframework.data.relational.core.mapping.Table("LINE")
	record Line(@Id @Snowflake("orders") Long id, String sku) {
	}

	@RedisHash("session")
	record Session(@Id @Snowflake String id) {
	}

}
