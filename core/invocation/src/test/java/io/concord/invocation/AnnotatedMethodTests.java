package io.concord.invocation;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.ConnectableFlux;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class AnnotatedMethodTests {

	@ParameterizedTest
	@ValueSource(strings = { "future", "futureTask", "publisher", "connectable" })
	void refusesOtherTypesThatReturnBeforeTheWorkIsDone(String method) {
		assertThatExceptionOfType(InvalidAnnotationException.class)
			.isThrownBy(() -> ReturnKind.of(Places.of(Bean.class, method), "it would end too early"))
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
			.isThrownBy(() -> ReturnKind.of(place, "it would end too early"));
	}

	@ParameterizedTest
	@CsvSource({ "completionStage, STAGE", "completableFuture, STAGE", "mono, MONO", "flux, FLUX", "text, VALUE" })
	void tellsHowAMethodReturns(String method, ReturnKind kind) {
		assertThat(ReturnKind.of(Places.of(Bean.class, method), "it would end too early")).isEqualTo(kind);
	}

	interface Bean {

		Future<String> future();

		CompletionStage<String> completionStage();

		CompletableFuture<String> completableFuture();

		Mono<String> mono();

		Flux<String> flux();

		Flow.Publisher<String> publisher();

		FutureTask<String> futureTask();

		ConnectableFlux<String> connectable();

		String text();

	}

	interface Generic<T> {

		T get();

	}

	interface OfFuture extends Generic<Future<String>> {

	}

}
