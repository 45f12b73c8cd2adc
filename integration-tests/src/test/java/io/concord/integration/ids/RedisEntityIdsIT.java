package io.concord.integration.ids;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisRepositoriesAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.annotation.Id;
import org.springframework.data.redis.core.PartialUpdate;
import org.springframework.data.redis.core.RedisHash;
import org.springframework.data.redis.core.RedisKeyValueTemplate;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.repository.configuration.EnableRedisRepositories;
import org.springframework.data.repository.CrudRepository;

import io.concord.autoconfigure.idgen.IdgenEntityAutoConfiguration;
import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.Snowflake;
import io.concord.idgen.entity.CountingGenerators;
import io.concord.test.redis.RedisServer;
import io.concord.test.redis.RedisServerTest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * {@link Snowflake} on entities of Spring Data Redis, which would make up random ids.
 */
@RedisServerTest
class RedisEntityIdsIT {

	private final ApplicationContextRunner runner;

	RedisEntityIdsIT(RedisServer server) {
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(IdgenEntityAutoConfiguration.class,
					DataRedisAutoConfiguration.class, DataRedisRepositoriesAutoConfiguration.class))
			.withUserConfiguration(Repositories.class)
			.withBean(LongIdGenerators.class, () -> new CountingGenerators("default", "carts"))
			.withPropertyValues("spring.data.redis.url=" + server.url());
	}

	@Test
	void givesIdsToRecordsAndWhatTheyContain() {
		run((context) -> {
			Carts carts = context.getBean(Carts.class);
			Cart saved = carts.save(new Cart(null, null, List.of(new Item(0, "mug"))));
			assertThat(saved.id()).isGreaterThanOrEqualTo(CountingGenerators.FIRST);
			assertThat(saved.code()).startsWith("carts-");
			assertThat(saved.items().get(0).number()).isGreaterThanOrEqualTo(CountingGenerators.FIRST);
			assertThat(carts.findById(saved.id())).contains(saved);
			assertThat(context.getBean(StringRedisTemplate.class).hasKey("ids-cart:" + saved.id())).isTrue();
		});
	}

	@Test
	void givesIdsToClassesWithInheritedOnes() {
		run((context) -> {
			Note note = new Note();
			note.text = "with love";
			assertThat(context.getBean(RedisKeyValueTemplate.class).insert(note)).isSameAs(note);
			assertThat(note.id).startsWith("default-");
			assertThat(context.getBean(RedisKeyValueTemplate.class).findById(note.id, Note.class)).get()
				.extracting((found) -> found.text)
				.isEqualTo("with love");
		});
	}

	@Test
	void keepsAssignedIds() {
		run((context) -> {
			Carts carts = context.getBean(Carts.class);
			assertThat(carts.save(new Cart(7L, "A7", List.of())).id()).isEqualTo(7);
			assertThat(carts.save(new Cart(7L, "B7", List.of(new Item(0, "mug")))).items().get(0).number())
				.isGreaterThanOrEqualTo(CountingGenerators.FIRST);
			assertThat(carts.findById(7L)).get().extracting(Cart::code).isEqualTo("B7");
			RedisKeyValueTemplate template = context.getBean(RedisKeyValueTemplate.class);
			Note note = new Note();
			template.insert("mine", note);
			assertThat(template.findById("mine", Note.class)).isPresent();
			assertThat(note.id).isNotEqualTo("default-" + CountingGenerators.FIRST);
		});
	}

	@Test
	void updatesInPartAndRefusesUpdatesWithoutId() {
		run((context) -> {
			RedisKeyValueTemplate template = context.getBean(RedisKeyValueTemplate.class);
			Note note = template.insert(new Note());
			template.update(PartialUpdate.newPartialUpdate(note.id, Note.class).set("text", "new"));
			assertThat(template.findById(note.id, Note.class)).get().extracting((found) -> found.text).isEqualTo("new");
			assertThatException().isThrownBy(() -> template.update(new Note()));
		});
	}

	private void run(Consumer<ApplicationContext> test) {
		this.runner.run((context) -> {
			assertThat(context).hasNotFailed();
			StringRedisTemplate redis = context.getBean(StringRedisTemplate.class);
			try {
				test.accept(context);
			}
			finally {
				redis.delete(Set.copyOf(redis.keys("ids-*")));
			}
		});
	}

	@Configuration(proxyBeanMethods = false)
	@EnableRedisRepositories(considerNestedRepositories = true)
	static class Repositories {

	}

	interface Carts extends CrudRepository<Cart, Long> {

	}

	@RedisHash("ids-cart")
	record Cart(@Id @Snowflake("carts") Long id, @Snowflake("carts") String code, List<Item> items) {
	}

	record Item(@Snowflake long number, String sku) {
	}

	static class Document {

		@Id
		@Snowflake
		String id;

	}

	@RedisHash("ids-note")
	static class Note extends Document {

		String text;

	}

}
