package io.concord.invocation;

import java.net.URI;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Currency;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class KeyExpressionTests {

	private static final String PLACE = "@Guarded on " + Bean.class.getName() + ".place(Order, Object, Hidden)";

	private final AnnotatedMethod<Guarded> place = Places.of(Bean.class, "place");

	private final Order order = new Order("apple", new Customer("ann"), Map.of("id", 7),
			List.of(new Customer("bea"), new Customer("cid")));

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
			#order.sku                                | apple
			#p0.sku                                   | apple
			#a0.sku                                   | apple
			#order.customer.name                      | ann
			#order.sku + '/' + #order.customer.name   | apple/ann
			#order.labels['id']                       | 7
			#order.others[1].name                     | cid
			#order.others.?[name == 'bea'][0].name    | bea
			#order.others.?[#this.name == 'bea'][0].name | bea
			#extra ?: 'none'                          | none
			#extra?.name ?: #order.sku                | apple
			'fixed'                                   | fixed
			#order.customer.name == 'ann' ? 1 : 2     | 1
			""")
	void readsPropertiesOfArguments(String expression, String expected) {
		assertThat(parse(expression).evaluate(arguments(null))).isEqualTo(expected);
	}

	@Test
	void readsBeanProperties() {
		assertThat(parse("#extra.name").evaluate(arguments(new Customer("dan")))).isEqualTo("dan");
	}

	@ParameterizedTest
	@MethodSource("values")
	void takesValuesThatReadTheSameEverywhere(Object value, String expected) {
		assertThat(parse("#extra").evaluate(arguments(value))).isEqualTo(expected);
	}

	static Stream<Arguments> values() {
		UUID uuid = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");
		return Stream.of(Arguments.of("text", "text"), Arguments.of(new StringBuilder("text"), "text"),
				Arguments.of('c', "c"), Arguments.of(42L, "42"), Arguments.of(true, "true"),
				Arguments.of(Colour.RED, "RED"), Arguments.of(uuid, uuid.toString()),
				Arguments.of(LocalDate.of(2026, 11, 24), "2026-11-24"), Arguments.of(Duration.ofSeconds(2), "PT2S"),
				Arguments.of(ZoneId.of("Europe/Paris"), "Europe/Paris"), Arguments.of(Locale.UK, "en_GB"),
				Arguments.of(URI.create("urn:x"), "urn:x"), Arguments.of(Currency.getInstance("EUR"), "EUR"));
	}

	@ParameterizedTest
	@MethodSource("refusedValues")
	void refusesValuesWhoseTextDiffersBetweenProcesses(Object value) {
		assertThatExceptionOfType(InvalidKeyException.class)
			.isThrownBy(() -> parse("#extra").evaluate(arguments(value)))
			.withMessageStartingWith("Key '#extra' of " + PLACE + " is a " + value.getClass().getName())
			.withMessageContaining("Use one of its properties");
	}

	static Stream<Object> refusedValues() {
		return Stream.of(new Object(), new Customer("ann"), List.of("a"), new int[] { 1 }, new Date(0), String.class);
	}

	@Test
	void refusesNullKeyNamingPlaceAndRemedy() {
		assertThatExceptionOfType(InvalidKeyException.class).isThrownBy(() -> parse("#extra").evaluate(arguments(null)))
			.withMessageStartingWith("Key '#extra' of " + PLACE + " is null.")
			.withMessageContaining("Pass an argument that has a value");
	}

	@Test
	void refusesEmptyKeyNamingPlaceAndRemedy() {
		assertThatExceptionOfType(InvalidKeyException.class).isThrownBy(() -> parse("#extra").evaluate(arguments("")))
			.withMessageStartingWith("Key '#extra' of " + PLACE + " is empty.")
			.withMessageContaining("Pass an argument that has a value");
	}

	@Test
	void refusesNullOnTheWayNamingPlaceAndRemedy() {
		assertThatExceptionOfType(InvalidKeyException.class)
			.isThrownBy(() -> parse("#extra.name").evaluate(arguments(null)))
			.withMessageStartingWith("Key '#extra.name' of " + PLACE + " could not be evaluated: ")
			.withMessageContaining("Check the arguments of the call for null");
	}

	@ParameterizedTest
	@ValueSource(strings = { "#order.", "#order.sku +", "'open", "#{order}", "" })
	void refusesMalformedExpression(String expression) {
		assertThatExceptionOfType(InvalidAnnotationException.class).isThrownBy(() -> parse(expression))
			.withMessageStartingWith(PLACE + " has a malformed key '" + expression + "': ")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("#order.id"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "#ordr.sku", "#p3", "#a3", "#root", "#this", "#order.sku + #typo",
			"#order.others.?[name == #typo]" })
	void findsUnknownVariableAtStart(String expression) {
		assertThatExceptionOfType(InvalidAnnotationException.class).isThrownBy(() -> parse(expression))
			.withMessageStartingWith(PLACE + " has a key '" + expression + "' that refers to '#")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("#order").doesNotContain("-parameters"));
	}

	@Test
	void findsForgottenHashAtStart() {
		assertThatExceptionOfType(InvalidAnnotationException.class).isThrownBy(() -> parse("order.sku"))
			.withMessageContaining("refers to 'order', which is not a variable")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("'#order'"));
	}

	@Test
	void hidesParametersThatTheFeatureFills() {
		assertThatExceptionOfType(InvalidAnnotationException.class).isThrownBy(() -> parse("#hidden"));
		assertThatExceptionOfType(InvalidAnnotationException.class).isThrownBy(() -> parse("#p2"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "#order.sku.length()", "T(java.lang.Runtime)", "T(java.lang.Runtime).getRuntime()",
			"new String('a')", "@bean", "@bean.name", "#order.sku = 'b'", "#p0 = 1", "#order.count++", "#order(1)",
			"'a'.concat(#order.sku)" })
	void refusesEverythingButReadingAtStart(String expression) {
		assertThatExceptionOfType(InvalidAnnotationException.class).isThrownBy(() -> parse(expression))
			.withMessageContaining("that uses '")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("only read properties"));
	}

	@Test
	void refusesOverlongExpression() {
		assertThatExceptionOfType(InvalidAnnotationException.class)
			.isThrownBy(() -> parse("'" + "a".repeat(KeyExpression.MAX_LENGTH) + "'"))
			.withMessageContaining("has a key of 1002 characters");
	}

	@Test
	void asksForParameterNamesOrIndexIfTheClassFileHasNone() throws Exception {
		AnnotatedMethod<Guarded> nameless = new AnnotatedMethod<>(Function.class.getMethod("apply", Object.class),
				Function.class, this.place.annotation(), null);
		assertThat(KeyExpression.parse(nameless, "#p0", Set.of()).evaluate(new Object[] { "a" })).isEqualTo("a");
		assertThatExceptionOfType(InvalidAnnotationException.class)
			.isThrownBy(() -> KeyExpression.parse(nameless, "#order", Set.of()))
			.satisfies((ex) -> assertThat(ex.getAction()).contains("-parameters").contains("#p0"));
	}

	@Test
	void knowsParametersByTheNamesOfTheAnnotatedMethodToo() throws Exception {
		AnnotatedMethod<Guarded> implemented = new AnnotatedMethod<>(Impl.class.getMethod("run", String.class),
				Impl.class, this.place.annotation(), Api.class.getMethod("run", String.class));
		assertThat(KeyExpression.parse(implemented, "#inApi", Set.of()).evaluate(new Object[] { "a" })).isEqualTo("a");
		assertThat(KeyExpression.parse(implemented, "#inImpl", Set.of()).evaluate(new Object[] { "a" })).isEqualTo("a");
	}

	private KeyExpression parse(String expression) {
		return KeyExpression.parse(this.place, expression, Set.of(Hidden.class));
	}

	private @Nullable Object[] arguments(@Nullable Object extra) {
		return new @Nullable Object[] { this.order, extra, null };
	}

	static class Bean {

		void place(Order order, Object extra, Hidden hidden) {
		}

	}

	public record Order(String sku, Customer customer, Map<String, Integer> labels, List<Customer> others) {
	}

	public static class Customer {

		private final String name;

		Customer(String name) {
			this.name = name;
		}

		public String getName() {
			return this.name;
		}

	}

	interface Hidden {

	}

	interface Api {

		void run(String inApi);

	}

	static class Impl implements Api {

		@Override
		public void run(String inImpl) {
		}

	}

	enum Colour {

		RED {
			@Override
			public String toString() {
				return "red!";
			}
		}

	}

}
