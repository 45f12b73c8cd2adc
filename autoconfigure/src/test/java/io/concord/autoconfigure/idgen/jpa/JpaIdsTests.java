package io.concord.autoconfigure.idgen.jpa;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import jakarta.persistence.CascadeType;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.Id;
import jakarta.persistence.Inheritance;
import jakarta.persistence.InheritanceType;
import jakarta.persistence.MappedSuperclass;
import jakarta.persistence.OneToMany;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import org.hibernate.SessionFactory;
import org.hibernate.StatelessSession;
import org.hibernate.stat.Statistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import io.concord.autoconfigure.idgen.IdgenEntityAutoConfiguration;
import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.Snowflake;
import io.concord.idgen.entity.CountingGenerators;
import io.concord.invocation.InvalidAnnotationException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * {@link Snowflake} on entities of JPA, with Hibernate as Spring Boot sets it up.
 */
class JpaIdsTests {

	private static final CountingGenerators GENERATORS = new CountingGenerators("default", "orders", "lines");

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(IdgenEntityAutoConfiguration.class, DataSourceAutoConfiguration.class,
				TransactionAutoConfiguration.class, HibernateJpaAutoConfiguration.class))
		.withPropertyValues("spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID(),
				"spring.jpa.hibernate.ddl-auto=create", "spring.jpa.open-in-view=false",
				"spring.jpa.properties.hibernate.jdbc.batch_size=50",
				"spring.jpa.properties.hibernate.generate_statistics=true");

	@Test
	void givesIdsOfAllTypesAndToChildren() {
		run((context) -> {
			Order order = new Order();
			order.lines.addAll(List.of(new Line(), new Line()));
			Order saved = context.getBean(Orders.class).save(order);
			assertThat(saved).isSameAs(order);
			assertThat(saved.id).isGreaterThanOrEqualTo(CountingGenerators.FIRST);
			assertThat(saved.number).startsWith("orders-");
			assertThat(saved.lines).extracting((line) -> line.id)
				.doesNotHaveDuplicates()
				.allMatch((id) -> id >= CountingGenerators.FIRST);
			Dog dog = new Dog();
			WithGetter getter = new WithGetter();
			ByLong generic = new ByLong();
			inTransaction(context, (entities) -> Stream.of(dog, getter, generic).forEach(entities::persist));
			assertThat(dog.id).startsWith("default-");
			assertThat(getter.getNumber()).isGreaterThanOrEqualTo(CountingGenerators.FIRST);
			assertThat(generic.id).isGreaterThanOrEqualTo(CountingGenerators.FIRST);
			inTransaction(context, (entities) -> {
				assertThat(entities.find(Order.class, saved.id).lines).hasSize(2);
				assertThat(entities.find(Order.class, saved.id).number).isEqualTo(saved.number);
				assertThat(entities.find(Animal.class, dog.id)).isInstanceOf(Dog.class);
			});
		});
	}

	@Test
	void keepsAssignedIds() {
		run((context) -> {
			Order order = new Order();
			order.id = 7L;
			order.number = "A7";
			Line line = new Line();
			line.id = 8;
			order.lines.add(line);
			inTransaction(context, (entities) -> entities.persist(order));
			inTransaction(context, (entities) -> {
				assertThat(entities.find(Order.class, 7L).number).isEqualTo("A7");
				assertThat(entities.find(Line.class, 8L)).isNotNull();
			});
		});
	}

	/** Not new to Spring Data, as it has an id: so it looks in the table first. */
	@Test
	void keepsAssignedIdsOfMergedEntities() {
		run((context) -> {
			Orders orders = context.getBean(Orders.class);
			Order order = new Order();
			order.id = 9L;
			assertThat(orders.save(order).id).isEqualTo(9);
			order.number = "changed";
			assertThat(orders.save(order).number).isEqualTo("changed");
			assertThat(orders.findAll()).extracting((found) -> found.id).containsExactly(9L);
			Versioned versioned = new Versioned();
			versioned.id = 10L;
			inTransaction(context, (entities) -> assertThat(entities.merge(versioned).id).isEqualTo(10));
			inTransaction(context, (entities) -> assertThat(entities.find(Versioned.class, 10L)).isNotNull());
			inTransaction(context, (entities) -> assertThat(entities.merge(new Line()).id)
				.isGreaterThanOrEqualTo(CountingGenerators.FIRST));
		});
	}

	@Test
	void otherFieldsCanBeChanged() {
		run((context) -> {
			Order saved = context.getBean(Orders.class).save(new Order());
			inTransaction(context, (entities) -> entities.find(Order.class, saved.id).number = "other");
			inTransaction(context,
					(entities) -> assertThat(entities.find(Order.class, saved.id).number).isEqualTo("other"));
		});
	}

	@Test
	void insertsInBatches() {
		run((context) -> {
			Statistics statistics = context.getBean(EntityManagerFactory.class)
				.unwrap(SessionFactory.class)
				.getStatistics();
			statistics.clear();
			inTransaction(context, (entities) -> IntStream.range(0, 50).forEach((i) -> entities.persist(new Line())));
			assertThat(statistics.getEntityInsertCount()).isEqualTo(50);
			assertThat(statistics.getPrepareStatementCount()).isEqualTo(1);
		});
	}

	@Test
	void givesIdsInStatelessSessions() {
		run((context) -> {
			SessionFactory factory = context.getBean(EntityManagerFactory.class).unwrap(SessionFactory.class);
			Line line = new Line();
			try (StatelessSession session = factory.openStatelessSession()) {
				assertThat(session.insert(line)).isEqualTo(line.id);
			}
			assertThat(line.id).isGreaterThanOrEqualTo(CountingGenerators.FIRST);
		});
	}

	@ParameterizedTest
	@MethodSource
	void refusesAtStartWhatCannotWork(Class<?> entity, String message) {
		this.runner.withUserConfiguration(Generators.class)
			.withBean(PersistenceManagedTypes.class, () -> PersistenceManagedTypes.of(entity.getName()))
			.run((context) -> {
				assertThat(context).hasFailed();
				assertThat(context.getStartupFailure()).hasRootCauseInstanceOf(InvalidAnnotationException.class)
					.rootCause()
					.hasMessageContaining("@Snowflake on " + JpaIdsTests.class.getName() + "$" + message);
			});
	}

	static Stream<Arguments> refusesAtStartWhatCannotWork() {
		return Stream.of(
				arguments(Narrow.class,
						"Narrow.id can't work, as it is of type java.lang.Integer, which can't hold an id."),
				arguments(NarrowField.class,
						"NarrowField.number can't work, as it is of type int, which can't hold an id."),
				arguments(Unknown.class,
						"Unknown.id can't work, as it names the generator 'nobody', but there is none of this name."),
				arguments(Twice.class, "Twice.id can't work, as it already gets its value in another way."),
				arguments(Composite.class, "Key.part can't work, as it is in an embeddable or a composite id."));
	}

	@Test
	void refusesEntitiesWithoutGenerators() {
		this.runner.withBean(PersistenceManagedTypes.class, () -> PersistenceManagedTypes.of(Line.class.getName()))
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("Line.id can't work, as it has no generators"));
	}

	private void run(Consumer<ApplicationContext> test) {
		this.runner.withUserConfiguration(Generators.class, Repositories.class)
			.withBean(PersistenceManagedTypes.class, () -> PersistenceManagedTypes.of(Stream
				.of(Order.class, Line.class, Animal.class, Dog.class, WithGetter.class, ByLong.class, Versioned.class)
				.map(Class::getName)
				.toArray(String[]::new)))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				test.accept(context);
			});
	}

	private static void inTransaction(ApplicationContext context, Consumer<EntityManager> work) {
		EntityManager entities = SharedEntityManagerCreator
			.createSharedEntityManager(context.getBean(EntityManagerFactory.class));
		new TransactionTemplate(context.getBean(PlatformTransactionManager.class))
			.executeWithoutResult((status) -> work.accept(entities));
	}

	@Configuration(proxyBeanMethods = false)
	static class Generators {

		@Bean
		LongIdGenerators generators() {
			return GENERATORS;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableJpaRepositories(considerNestedRepositories = true)
	static class Repositories {

	}

	interface Orders extends JpaRepository<Order, Long> {

	}

	@MappedSuperclass
	static class Document {

		@Id
		@Snowflake("orders")
		Long id;

	}

	@Entity
	@Table(name = "orders")
	static class Order extends Document {

		@Snowflake("orders")
		String number;

		@OneToMany(cascade = CascadeType.ALL)
		List<Line> lines = new ArrayList<>();

	}

	@Entity
	static class Line {

		@Id
		@Snowflake("lines")
		long id;

	}

	@Entity
	@Inheritance(strategy = InheritanceType.JOINED)
	static class Animal {

		@Id
		@DefaultId
		String id;

	}

	@Entity
	static class Dog extends Animal {

	}

	@Snowflake
	@Retention(RetentionPolicy.RUNTIME)
	@interface DefaultId {

	}

	@Entity
	@Table(name = "with_getter")
	static class WithGetter {

		private long value;

		@Id
		@Snowflake
		long getNumber() {
			return this.value;
		}

		void setNumber(long number) {
			this.value = number;
		}

	}

	@MappedSuperclass
	static class Keyed<K> {

		@Id
		@Snowflake
		K id;

	}

	@Entity
	static class ByLong extends Keyed<Long> {

	}

	@Entity
	static class Versioned {

		@Id
		@Snowflake
		Long id;

		@Version
		Long version;

	}

	@Entity
	static class Narrow {

		@Id
		@Snowflake
		Integer id;

	}

	@Entity
	static class NarrowField {

		@Id
		long id;

		@Snowflake
		int number;

	}

	@Entity
	static class Unknown {

		@Id
		@Snowflake("nobody")
		Long id;

	}

	@Entity
	static class Twice {

		@Id
		@GeneratedValue
		@Snowflake
		Long id;

	}

	@Entity
	static class Composite {

		@EmbeddedId
		Key key;

	}

	@Embeddable
	record Key(@Snowflake long part, String other) {
	}

}
