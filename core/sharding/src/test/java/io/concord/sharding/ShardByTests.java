package io.concord.sharding;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.BeanCreationException;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.annotation.AliasFor;

import io.concord.hashing.NoNodeException;
import io.concord.hashing.Node;
import io.concord.hashing.Partitioner;
import io.concord.hashing.Partitioners;
import io.concord.invocation.InvalidAnnotationException;
import io.concord.invocation.InvalidKeyException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ShardByTests {

	private static final Partitioner<String> PARTITIONER = Partitioners
		.mapping(Map.of("ann", "a", "bob", "b", "7", "b"), List.of(Node.of("a"), Node.of("b")));

	private Shardings shardings = new Shardings(Map.of("customers", PARTITIONER));

	private @Nullable AnnotationConfigApplicationContext context;

	@AfterEach
	void close() {
		if (this.context != null) {
			this.context.close();
		}
		this.shardings.close();
	}

	private <T> T bean(Class<T> type) {
		AnnotationConfigApplicationContext started = new AnnotationConfigApplicationContext();
		this.context = started;
		started.registerBean(ShardByBeanPostProcessor.class, () -> new ShardByBeanPostProcessor(() -> this.shardings));
		started.registerBean(Shardings.class, () -> this.shardings);
		started.registerBean(type);
		started.refresh();
		return started.getBean(type);
	}

	@Test
	void runsMethodOnTheShardOfItsKey() {
		Customers customers = bean(Customers.class);
		assertThat(customers.shardOf("ann")).isEqualTo("a");
		assertThat(customers.shardOf("bob")).isEqualTo("b");
		assertThat(customers.shardOf(new Customer(7))).isEqualTo("b");
		assertThat(customers.composed("bob")).isEqualTo("b");
		assertThat(customers.nothing("bob")).isNull();
		assertThat(this.shardings.get("customers").current()).isEmpty();
	}

	@Test
	void refusesCallsWithoutKeyOrShard() {
		Customers customers = bean(Customers.class);
		assertThatExceptionOfType(InvalidKeyException.class).isThrownBy(() -> customers.shardOf(new Customer(null)));
		assertThatExceptionOfType(NoNodeException.class).isThrownBy(() -> customers.shardOf("eve"));
	}

	@Test
	void choosesAmongSeveralShardingsByName() {
		this.shardings = new Shardings(Map.of("customers", PARTITIONER, "orders",
				Partitioners.mapping(Map.of("ann", "x"), List.of(Node.of("x")))));
		Named named = bean(Named.class);
		assertThat(named.shards("ann")).isEqualTo("a");
	}

	@ParameterizedTest
	@ValueSource(classes = { WithFuture.class, WithCompletableFuture.class })
	void refusesMethodsThatReturnBeforeTheirWorkIsDone(Class<?> type) {
		assertThat(refusal(type)).hasMessageContaining("@ShardBy on").hasMessageContaining("returns a ");
	}

	@Test
	void refusesAnnotationsThatCannotWork() {
		assertThat(refusal(WithoutKey.class)).hasMessageContaining("has no key");
		assertThat(refusal(WithUnknownSharding.class)).hasMessageContaining("names the sharding 'nobody'");
		assertThat(refusal(WithMethodCall.class)).hasMessageContaining("toString()");
		this.shardings = new Shardings(Map.of("customers", PARTITIONER, "orders", PARTITIONER));
		assertThat(refusal(Customers.class)).hasMessageContaining("does not say which sharding it means");
		this.shardings = new Shardings(Map.of());
		assertThat(refusal(Customers.class)).hasMessageContaining("none is configured");
	}

	private InvalidAnnotationException refusal(Class<?> type) {
		InvalidAnnotationException[] found = new InvalidAnnotationException[1];
		assertThatExceptionOfType(BeanCreationException.class).isThrownBy(() -> bean(type))
			.havingRootCause()
			.isInstanceOfSatisfying(InvalidAnnotationException.class, (ex) -> found[0] = ex);
		assertThat(found[0].getAction()).isNotBlank();
		return found[0];
	}

	record Customer(@Nullable Integer id) {

	}

	@Target(ElementType.METHOD)
	@Retention(RetentionPolicy.RUNTIME)
	@ShardBy
	@interface ByCustomer {

		@AliasFor(annotation = ShardBy.class, attribute = "key")
		String of();

	}

	static class Customers {

		private final Sharding sharding;

		Customers(Shardings shardings) {
			this.sharding = shardings.get("customers");
		}

		@ShardBy("#name")
		String shardOf(String name) {
			return this.sharding.requireCurrent();
		}

		@ShardBy(key = "#customer.id")
		String shardOf(Customer customer) {
			return this.sharding.requireCurrent();
		}

		@ByCustomer(of = "#p0")
		String composed(String name) {
			return this.sharding.requireCurrent();
		}

		@ShardBy("#name")
		@Nullable Object nothing(String name) {
			return null;
		}

	}

	static class Named {

		private final Sharding sharding;

		Named(Shardings shardings) {
			this.sharding = shardings.get("customers");
		}

		@ShardBy(key = "#name", sharding = "${unset:customers}")
		String shards(String name) {
			return this.sharding.requireCurrent();
		}

	}

	static class WithFuture {

		@ShardBy("#name")
		Future<String> later(String name) {
			return CompletableFuture.completedFuture(name);
		}

	}

	static class WithCompletableFuture {

		@ShardBy("#name")
		CompletableFuture<String> later(String name) {
			return CompletableFuture.completedFuture(name);
		}

	}

	static class WithoutKey {

		@ShardBy
		void now() {
		}

	}

	static class WithUnknownSharding {

		@ShardBy(key = "#name", sharding = "nobody")
		void now(String name) {
		}

	}

	static class WithMethodCall {

		@ShardBy("#name.toString()")
		void now(Object name) {
		}

	}

}
