package io.concord.autoconfigure.idgen;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import io.concord.idgen.Snowflake;
import io.concord.idgen.entity.CountingGenerators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class IdJacksonModuleTests {

	private static final long ID = CountingGenerators.FIRST;

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(IdgenEntityAutoConfiguration.class, JacksonAutoConfiguration.class));

	private final JsonMapper mapper = JsonMapper.builder()
		.disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
		.addModule(new IdJacksonModule())
		.build();

	@Test
	void writesIdsAsStringsAndOtherNumbersAsNumbers() {
		assertThat(this.mapper.writeValueAsString(new Line(ID, ID, ID, "A7", 5)))
			.isEqualTo("{\"id\":\"%d\",\"order\":\"%d\",\"other\":%d,\"code\":\"A7\",\"count\":5}", ID, ID, ID);
		assertThat(this.mapper.writeValueAsString(new Line(ID, null, ID, null, 5))).contains("\"order\":null");
		Bean bean = new Bean();
		bean.id = ID;
		bean.key = ID;
		assertThat(this.mapper.readTree(this.mapper.writeValueAsString(bean)))
			.isEqualTo(this.mapper.readTree("{\"id\":\"" + ID + "\",\"key\":\"" + ID + "\"}"));
	}

	@Test
	void readsIdsFromStringsAndNumbers() {
		assertThat(this.mapper.readValue("{\"id\":\"%d\",\"order\":\"7\"}".formatted(ID), Line.class))
			.isEqualTo(new Line(ID, 7L, 0, null, 0));
		assertThat(this.mapper.readValue("{\"id\":%d,\"order\":7}".formatted(ID), Line.class))
			.isEqualTo(new Line(ID, 7L, 0, null, 0));
		assertThat(this.mapper.readValue("{\"id\":\"%d\",\"key\":\"%d\"}".formatted(ID, ID), Bean.class))
			.satisfies((bean) -> assertThat(bean.id).isEqualTo(ID))
			.satisfies((bean) -> assertThat(bean.key).isEqualTo(ID));
		assertThat(this.mapper.readValue("{\"order\":null}", Line.class).order()).isNull();
	}

	@Test
	void readsIdsWhereOtherStringsAreNoNumbers() {
		JsonMapper strict = JsonMapper.builder()
			.disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
			.disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
			.addModule(new IdJacksonModule())
			.build();
		assertThat(strict.readValue("{\"id\":\"7\"}", Line.class).id()).isEqualTo(7);
		assertThatExceptionOfType(JacksonException.class)
			.isThrownBy(() -> strict.readValue("{\"other\":\"7\"}", Line.class));
	}

	@Test
	void refusesWhatIsNoId() {
		assertThatExceptionOfType(JacksonException.class)
			.isThrownBy(() -> this.mapper.readValue("{\"id\":\"seven\"}", Line.class))
			.withMessageContaining("not an id");
	}

	@Test
	void writesNumbersByDefault() {
		this.runner.run((context) -> assertThat(
				context.getBean(JsonMapper.class).writeValueAsString(new Line(ID, ID, ID, "A7", 5)))
			.contains("\"id\":" + ID));
	}

	@Test
	void writesStringsOnRequest() {
		this.runner.withPropertyValues("concord.idgen.json-as-string=true")
			.run((context) -> assertThat(
					context.getBean(JsonMapper.class).writeValueAsString(new Line(ID, ID, ID, "A7", 5)))
				.contains("\"id\":\"" + ID + "\"")
				.contains("\"other\":" + ID));
	}

	record Line(@Snowflake long id, @Snowflake("orders") @Nullable Long order, long other,
			@Snowflake @Nullable String code, int count) {
	}

	@Snowflake("orders")
	@Retention(RetentionPolicy.RUNTIME)
	@interface OrderId {

	}

	static class Bean {

		@OrderId
		public long id;

		private @Nullable Long key;

		@Snowflake
		public @Nullable Long getKey() {
			return this.key;
		}

		public void setKey(@Nullable Long key) {
			this.key = key;
		}

	}

}
