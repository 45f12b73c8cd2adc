package io.concord.lock;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;

import io.concord.invocation.InvalidAnnotationException;
import io.concord.invocation.Otherwise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What fails at start-up, and that the failure names the place and the remedy.
 */
class InvalidDistributedLockTests {

	@ParameterizedTest(name = "{1}")
	@MethodSource
	void isRefusedAtStart(Object bean, String problem, String remedy) {
		assertRefused(bean, problem, remedy);
	}

	static Stream<Arguments> isRefusedAtStart() {
		return Stream.of(Arguments.of(new MalformedWait(), "has a malformed waitTime: 'soon'", "'2s'"),
				Arguments.of(new NegativeWait(), "has a negative waitTime: '-1s'", "positive"),
				Arguments.of(new WaitWithoutUnit(), "has a waitTime without a unit: '100'", "'100ms'"),
				Arguments.of(new MalformedLease(), "has a malformed leaseTime: '1 minute'", "'PT2S'"),
				Arguments.of(new ShortLease(),
						"has a leaseTime of 3999 ms, shorter than twice the store's time-out (4000 ms)",
						"at least 4000 ms"),
				Arguments.of(new NoLease(), "has a leaseTime of 0 ms", "at least 4000 ms"),
				Arguments.of(new MalformedKey(), "has a malformed key '#sku +'", "Correct the SpEL"),
				Arguments.of(new UnknownVariable(), "has a key '#sk' that refers to '#sk'", "#sku"),
				Arguments.of(new HeldLockInKey(), "has a key '#lock.name' that refers to '#lock'", "Known here"),
				Arguments.of(new LongName(), "has a name of 1025 characters", "at most 1024"),
				Arguments.of(new UnsetPlaceholder(), "has a placeholder without a value in its name: '${not.set}'",
						"Set the property"),
				Arguments.of(new MissingFallback(), "names a fallback 'instead' that does not exist",
						"Add a method instead(String)"),
				Arguments.of(new WrongFallback(), "names a fallback 'instead' whose parameters don't fit",
						"Add a method instead(String)"),
				Arguments.of(new WrongFallbackResult(), "names a fallback 'instead' that returns void",
						"return String"),
				Arguments.of(new UnusedFallback(), "names a fallback 'instead' but has otherwise = THROW",
						"otherwise = FALLBACK"),
				Arguments.of(new UnnamedFallback(), "has otherwise = FALLBACK but names no fallback", "fallback ="),
				Arguments.of(new SkippedPrimitive(), "has otherwise = SKIP, but the method returns boolean", "Boolean"),
				Arguments.of(new Private(), "the method is private", "Make the method public"),
				Arguments.of(new Static(), "the method is static", "instance method"),
				Arguments.of(new Final(), "the method is final", "Remove final"),
				Arguments.of(new Asynchronous(), "the method returns a Future: the lock would be released",
						"CompletableFuture"),
				Arguments.of(new InterruptedLater(), "has onLost = INTERRUPT, but the work of the method goes on",
						"plain value"),
				Arguments.of(new FencedLater(), "has fenced = true, but the method returns before its work is done",
						"by FencingGuard"),
				Arguments.of(new FencedLimit(), "has fenced = true and a limit of 2", "Leave out one"),
				Arguments.of(new NoLimit(), "has a limit of 0", "at least 1"),
				Arguments.of(new LimitedReaders(), "has a limit of 2 and mode = READ", "Leave out one"),
				Arguments.of(new MalformedMinHold(), "has a malformed minHold: 'ages'", "'2s'"),
				Arguments.of(new TwoLocks(), "more than one parameter of type HeldLock", "Leave one"));
	}

	@Test
	void failureComesWithTheBeanAndNotWithTheCall() {
		try (AnnotationConfigApplicationContext context = context()) {
			context.registerBean("lazy", MalformedWait.class, (definition) -> definition.setLazyInit(true));
			context.refresh();
			assertThatException().isThrownBy(() -> context.getBean("lazy"))
				.withRootCauseInstanceOf(IllegalArgumentException.class)
				.withMessageContaining("has a malformed waitTime: 'soon'");
		}
	}

	private static void assertRefused(Object bean, String problem, String remedy) {
		try (AnnotationConfigApplicationContext context = context()) {
			context.registerBean("bean", Object.class, (Supplier<Object>) () -> bean);
			assertThatException().isThrownBy(context::refresh).satisfies((thrown) -> {
				Throwable cause = thrown;
				while (!(cause instanceof InvalidAnnotationException) && cause.getCause() != null) {
					cause = cause.getCause();
				}
				assertThat(cause).isInstanceOf(InvalidAnnotationException.class)
					.hasMessageStartingWith("@DistributedLock on " + bean.getClass().getName() + ".run(")
					.hasMessageContaining(problem);
				assertThat(((InvalidAnnotationException) cause).getAction()).contains(remedy);
			});
		}
	}

