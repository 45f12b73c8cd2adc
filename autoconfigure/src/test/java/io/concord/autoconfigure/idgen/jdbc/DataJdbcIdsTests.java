package io.concord.autoconfigure.idgen.jdbc;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan.Filter;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.FilterType;
import org.springframework.data.annotation.Id;
import org.springframework.data.annotation.PersistenceCreator;
import org.springframework.data.annotation.Transient;
import org.springframework.data.domain.Persistable;
import org.springframework.data.jdbc.core.JdbcAggregateTemplate;
import org.springframework.data.jdbc.repository.config.EnableJdbcRepositories;
import org.springframework.data.relational.core.mapping.Embedded;
import org.springframework.data.relational.core.mapping.event.BeforeConvertCallback;
import org.springframework.data.repository.CrudRepository;
import org.springframework.jdbc.core.JdbcTemplate;

import io.concord.autoconfigure.idgen.IdgenEntityAutoConfiguration;
import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.Snowflake;
import io.concord.idgen.entity.CountingGenerators;
import io.concord.invocation.InvalidAnnotationException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * {@link Snowflake} on aggregates of Spring Data JDBC.
 */
class DataJdbcIdsTests {

	private static final CountingGenerators GENERATORS = new CountingGenerators("default", "orders", "lines");

	private static final String[] SCHEMA = {
			"CREATE TABLE purchase (id BIGINT PRIMARY KEY, sku VARCHAR, number VARCHAR)",
			"CREATE TABLE line (id BIGINT PRIMARY KEY, purchase BIGINT, purchase_key INT, sku VARCHAR)",
			"CREATE TABLE part (id VARCHAR PRIMARY KEY, line BIGINT)",
			"CREATE TABLE note (id BIGINT PRIMARY KEY, purchase BIGINT, purchase_key VARCHAR, text VARCHAR)",
			"CREATE TABLE customer (id VARCHAR PRIMARY KEY, name VARCHAR, version BIGINT)",
			"CREATE TABLE address (id BIGINT PRIMARY KEY, customer VARCHAR, street VARCHAR)",
			"CREATE TABLE imported (id BIGINT PRIMARY KEY)" };

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(IdgenEntityAutoConfiguration.class, DataSourceAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
				TransactionAutoConfiguration.class, DataJdbcRepositoriesAutoConfiguration.class))
		.withPropertyValues("spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID())
		.withUserConfiguration(Generators.class);

	@Test
	void givesIdsToRecordsAndTheirChildren() {
		run((context) -> {
			Purchases purchases = context.getBean(Purchases.class);
			Purchase saved = purchases.save(new Purchase(null, "mug", new Label(null),
					List.of(new Line(0, "mug", Set.of(new Part(null), new Part("mine"))), new Line(0, "lid", Set.of())),
					Map.of("gift", new Note(null, "with love"))));
			assertThat(saved.id()).isGreaterThanOrEqualTo(CountingGenerators.FIRST);
			assertThat(saved.label().number()).startsWith("orders-");
			assertThat(saved.lines()).extracting(Line::id)
				.doesNotHaveDuplicates()
				.allMatch((id) -> id >= CountingGenerators.FIRST);
			assertThat(saved.lines().get(0).parts()).extracting(Part::id)
				.hasSize(2)
				.contains("mine")
				.anyMatch((id) -> id.startsWith("default-"));
			assertThat(saved.notes().get("gift").id()).isGreaterThanOrEqualTo(CountingGenerators.FIRST);
			assertThat(purchases.findById(saved.id())).contains(saved);
		});
	}

	@Test
	void givesIdsToNewChildrenOfOldAggregates() {
		run((context) -> {
			Purchases purchases = context.getBean(Purchases.class);
			Purchase first = purchases
				.save(new Purchase(null, "mug", new Label("7"), List.of(new Line(0, "mug", Set.of())), Map.of()));
			Purchase second = purchases.save(new Purchase(first.id(), "mug", first.label(),
					List.of(first.lines().get(0), new Line(0, "lid", Set.of())), Map.of()));
			assertThat(second.id()).isEqualTo(first.id());
			assertThat(second.label().number()).isEqualTo("7");
			assertThat(second.lines().get(0)).isEqualTo(first.lines().get(0));
			assertThat(second.lines().get(1).id()).isGreaterThan(first.lines().get(0).id());
			assertThat(purchases.findById(first.id())).contains(second);
		});
	}

	@Test
	void fillsClassesInPlaceAndKeepsTheirSetsWhole() {
		run((context) -> {
			Customer customer = new Customer();
			customer.addresses.addAll(List.of(new Address("High Street"), new Address("Low Road")));
			Customer saved = context.getBean(JdbcAggregateTemplate.class).save(customer);
			assertThat(saved).isSameAs(customer);
			assertThat(saved.id).startsWith("default-");
			assertThat(saved.addresses).hasSize(2).allMatch((address) -> address.id >= CountingGenerators.FIRST);
			for (Address address : saved.addresses) {
				assertThat(saved.addresses.contains(address)).isTrue();
			}
		});
	}

	@Test
	void keepsAssignedIds() {
		run((context) -> {
			JdbcAggregateTemplate template = context.getBean(JdbcAggregateTemplate.class);
			Purchase inserted = template
				.insert(new Purchase(7L, "mug", new Label("x"), List.of(new Line(8, "mug", Set.of())), Map.of()));
			assertThat(inserted.id()).isEqualTo(7);
			assertThat(inserted.lines().get(0).id()).isEqualTo(8);
			assertThat(template.save(new Imported(9L, true)).getId()).isEqualTo(9);
			assertThat(template.save(new Imported(null, true)).getId())
				.isGreaterThanOrEqualTo(CountingGenerators.FIRST);
			assertThat(template.count(Imported.class)).isEqualTo(2);
		});
	}

	/** Else it could not log the id, or derive something from it. */
	@Test
	void runsBeforeCallbacksOfTheApplication() {
		this.runner.withUserConfiguration(Repositories.class, SeeingCallback.class)
			.run((context) -> prepared(context).getBean(Purchases.class)
				.save(new Purchase(null, "mug", new Label(null), List.of(), Map.of())));
		assertThat(SeeingCallback.seen).isGreaterThanOrEqualTo(CountingGenerators.FIRST);
	}

	@ParameterizedTest
	@MethodSource
	void refusesAtStartWhatCannotWork(Class<?> repositories, String message) {
		this.runner.withUserConfiguration(repositories).run((context) -> {
			assertThat(context).getFailure()
				.isInstanceOf(InvalidAnnotationException.class)
				.hasMessageContaining("@Snowflake on " + DataJdbcIdsTests.class.getName() + "$" + message);
		});
	}

	static Stream<Arguments> refusesAtStartWhatCannotWork() {
		return Stream.of(
				arguments(NarrowRepositories.class,
						"NarrowChild.id can't work, as it is of type int, which can't hold an id."),
				arguments(UnknownRepositories.class,
						"Unknown.id can't work, as it names the generator 'nobody', but there is none of this name."));
	}

	private void run(Consumer<ApplicationContext> test) {
		this.runner.withUserConfiguration(Repositories.class).run((context) -> {
			assertThat(context).hasNotFailed();
			test.accept(prepared(context));
		});
	}

	private static ApplicationContext prepared(ApplicationContext context) {
		Stream.of(SCHEMA).forEach(context.getBean(JdbcTemplate.class)::execute);
		return context;
	}

	@Configuration(proxyBeanMethods = false)
	static class Generators {

		@Bean
		LongIdGenerators generators() {
			return GENERATORS;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableJdbcRepositories(considerNestedRepositories = true,
			excludeFilters = @Filter(type = FilterType.REGEX, pattern = ".*(Narrows|Unknowns)"))
	static class Repositories {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableJdbcRepositories(considerNestedRepositories = true,
			excludeFilters = @Filter(type = FilterType.REGEX, pattern = ".*(Purchases|Unknowns)"))
	static class NarrowRepositories {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableJdbcRepositories(considerNestedRepositories = true,
			excludeFilters = @Filter(type = FilterType.REGEX, pattern = ".*(Narrows|Purchases)"))
	static class UnknownRepositories {

	}

	static class SeeingCallback implements BeforeConvertCallback<Purchase> {

		private static long seen;

		@Override
		public Purchase onBeforeConvert(Purchase purchase) {
			seen = purchase.id();
			return purchase;
		}

	}

	interface Purchases extends CrudRepository<Purchase, Long> {

	}

	interface Narrows extends CrudRepository<Narrow, Long> {

	}

	interface Unknowns extends CrudRepository<Unknown, Long> {

	}

	record Purchase(@Id @Snowflake("orders") Long id, String sku, @Embedded.Empty Label label, List<Line> lines,
			Map<String, Note> notes) {
	}

	record Label(@Snowflake("orders") String number) {
	}

	record Line(@Id @Snowflake("lines") long id, String sku, Set<Part> parts) {
	}

	record Part(@Id @Snowflake String id) {
	}

	record Note(@Id @Snowflake Long id, String text) {
	}

	static class Person {

		@Id
		@Snowflake
		String id;

		String name;

	}

	static class Customer extends Person {

		Set<Address> addresses = new HashSet<>();

	}

	static class Address {

		@Id
		@Snowflake("lines")
		long id;

		String street;

		Address(String street) {
			this.street = street;
		}

		@Override
		public boolean equals(Object other) {
			return other instanceof Address address && address.id == this.id && address.street.equals(this.street);
		}

		@Override
		public int hashCode() {
			return Long.hashCode(this.id) + this.street.hashCode();
		}

	}

	static class Imported implements Persistable<Long> {

		@Id
		@Snowflake
		private Long id;

		@Transient
		private final boolean isNew;

		@PersistenceCreator
		Imported(Long id) {
			this(id, false);
		}

		Imported(Long id, boolean isNew) {
			this.id = id;
			this.isNew = isNew;
		}

		@Override
		public Long getId() {
			return this.id;
		}

		@Override
		public boolean isNew() {
			return this.isNew;
		}

	}

	record Narrow(@Id @Snowflake Long id, Set<NarrowChild> children) {
	}

	record NarrowChild(@Id @Snowflake int id) {
	}

	record Unknown(@Id @Snowflake("nobody") Long id) {
	}

}
