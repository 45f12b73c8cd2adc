package io.concord.invocation;

import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.ProxyMethodInvocation;

import io.concord.ConcordException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

class OtherwiseActionTests {

	private final Rejected rejection = new Rejected();

	@Test
	void throwsTheRejection() {
		OtherwiseAction action = action("text", Otherwise.THROW, "");
		assertThatException().isThrownBy(() -> apply(action)).isSameAs(this.rejection);
	}

	@Test
	void skipReturnsNullOrEmptyOptional() throws Throwable {
		assertThat(apply(action("text", Otherwise.SKIP, ""))).isNull();
		assertThat(apply(action("nothing", Otherwise.SKIP, ""))).isNull();
		assertThat(apply(action("optional", Otherwise.SKIP, ""))).isEqualTo(Optional.empty());
	}

	@Test
	void refusesSkipOfMethodThatReturnsPrimitive() {
		assertThatExceptionOfType(InvalidAnnotationException.class)
			.isThrownBy(() -> action("number", Otherwise.SKIP, ""))
			.withMessageContaining("Bean.number() has otherwise = SKIP, but the method returns int")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("Integer"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "same", "withRejection", "withRoot", "inherited", "inDefaultMethod", "ofClass" })
	void runsFallbackWithSameArguments(String fallback) throws Throwable {
		assertThat(apply(action("text", Otherwise.FALLBACK, fallback), "a", 1)).isEqualTo(fallback + " a1");
	}

	@Test
	void passesTheRejectionToFallback() throws Throwable {
		Bean bean = new Bean();
		action("text", Otherwise.FALLBACK, "withRejection").apply(invocation(bean, "a", 1), this.rejection);
		assertThat(bean.rejection).isSameAs(this.rejection);
	}

	@Test
	void prefersOverloadThatTakesTheRejection() throws Throwable {
		assertThat(apply(action("text", Otherwise.FALLBACK, "overloaded"), "a", 1)).isEqualTo("with rejection");
	}

	@Test
	void throwsWhatFallbackThrows() {
		OtherwiseAction action = action("text", Otherwise.FALLBACK, "failing");
		assertThatExceptionOfType(IllegalCallerException.class).isThrownBy(() -> apply(action, "a", 1));
	}

	@Test
	void findsFallbackOfGenericMethod() throws Throwable {
		AnnotatedMethod<Guarded> place = Places.of(TextHandler.class, "handle");
		OtherwiseAction action = OtherwiseAction.of(place, Otherwise.FALLBACK, "instead", Rejected.class);
		assertThat(action.apply(invocation(new TextHandler(), "a"), this.rejection)).isEqualTo("instead of a");
	}

	@Test
	void refusesMissingFallback() {
		assertThatExceptionOfType(InvalidAnnotationException.class)
			.isThrownBy(() -> action("text", Otherwise.FALLBACK, "nowhere"))
			.withMessage("@Guarded on " + Bean.class.getName()
					+ ".text(String, int) names a fallback 'nowhere' that does not exist.")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("Add a method nowhere(String, int)")
				.contains(Bean.class.getName()));
	}

	@ParameterizedTest
	@ValueSource(strings = { "fewer", "otherTypes", "otherLast", "anyThrowable", "text" })
	void refusesFallbackWithOtherParameters(String fallback) {
		assertThatExceptionOfType(InvalidAnnotationException.class)
			.isThrownBy(() -> action("text", Otherwise.FALLBACK, fallback))
			.withMessageContaining(Bean.class.getName() + ".text(String, int) names a fallback '" + fallback + "'")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("same parameters").contains("Rejected"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "returnsObject", "returnsNothing" })
	void refusesFallbackWithOtherReturnType(String fallback) {
		assertThatExceptionOfType(InvalidAnnotationException.class)
			.isThrownBy(() -> action("text", Otherwise.FALLBACK, fallback))
			.withMessageContaining("where the method returns String")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("return String"));
	}

	@Test
	void refusesFallbackWithoutName() {
		assertThatExceptionOfType(InvalidAnnotationException.class)
			.isThrownBy(() -> action("text", Otherwise.FALLBACK, ""))
			.withMessageContaining("has otherwise = FALLBACK but names no fallback")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("fallback ="));
	}

	@ParameterizedTest
	@EnumSource(names = "FALLBACK", mode = EnumSource.Mode.EXCLUDE)
	void refusesNameOfFallbackThatIsNotUsed(Otherwise otherwise) {
		assertThatExceptionOfType(InvalidAnnotationException.class).isThrownBy(() -> action("text", otherwise, "same"))
			.withMessageContaining("names a fallback 'same' but has otherwise = " + otherwise)
			.satisfies((ex) -> assertThat(ex.getAction()).contains("otherwise = FALLBACK"));
	}

	private static OtherwiseAction action(String method, Otherwise otherwise, String fallback) {
		return OtherwiseAction.of(Places.of(Bean.class, method), otherwise, fallback, Rejected.class);
	}

	private @Nullable Object apply(OtherwiseAction action, Object... arguments) throws Throwable {
		return action.apply(invocation(new Bean(), arguments), this.rejection);
	}

	private static ProxyMethodInvocation invocation(Object target, Object... arguments) {
		ProxyMethodInvocation invocation = mock();
		given(invocation.getThis()).willReturn(target);
		given(invocation.getArguments()).willReturn(arguments);
		return invocation;
	}

	@SuppressWarnings("serial")
	static class Rejected extends ConcordException {

		Rejected() {
			super("not let through");
		}

	}

	interface WithDefault {

		default String inDefaultMethod(String text, int number) {
			return "inDefaultMethod " + text + number;
		}

	}

	static class Parent {

		protected String inherited(String text, int number) {
			return "inherited " + text + number;
		}

	}

	@SuppressWarnings("unused")
	static class Bean extends Parent implements WithDefault {

		private @Nullable ConcordException rejection;

		String text(String text, int number) {
			return "text";
		}

		void nothing() {
		}

		Optional<String> optional() {
			return Optional.of("value");
		}

		int number() {
			return 1;
		}

		private String same(String text, int number) {
			return "same " + text + number;
		}

		String withRejection(String text, int number, Rejected rejection) {
			this.rejection = rejection;
			return "withRejection " + text + number;
		}

		String withRoot(String text, int number, ConcordException rejection) {
			return "withRoot " + text + number;
		}

		static String ofClass(String text, int number) {
			return "ofClass " + text + number;
		}

		String overloaded(String text, int number) {
			return "without";
		}

		String overloaded(String text, int number, Rejected rejection) {
			return "with rejection";
		}

		String failing(String text, int number) {
			throw new IllegalCallerException();
		}

		String fewer(String text) {
			return "";
		}

		String otherTypes(String text, long number) {
			return "";
		}

		String otherLast(String text, int number, String rejection) {
			return "";
		}

		String anyThrowable(String text, int number, Throwable rejection) {
			return "";
		}

		Object returnsObject(String text, int number) {
			return "";
		}

		void returnsNothing(String text, int number) {
		}

	}

	abstract static class Handler<T> {

		protected String instead(T value) {
			return "instead of " + value;
		}

		abstract String handle(T value);

	}

	static class TextHandler extends Handler<String> {

		@Override
		String handle(String value) {
			return value;
		}

	}

}
