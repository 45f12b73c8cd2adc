package io.concord.invocation;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

class AnnotatedMethodTests {

	@ParameterizedTest
	@ValueSource(strings = { "future", "completionStage", "completableFuture", "mono", "flux", "publisher" })
	void refusesTypesThatReturnBeforeTheWorkIsDone(String method) {
		assertThatExceptionOfType(InvalidAnnotationException.class)
			.isThrownBy(() -> Places.of(Bean.class, method).requireSynchronous("it would end too early"))
			.withMessageStartingWith("@Guarded on " + Bean.class.getName() + "." + method + "()")
			.withMessageEndingWith("it would end too early.")
			.satisfies((ex) -> assertThat(ex.getAction()).isNotEmpty())
			.satisfies((ex) -> assertThat(ex).asString().endsWith(ex.getAction()));
	}

	@Test
	void refusesFutureThatIsATypeArgument() throws Exception {
		AnnotatedMethod<Guarded> place = new AnnotatedMethod<>(Generic.class.getDeclaredMethod("get"), OfFuture.class,
				Places.of(Bean.class, "text").annotation(), null);
		assertThatExceptionOfType(InvalidAnnotationException.class)
			.isThrownBy(() -> place.requireSynchronous("it would end too early"));
	}

	@Test
	void takesOtherTypes() {
		assertThatNoException()
			.isThrownBy(() -> Places.of(Bean.class, "text").requireSynchronous("it would end too early"));
	}

	interface Bean {

		Future<String> future();

		CompletionStage<String> completionStage();

		CompletableFuture<String> completableFuture();

		Mono<String> mono();

		Flux<String> flux();

		Flow.Publisher<String> publisher();

		String text();

	}

	interface Generic<T> {

		T get();

	}

	interface OfFuture extends Generic<Future<String>> {

	}

}
