package io.concord.idgen.entity;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import io.concord.idgen.Snowflake;
import io.concord.invocation.InvalidAnnotationException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class EntityIdsTests {

	private final CountingGenerators generators = new CountingGenerators("default", "orders");

	private final EntityIds ids = new EntityIds(this.generators);

	@Test
	void fillsFieldsInheritedOnesToo() {
		Order order = new Order();
		assertThat(this.ids.assign(order)).isSameAs(order);
		assertThat(order.id).isEqualTo(CountingGenerators.FIRST + 1);
		assertThat(order.number).isEqualTo("orders-" + CountingGenerators.FIRST);
		assertThat(order.plain).isNull();
	}

	@Test
	void copiesRecordsThatLackIds() {
		Line line = new Line(0, null, "mug");
		Line assigned = this.ids.assign(line);
		assertThat(assigned)
			.isEqualTo(new Line(CountingGenerators.FIRST, "default-" + (CountingGenerators.FIRST + 1), "mug"));
		assertThat(this.ids.assign(assigned)).isSameAs(assigned);
	}

	@Test
	void keepsAssignedIds() {
		Order order = new Order();
		order.id = 0L;
		order.number = "7";
		this.ids.assign(order);
		assertThat(order.id).isZero();
		assertThat(order.number).isEqualTo("7");
		assertThat(this.ids.assign(new Line(7, null, "mug")).id()).isEqualTo(7);
	}

	@Test
	void resolvesTypeVariables() {
		assertThat(this.ids.assign(new KeyedByLong()).key).isEqualTo(CountingGenerators.FIRST);
	}

	@Test
	void takesTheAnnotationFromGetters() {
		assertThat(this.ids.assign(new WithGetter()).id).isEqualTo(CountingGenerators.FIRST);
	}

	@Test
	void leavesOtherObjectsAlone() {
		assertThat(this.ids.assign("text")).isEqualTo("text");
		assertThat(this.generators.given()).isZero();
	}

	@Test
	void refusesWhatCannotHoldAnId() {
		assertRefused(new Narrow(), "Narrow.id", "is of type int", "Make it a long, a Long or a String.");
	}

	@Test
	void refusesUnknownGenerators() {
		assertRefused(new Unknown(), "Unknown.id", "names the generator 'nobody', but there is none of this name",
				"Use one of [default, orders], or configure it under 'concord.idgen.generators.nobody'.");
	}

	@Test
	void refusesFinalFields() {
		assertRefused(new Final(), "Final.id", "is final", "make the class a record");
	}

	private void assertRefused(Object entity, String place, String problem, String action) {
		assertThatExceptionOfType(InvalidAnnotationException.class).isThrownBy(() -> this.ids.assign(entity))
			.withMessageContaining("@Snowflake on " + EntityIdsTests.class.getName() + "$" + place)
			.withMessageContaining(problem)
			.satisfies((ex) -> assertThat(ex.getAction()).contains(action));
	}

	static class Document {

		@Snowflake
		@Nullable Long id;

	}

	static class Order extends Document {

		@Snowflake("orders")
		@Nullable String number;

		@Nullable Long plain;

	}

	record Line(@Snowflake("orders") long id, @Snowflake @Nullable String number, String name) {
	}

	static class Keyed<K> {

		@Snowflake
		@Nullable K key;

	}

	static class KeyedByLong extends Keyed<Long> {

	}

	static class WithGetter {

		@Nullable Long id;

		@Snowflake
		@Nullable Long getId() {
			return this.id;
		}

	}

	static class Narrow {

		@Snowflake
		int id;

	}

	static class Unknown {

		@Snowflake("nobody")
		long id;

	}

	static class Final {

		@Snowflake
		final @Nullable Long id = null;

	}

}
