package io.concord.lock;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.annotation.AliasFor;
import org.springframework.core.env.MapPropertySource;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;

import io.concord.invocation.InvalidKeyException;
import io.concord.invocation.Otherwise;
import io.concord.lease.LeaseInterruptedException;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStoreException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class DistributedLockTests {

	private final TestLocks test = new TestLocks();

	private final List<AnnotationConfigApplicationContext> contexts = new ArrayList<>();

	private LeasedLocks locks = this.test.locks;

	private LockSettings settings = new LockSettings(Duration.ofMillis(30), Duration.ofSeconds(20));

	@AfterEach
	void close() {
		this.contexts.forEach(AnnotationConfigApplicationContext::close);
		this.test.close();
	}

	@Test
	void holdsTheLockWhileTheMethodRuns() {
		Shop shop = shop();
		assertThat(shop.call(() -> assertHeld("shop"))).isEqualTo("done");
		assertThat(this.test.isFree("shop")).isTrue();
	}

	@Test
	void releasesTheLockIfTheMethodThrows() {
		Shop shop = shop();
		assertThatIllegalStateException().isThrownBy(() -> shop.call(() -> {
			throw new IllegalStateException("no stock");
		})).withMessage("no stock").satisfies((ex) -> assertThat(ex).hasNoSuppressedExceptions());
		assertThat(this.test.isFree("shop")).isTrue();
	}

	@Test
	void excludesOtherCallers() throws Exception {
		Shop shop = shop();
		int[] counter = new int[1];
		Runnable increment = () -> {
			int seen = counter[0];
			Thread.yield();
			counter[0] = seen + 1;
		};
		CompletableFuture<Boolean> other = this.test.startElsewhere(() -> {
			for (int i = 0; i < 100; i++) {
				shop.patient(increment);
			}
			return true;
		});
		for (int i = 0; i < 100; i++) {
			shop.patient(increment);
		}
		TestLocks.await(other);
		assertThat(counter[0]).isEqualTo(200);
	}

	@Test
	void valueIsTheName() {
		shop().byValue(() -> assertHeld("by value"));
	}

	@Test
	void nameIsClassAndMethodByDefault() {
		shop().unnamed(() -> assertHeld(Shop.class.getName() + ".unnamed"));
	}

	@Test
	void nameTakesPlaceholders() {
		start(new Placeholders(), Map.of("lock.name", "from environment"))
			.named(() -> assertHeld("lock from environment"));
	}

	@Test
	void keyTellsApartWhatIsLocked() {
		Shop shop = shop();
		shop.place(new Order("apple", 1), () -> {
			assertHeld("orders:apple");
			assertThat(this.test.isFree("orders:pear")).isTrue();
		});
		shop.placeByIndex("apple", () -> assertHeld("orders:apple"));
	}

	@Test
	void refusesNullKeyNamingPlaceAndRemedy() {
		Shop shop = shop();
		AtomicInteger ran = new AtomicInteger();
		assertThatExceptionOfType(InvalidKeyException.class)
			.isThrownBy(() -> shop.placeByIndex(null, ran::incrementAndGet))
			.withMessageContaining("Key '#p0' of @DistributedLock on " + Shop.class.getName()
					+ ".placeByIndex(String, Runnable) is null")
			.withMessageContaining("Pass an argument");
		assertThat(ran).hasValue(0);
		assertThat(this.test.store.claims).hasValue(0);
	}

	@Test
	void refusesOverlongKeyNamingPlaceAndRemedy() {
		Shop shop = shop();
		AtomicInteger ran = new AtomicInteger();
		assertThatExceptionOfType(InvalidKeyException.class)
			.isThrownBy(() -> shop.placeByIndex("k".repeat(10_240), ran::incrementAndGet))
			.withMessageContaining("@DistributedLock on " + Shop.class.getName() + ".placeByIndex(String, Runnable)")
			.withMessageContaining("has 10240 characters")
			.withMessageContaining("use a shorter key")
			.satisfies((ex) -> assertThat(ex.getMessage()).hasSizeLessThan(600));
		assertThat(ran).hasValue(0);
		shop.placeByIndex("k".repeat(1_024 - "orders:".length()), ran::incrementAndGet);
		assertThat(ran).hasValue(1);
	}

	@Test
	void waitsAsLongAsTheAnnotationSays() {
		Shop shop = shop();
		held("shop", () -> {
			assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> shop.waiting(() -> {
			})).satisfies((ex) -> assertThat(ex.getWaited()).isEqualTo(Duration.ofMillis(20)));
			assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> shop.notWaiting(() -> {
			})).satisfies((ex) -> assertThat(ex.getWaited()).isZero());
		});
	}

	@Test
	void waitsAsLongAsTheSettingsSayByDefault() {
		Shop shop = shop();
		held("shop", () -> assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> shop.call(() -> {
		})).satisfies((ex) -> assertThat(ex.getWaited()).isEqualTo(Duration.ofMillis(30))));
	}

	@Test
	void durationsTakePlaceholders() {
		Placeholders bean = start(new Placeholders(), Map.of("lock.wait", "15ms", "lock.lease", "PT3S"));
		held("timed",
				() -> assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> bean.timed(() -> {
				})).satisfies((ex) -> assertThat(ex.getWaited()).isEqualTo(Duration.ofMillis(15))));
		bean.timed(() -> assertThat(this.test.store.lastClaim().ttl()).isEqualTo(Duration.ofSeconds(3)));
	}

	@Test
	void emptyPlaceholderMeansTheDefault() {
		Placeholders bean = start(new Placeholders(), Map.of("lock.wait", "", "lock.lease", ""));
		held("timed",
				() -> assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> bean.timed(() -> {
				})).satisfies((ex) -> assertThat(ex.getWaited()).isEqualTo(Duration.ofMillis(30))));
		bean.timed(() -> assertThat(this.test.store.lastClaim().ttl()).isEqualTo(Duration.ofSeconds(20)));
	}

	@Test
	void leaseTimeEndsTheLock() {
		Shop shop = shop();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> shop.leased(null, (lock) -> {
			assertThat(this.test.store.lastClaim().ttl()).isEqualTo(Duration.ofMillis(250));
			// Not for isHeld() to turn false: it does so for a moment if this thread is
			// kept waiting between two clocks.
			CompletableFuture<String> lost = new CompletableFuture<>();
			lock.onLost(lost::complete);
			TestLocks.await(lost);
			assertThat(lock.isHeld()).isFalse();
		})).withMessageContaining("its lease time");
	}

	@Test
	void lockWithoutLeaseTimeRenewsItself() {
		this.locks = this.test.shortLocks;
		Shop shop = shop();
		shop.holding(null, (lock) -> {
			long end = System.nanoTime() + TestLocks.SHORT_LEASE.multipliedBy(2).toNanos();
			TestLocks.await(() -> System.nanoTime() > end);
			assertThat(lock.isHeld()).isTrue();
		});
	}

	@Test
	void throwsByDefault() {
		Shop shop = shop();
		AtomicInteger ran = new AtomicInteger();
		held("shop",
				() -> assertThatExceptionOfType(LockUnavailableException.class)
					.isThrownBy(() -> shop.call(ran::incrementAndGet))
					.satisfies((ex) -> assertThat(ex.getName()).isEqualTo("shop")));
		assertThat(ran).hasValue(0);
	}

	@Test
	void skips() {
		Shop shop = shop();
		AtomicInteger ran = new AtomicInteger();
		held("shop", () -> {
			shop.skipped(ran::incrementAndGet);
			assertThat(shop.skippedOptional(ran::incrementAndGet)).isEmpty();
		});
		assertThat(ran).hasValue(0);
		assertThat(shop.skippedOptional(ran::incrementAndGet)).contains("done");
	}

	@Test
	void runsFallback() {
		Shop shop = shop();
		AtomicInteger ran = new AtomicInteger();
		held("orders:apple", () -> assertThat(shop.withFallback(new Order("apple", 3), ran::incrementAndGet))
			.isEqualTo("later: 3 apple, orders:apple"));
		assertThat(ran).hasValue(0);
		assertThat(shop.withFallback(new Order("apple", 3), ran::incrementAndGet)).isEqualTo("done");
	}

	@Test
	void otherwiseDoesNotApplyToFailuresOfTheStore() {
		Shop shop = shop();
		this.test.store.failure = new LeaseStoreException("down");
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> shop.skipped(() -> {
		})).withMessage("down");
		assertThatExceptionOfType(LeaseStoreException.class)
			.isThrownBy(() -> shop.withFallback(new Order("apple", 1), () -> {
			}))
			.withMessage("down");
		this.test.store.failure = new LeaseOutcomeUnknownException("no answer");
		assertThatExceptionOfType(LeaseOutcomeUnknownException.class).isThrownBy(() -> shop.skipped(() -> {
		}));
	}

	@Test
	void otherwiseDoesNotApplyToWhatTheMethodThrows() {
		Shop shop = shop();
		LockUnavailableException own = new LockUnavailableException("another", Duration.ZERO);
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> shop.skipped(() -> {
			throw own;
		})).isSameAs(own);
	}

	@Test
	void interruptedWaiterThrowsAndLeavesTheLine() {
		Shop shop = shop();
		HeldLock lock = this.locks.acquire("shop", Duration.ZERO);
		CompletableFuture<Boolean> waiting = this.test.startElsewhere(() -> {
			assertThatExceptionOfType(LeaseInterruptedException.class).isThrownBy(() -> shop.patientOrSkipped(() -> {
			}));
			return Thread.currentThread().isInterrupted();
		});
		this.test.awaitOtherInLine();
		this.test.other.interrupt();
		assertThat(TestLocks.await(waiting)).isTrue();
		lock.close();
		assertThat(this.test.isFree("shop")).isTrue();
	}

	@Test
	void isReentrantThroughOtherBeansAndByHand() {
		Shop shop = shop();
		Shop other = shop();
		shop.holding(null, (outer) -> {
			int calls = this.test.store.calls();
			other.holding(null, (inner) -> {
				assertThat(inner.fencingToken()).isEqualTo(outer.fencingToken());
				assertThat(this.locks.tryAcquire("shop").orElseThrow().fencingToken()).isEqualTo(outer.fencingToken());
			});
			assertThat(this.test.store.calls()).isEqualTo(calls);
			assertThat(outer.isHeld()).isTrue();
		});
	}

	@Test
	void nestedCallUnderLostLockDoesNotRun() {
		this.locks = this.test.shortLocks;
		Shop shop = shop();
		AtomicInteger ran = new AtomicInteger();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> shop.holding(null, (outer) -> {
			CompletableFuture<String> lost = new CompletableFuture<>();
			outer.onLost(lost::complete);
			this.test.store.forgetful = true;
			TestLocks.await(lost);
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> shop.skipped(ran::incrementAndGet));
		}));
		assertThat(ran).hasValue(0);
	}

	@Test
	void lossIsThrownAfterTheMethodHasReturned() {
		Shop shop = shop();
		AtomicInteger ran = new AtomicInteger();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> shop.skipped(() -> {
			this.test.store.forgetful = true;
			ran.incrementAndGet();
		})).satisfies((ex) -> assertThat(ex.getName()).isEqualTo("shop"));
		assertThat(ran).hasValue(1);
	}

	@Test
	void whatTheMethodThrowsWinsOverTheLoss() {
		Shop shop = shop();
		assertThatIllegalStateException().isThrownBy(() -> shop.call(() -> {
			this.test.store.forgetful = true;
			throw new IllegalStateException("no stock");
		}))
			.withMessage("no stock")
			.satisfies((ex) -> assertThat(ex.getSuppressed()).singleElement().isInstanceOf(LockLostException.class));
	}

	@Test
	void givesTheMethodItsOwnLock() {
		Shop shop = shop();
		shop.keyedHolding("apple", null, (lock) -> {
			assertThat(lock.name()).isEqualTo("orders:apple");
			assertThat(lock.isHeld()).isTrue();
			assertThat(lock.fencingToken()).isPositive();
		});
		HeldLock foreign = this.locks.acquire("foreign", Duration.ZERO);
		shop.keyedHolding("apple", foreign, (lock) -> assertThat(lock.name()).isEqualTo("orders:apple"));
	}

	@Test
	void appliesToPublicMethodsOfAnnotatedClass() {
		ByClass bean = start(new ByClass(), Map.of());
		bean.first(() -> assertHeld(ByClass.class.getName() + ".first"));
		bean.second(() -> assertHeld(ByClass.class.getName() + ".second"));
		bean.own(() -> assertHeld("own"));
	}

	@Test
	void appliesToMethodsAnnotatedInInterface() {
		Api bean = start(new Impl(), Map.of());
		bean.run("apple", () -> assertHeld("api:apple"));
	}

	@Test
	void appliesByComposedAnnotation() {
		WithComposed bean = start(new WithComposed(), Map.of());
		bean.run("apple", () -> assertHeld("orders:apple"));
		held("orders:apple", () -> bean.run("apple", () -> {
			throw new IllegalStateException("to be skipped");
		}));
	}

	@Test
	void releasesAfterTheTransactionHasEnded() {
		AnnotationConfigApplicationContext context = context(Map.of());
		context.register(Transactions.class);
		context.registerBean(TransactionManager.class, () -> new TransactionManager(this));
		context.registerBean(InTransaction.class);
		context.refresh();
		TransactionManager transactions = context.getBean(TransactionManager.class);
		context.getBean(InTransaction.class).run(() -> transactions.events.add("body"));
		assertThat(transactions.events).containsExactly("begin, locked", "body", "commit, locked");
		assertThat(this.test.isFree("transacted")).isTrue();
		transactions.events.clear();
		assertThatIllegalStateException().isThrownBy(() -> context.getBean(InTransaction.class).run(() -> {
			throw new IllegalStateException();
		}));
		assertThat(transactions.events).containsExactly("begin, locked", "rollback, locked");
	}

	@Test
	void asksForLocksAtTheFirstCallOnly() {
		AtomicInteger asked = new AtomicInteger();
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		this.contexts.add(context);
		context.registerBean(DistributedLockBeanPostProcessor.class, () -> new DistributedLockBeanPostProcessor(() -> {
			asked.incrementAndGet();
			return this.locks;
		}, () -> this.settings, this.test.engine::minLeaseTime));
		context.registerBean(Shop.class);
		context.refresh();
		Shop shop = context.getBean(Shop.class);
		assertThat(asked).hasValue(0);
		shop.skipped(() -> {
		});
		shop.skipped(() -> {
		});
		assertThat(asked).hasValue(1);
	}

	private Shop shop() {
		return start(new Shop(), Map.of());
	}

	@SuppressWarnings("unchecked")
	private <T> T start(T bean, Map<String, Object> properties) {
		AnnotationConfigApplicationContext context = context(properties);
		context.registerBean("bean", (Class<T>) bean.getClass(), (Supplier<T>) () -> bean);
		context.refresh();
		return (T) context.getBean("bean");
	}

	private AnnotationConfigApplicationContext context(Map<String, Object> properties) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		this.contexts.add(context);
		context.getEnvironment()
			.getPropertySources()
			.addFirst(new MapPropertySource("defaults",
					Map.of("lock.name", "unset", "lock.wait", "1s", "lock.lease", "1s")));
		context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", properties));
		context.registerBean(DistributedLockBeanPostProcessor.class,
				() -> new DistributedLockBeanPostProcessor(() -> this.locks, () -> this.settings,
						this.test.engine::minLeaseTime));
		return context;
	}

	private void assertHeld(String name) {
		assertThat(this.test.store.lastClaim().resource()).isEqualTo("lock:" + name);
		assertThat(this.test.isFree(name)).isFalse();
	}

	/** Runs something while another thread holds a lock. */
	private void held(String name, Runnable action) {
		HeldLock lock = this.test.elsewhere(() -> this.locks.acquire(name, Duration.ZERO));
		try {
			action.run();
		}
		finally {
			lock.close();
		}
	}

	interface Body {

		void run(HeldLock lock);

	}

	record Order(String sku, int quantity) {
	}

	static class Shop {

		@DistributedLock(name = "shop")
		public String call(Runnable body) {
			body.run();
			return "done";
		}

		@DistributedLock(name = "shop", waitTime = "20s")
		public void patient(Runnable body) {
			body.run();
		}

		@DistributedLock(name = "shop", waitTime = "20s", otherwise = Otherwise.SKIP)
		public void patientOrSkipped(Runnable body) {
			body.run();
		}

		@DistributedLock("by value")
		public void byValue(Runnable body) {
			body.run();
		}

		@DistributedLock
		public void unnamed(Runnable body) {
			body.run();
		}

		@DistributedLock(name = "orders", key = "#order.sku")
		public void place(Order order, Runnable body) {
			body.run();
		}

		@DistributedLock(name = "orders", key = "#p0")
		public void placeByIndex(@Nullable String sku, Runnable body) {
			body.run();
		}

		@DistributedLock(name = "shop", waitTime = "20ms")
		public void waiting(Runnable body) {
			body.run();
		}

		@DistributedLock(name = "shop", waitTime = "0")
		public void notWaiting(Runnable body) {
			body.run();
		}

		@DistributedLock(name = "shop", leaseTime = "250ms")
		public void leased(@Nullable HeldLock lock, Body body) {
			body.run(Objects.requireNonNull(lock));
		}

		@DistributedLock(name = "shop")
		public void holding(@Nullable HeldLock lock, Body body) {
			body.run(Objects.requireNonNull(lock));
		}

		@DistributedLock(name = "orders", key = "#sku")
		public void keyedHolding(String sku, @Nullable HeldLock lock, Body body) {
			body.run(Objects.requireNonNull(lock));
		}

		@DistributedLock(name = "shop", otherwise = Otherwise.SKIP)
		public void skipped(Runnable body) {
			body.run();
		}

		@DistributedLock(name = "shop", otherwise = Otherwise.SKIP)
		public Optional<String> skippedOptional(Runnable body) {
			body.run();
			return Optional.of("done");
		}

		@DistributedLock(name = "orders", key = "#order.sku", otherwise = Otherwise.FALLBACK, fallback = "later")
		public String withFallback(Order order, Runnable body) {
			body.run();
			return "done";
		}

		@SuppressWarnings("unused")
		private String later(Order order, Runnable body, LockUnavailableException ex) {
			return "later: " + order.quantity() + " " + order.sku() + ", " + ex.getName();
		}

	}

	static class Placeholders {

		@DistributedLock(name = "lock ${lock.name}")
		public void named(Runnable body) {
			body.run();
		}

		@DistributedLock(name = "timed", waitTime = "${lock.wait}", leaseTime = "${lock.lease}")
		public void timed(Runnable body) {
			body.run();
		}

	}

	@DistributedLock
	static class ByClass {

		public void first(Runnable body) {
			body.run();
		}

		public void second(Runnable body) {
			body.run();
		}

		@DistributedLock("own")
		public void own(Runnable body) {
			body.run();
		}

	}

	interface Api {

		@DistributedLock(name = "api", key = "#sku")
		void run(String sku, Runnable body);

	}

	static class Impl implements Api {

		@Override
		public void run(String named, Runnable body) {
			body.run();
		}

	}

	@Target(ElementType.METHOD)
	@Retention(RetentionPolicy.RUNTIME)
	@DistributedLock(name = "orders", otherwise = Otherwise.SKIP, waitTime = "0")
	@interface OrderLock {

		@AliasFor(annotation = DistributedLock.class, attribute = "key")
		String by();

	}

	static class WithComposed {

		@OrderLock(by = "#sku")
		public void run(String sku, Runnable body) {
			body.run();
		}

	}

	static class InTransaction {

		@DistributedLock("transacted")
		@Transactional
		public void run(Runnable body) {
			body.run();
		}

	}

	@EnableTransactionManagement(proxyTargetClass = true)
	static class Transactions {

	}

	@SuppressWarnings("serial")
	static class TransactionManager extends AbstractPlatformTransactionManager {

		private final transient DistributedLockTests test;

		private final transient List<String> events = new ArrayList<>();

		TransactionManager(DistributedLockTests test) {
			this.test = test;
		}

		private void record(String event) {
			this.events.add(event + (this.test.test.isFree("transacted") ? "" : ", locked"));
		}

		@Override
		protected Object doGetTransaction() {
			return this;
		}

		@Override
		protected void doBegin(Object transaction, TransactionDefinition definition) {
			record("begin");
		}

		@Override
		protected void doCommit(DefaultTransactionStatus status) {
			record("commit");
		}

		@Override
		protected void doRollback(DefaultTransactionStatus status) {
			record("rollback");
		}

	}

}
