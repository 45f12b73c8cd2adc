package io.concord.election;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;

import io.concord.invocation.InvalidAnnotationException;
import io.concord.invocation.Otherwise;
import io.concord.lease.LeaseEngine;
import io.concord.lease.local.LocalLeaseStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What fails at start-up, and that the failure names the place and the remedy.
 */
class InvalidLeaderOnlyTests {

	@ParameterizedTest(name = "{1}")
	@MethodSource
	void isRefusedAtStart(Object bean, String problem, String remedy) {
		LocalLeaseStore store = new LocalLeaseStore();
		try (LeaseEngine engine = LeaseEngine.builder(store).build();
				LeaderElections elections = LeaderElections.builder(() -> engine)
					.elections(List.of(new ElectionSettings("reports", ElectionSettings.DEFAULT_LEASE_TIME)))
					.build();
				AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			context.registerBean("postProcessor", LeaderOnlyBeanPostProcessor.class,
					() -> new LeaderOnlyBeanPostProcessor(() -> elections));
			context.registerBean("bean", Object.class, () -> bean);
			assertThatException().isThrownBy(context::refresh).satisfies((thrown) -> {
				Throwable failure = thrown;
				while (!(failure instanceof InvalidAnnotationException) && failure.getCause() != null) {
					failure = failure.getCause();
				}
				assertThat(failure).isInstanceOf(InvalidAnnotationException.class)
					.hasMessageContaining("@LeaderOnly on " + bean.getClass().getName())
					.hasMessageContaining(problem);
				assertThat(((InvalidAnnotationException) failure).getAction()).contains(remedy);
			});
		}
	}

	static Stream<Arguments> isRefusedAtStart() {
		return Stream.of(Arguments.of(new NoName(), "names no election", "Name it"),
				Arguments.of(new LongName(), "names an election that can't be", "1 to 200 characters"),
				Arguments.of(new OtherCase(), "names an election that can't be", "differ in upper and lower case"),
				Arguments.of(new UnsetPlaceholder(), "has a placeholder without a value in its value: '${not.set}'",
						"Set the property"),
				Arguments.of(new MissingFallback(), "names a fallback 'instead' that does not exist",
						"a NotLeaderException as a last one"),
				Arguments.of(new SkippedPrimitive(), "has otherwise = SKIP, but the method returns int", "Integer"),
				Arguments.of(new Private(), "the method is private", "Make the method public"),
				Arguments.of(new Asynchronous(), "the method returns a Future: nobody could tell when the work is done",
						"CompletableFuture"),
				Arguments.of(new InterruptedLater(), "has onRevoked = INTERRUPT, but the work of the method goes on",
						"plain value"),
				Arguments.of(new FencedLater(), "has fenced = true, but the method returns before its work is done",
						"by FencingGuard"),
				Arguments.of(new TwoLeaderships(), "more than one parameter of type Leadership", "Leave one"));
	}

	static class NoName {

		@LeaderOnly(" ")
		void run() {
		}

	}

	static class LongName {

		@LeaderOnly("0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
				+ "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789-")
		void run() {
		}

	}

	static class OtherCase {

		@LeaderOnly("Reports")
		void run() {
		}

	}

	static class UnsetPlaceholder {

		@LeaderOnly("${not.set}")
		void run() {
		}

	}

	static class MissingFallback {

		@LeaderOnly(value = "reports", otherwise = Otherwise.FALLBACK, fallback = "instead")
		String run(String report) {
			return report;
		}

	}

	static class SkippedPrimitive {

		@LeaderOnly("reports")
		int run() {
			return 1;
		}

	}

	static class Private {

		@LeaderOnly("reports")
		private void run() {
		}

		void callsIt() {
			run();
		}

	}

	static class Asynchronous {

		@LeaderOnly("reports")
		Future<String> run() {
			return new CompletableFuture<>();
		}

	}

	static class InterruptedLater {

		@LeaderOnly(value = "reports", onRevoked = OnRevoked.INTERRUPT)
		CompletableFuture<String> run() {
			return new CompletableFuture<>();
		}

	}

	static class FencedLater {

		@LeaderOnly(value = "reports", fenced = true)
		CompletableFuture<String> run() {
			return new CompletableFuture<>();
		}

	}

	static class TwoLeaderships {

		@LeaderOnly("reports")
		void run(@Nullable Leadership one, @Nullable Leadership other) {
		}

	}

}