	private static AnnotationConfigApplicationContext context() {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		context.registerBean(DistributedLockBeanPostProcessor.class, () -> new DistributedLockBeanPostProcessor(() -> {
			throw new AssertionError("No locks at start-up");
		}, LockSettings::defaults, () -> Duration.ofSeconds(4)));
		return context;
	}

	static class MalformedWait {

		@DistributedLock(waitTime = "soon")
		public void run() {
		}

	}

	static class NegativeWait {

		@DistributedLock(waitTime = "-1s")
		public void run() {
		}

	}

	static class WaitWithoutUnit {

		@DistributedLock(waitTime = "100")
		public void run() {
		}

	}

	static class MalformedLease {

		@DistributedLock(leaseTime = "1 minute")
		public void run() {
		}

	}

	static class ShortLease {

		@DistributedLock(leaseTime = "3999ms")
		public void run() {
		}

	}

	static class NoLease {

		@DistributedLock(leaseTime = "0")
		public void run() {
		}

	}

	static class MalformedKey {

		@DistributedLock(key = "#sku +")
		public void run(String sku) {
		}

	}

	static class UnknownVariable {

		@DistributedLock(key = "#sk")
		public void run(String sku) {
		}

	}

	static class HeldLockInKey {

		@DistributedLock(key = "#lock.name")
		public void run(String sku, HeldLock lock) {
		}

	}

	static class LongName {

		private static final String FIFTY = "12345678901234567890123456789012345678901234567890";

		private static final String FIVE_HUNDRED = FIFTY + FIFTY + FIFTY + FIFTY + FIFTY + FIFTY + FIFTY + FIFTY + FIFTY
				+ FIFTY;

		@DistributedLock(name = FIVE_HUNDRED + FIVE_HUNDRED + "1234567890123456789012345")
		public void run() {
		}

	}

	static class UnsetPlaceholder {

		@DistributedLock(name = "${not.set}")
		public void run() {
		}

	}

	static class MissingFallback {

		@DistributedLock(otherwise = Otherwise.FALLBACK, fallback = "instead")
		public void run(String sku) {
		}

	}

	static class WrongFallback {

		@DistributedLock(otherwise = Otherwise.FALLBACK, fallback = "instead")
		public void run(String sku) {
		}

		void instead(int number) {
		}

	}

	static class WrongFallbackResult {

		@DistributedLock(otherwise = Otherwise.FALLBACK, fallback = "instead")
		public String run(String sku) {
			return sku;
		}

		void instead(String sku) {
		}

	}

	static class UnusedFallback {

		@DistributedLock(fallback = "instead")
		public void run(String sku) {
		}

		void instead(String sku) {
		}

	}

	static class UnnamedFallback {

		@DistributedLock(otherwise = Otherwise.FALLBACK)
		public void run(String sku) {
		}

	}

	static class SkippedPrimitive {

		@DistributedLock(otherwise = Otherwise.SKIP)
		public boolean run() {
			return true;
		}

	}

	static class Private {

		@DistributedLock
		private void run() {
		}

	}

	static class Static {

		@DistributedLock
		public static void run() {
		}

	}

	static class Final {

		@DistributedLock
		public final void run() {
		}

	}

	static class Asynchronous {

		@DistributedLock
		public Future<String> run() {
			return new CompletableFuture<>();
		}

	}

	static class InterruptedLater {

		@DistributedLock(onLost = OnLost.INTERRUPT)
		public CompletableFuture<String> run() {
			return CompletableFuture.completedFuture("done");
		}

	}

	static class FencedLater {

		@DistributedLock(fenced = true)
		public CompletableFuture<String> run() {
			return CompletableFuture.completedFuture("done");
		}

	}

	static class FencedLimit {

		@DistributedLock(fenced = true, limit = 2)
		public void run() {
		}

	}

	static class NoLimit {

		@DistributedLock(limit = 0)
		public void run() {
		}

	}

	static class LimitedReaders {

		@DistributedLock(limit = 2, mode = LockMode.READ)
		public void run() {
		}

	}

	static class MalformedMinHold {

		@DistributedLock(minHold = "ages")
		public void run() {
		}

	}

	static class TwoLocks {

		@DistributedLock
		public void run(HeldLock first, HeldLock second) {
		}

	}

}
