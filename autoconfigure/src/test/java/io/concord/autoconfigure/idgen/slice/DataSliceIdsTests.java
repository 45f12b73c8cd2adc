package io.concord.autoconfigure.idgen.slice;

import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.data.jdbc.test.autoconfigure.AutoConfigureDataJdbc;
import org.springframework.boot.data.jdbc.test.autoconfigure.DataJdbcTest;
import org.springframework.boot.data.jpa.test.autoconfigure.AutoConfigureDataJpa;
import org.springframework.boot.data.jpa.test.autoconfigure.DataJpaTest;
import org.springframework.boot.data.redis.test.autoconfigure.AutoConfigureDataRedis;
import org.springframework.data.annotation.Id;
import org.springframework.data.jdbc.core.JdbcAggregateTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;

import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.Snowflake;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Entities get their ids in tests of slices, whatever backend the application has.
 */
class DataSliceIdsTests {

	@ParameterizedTest
	@ValueSource(classes = { AutoConfigureDataJpa.class, AutoConfigureDataJdbc.class, AutoConfigureDataRedis.class })
	void everySliceNamesClassesThatThereAre(Class<?> slice) {
		assertThat(ImportCandidates.load(slice, getClass().getClassLoader()))
			.filteredOn((name) -> name.startsWith("io.concord."))
			.hasSize(4)
			.allSatisfy((name) -> assertThat(Class.forName(name)).isPublic());
	}

	/** As applications have it, with a backend that the slice lacks. */
	@TestPropertySource(properties = { "concord.backend=redis", "concord.idgen.generators.tickets.type=snowflake",
			"concord.idgen.generators.numbers.type=segment", "concord.idgen.generators.receipts.type=sequence",
			"spring.liquibase.enabled=false", "spring.flyway.enabled=false" })
	abstract static class Slice {

		@Autowired
		private LongIdGenerators generators;

		@Test
		void allKindsGiveIds() {
			assertThat(this.generators.get("tickets").next()).isGreaterThan(1L << 40);
			assertThat(this.generators.get("numbers").next()).isPositive();
			assertThat(this.generators.get("receipts").next()).isPositive();
		}

	}

	@Nested
	@DataJpaTest(properties = "spring.jpa.hibernate.ddl-auto=create-drop")
	class JpaTests extends Slice {

		@Test
		void entitiesGetIds(@Autowired EntityManager entities) {
			JpaTicket ticket = new JpaTicket();
			entities.persist(ticket);
			entities.flush();
			assertThat(ticket.id).isNotNull().isGreaterThan(1L << 40);
		}

	}

	@Nested
	@DataJdbcTest
	class JdbcTests extends Slice {

		@Test
		void entitiesGetIds(@Autowired JdbcAggregateTemplate aggregates, @Autowired JdbcClient jdbc) {
			jdbc.sql("CREATE TABLE jdbc_ticket (id BIGINT PRIMARY KEY, event VARCHAR(20))").update();
			JdbcTicket saved = aggregates.save(new JdbcTicket(null, "premiere"));
			assertThat(saved.id()).isNotNull().isGreaterThan(1L << 40);
		}

	}

	@SpringBootConfiguration
	@EnableAutoConfiguration
	static class Application {

	}

	@Entity
	static class JpaTicket {

		@jakarta.persistence.Id
		@Snowflake("tickets")
		@Nullable Long id;

	}

	record JdbcTicket(@Id @Snowflake("tickets") @Nullable Long id, String event) {
	}

}
