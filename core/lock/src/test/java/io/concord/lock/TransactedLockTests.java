package io.concord.lock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import javax.sql.DataSource;

import org.h2.jdbcx.JdbcConnectionPool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.event.EventListener;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

import io.concord.invocation.InvalidAnnotationException;
import io.concord.lease.FencedOutException;
import io.concord.lease.guard.CommitChecks;
import io.concord.lease.guard.FencingGuard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What becomes of transactions under a lock that was lost.
 */
class TransactedLockTests {

	private static final AtomicInteger databases = new AtomicInteger();

	private final TestLocks test = new TestLocks();

	private final JdbcConnectionPool dataSource = JdbcConnectionPool
		.create("jdbc:h2:mem:transacted" + databases.incrementAndGet() + ";DB_CLOSE_DELAY=-1", "sa", "");

	private final JdbcTemplate jdbc = new JdbcTemplate(this.dataSource);

	private final List<AnnotationConfigApplicationContext> contexts = new ArrayList<>();

	@BeforeEach
	void createTables() {
		new ResourceDatabasePopulator(new ClassPathResource(FencingGuard.schemaLocation(this.dataSource)))
			.execute(this.dataSource);
		this.jdbc.execute("CREATE TABLE stock (items INT NOT NULL)");
		this.jdbc.update("INSERT INTO stock VALUES (100)");
	}

	@AfterEach
	void close() {
		this.contexts.forEach(AnnotationConfigApplicationContext::close);
		this.test.close();
		this.dataSource.dispose();
	}

	@Test
	void transactionUnderALostLockRollsBackByDefault() {
		Shop shop = start(Beans.class).getBean(Shop.class);
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> shop.shortLeased(null, (lock) -> {
			set(90);
			TestLocks.awaitLoss(lock);
		})).withMessageContaining("the transaction is rolled back");
		assertThat(items()).isEqualTo(100);
		shop.shortLeased(null, (lock) -> set(90));
		assertThat(items()).isEqualTo(90);
	}

	@Test
	void whatWasCommittedBeforeTheLossStays() {
		AnnotationConfigApplicationContext context = start(Beans.class);
		Independent independent = context.getBean(Independent.class);
		assertThatExceptionOfType(LockLostException.class)
			.isThrownBy(() -> context.getBean(Shop.class).shortLeased(null, (lock) -> {
				independent.run(() -> set(90));
				TestLocks.awaitLoss(lock);
				assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> independent.run(() -> set(80)));
			}));
		assertThat(items()).isEqualTo(90);
	}

	@Test
	void interruptsTheMethodIfToldSo() {
		Shop shop = start(Beans.class).getBean(Shop.class);
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> shop.interrupted(null, (lock) -> {
			set(90);
			TestLocks.await(new CompletableFuture<>());
		}))
			.satisfies((ex) -> assertThat(ex.getSuppressed()).singleElement()
				.satisfies((failure) -> assertThat(failure).hasCauseInstanceOf(InterruptedException.class)));
		assertThat(Thread.interrupted()).as("is not left behind").isFalse();
		assertThat(items()).isEqualTo(100);
	}

	@Test
	void doesNotInterruptTheMethodUnlessToldSo() {
		AnnotationConfigApplicationContext context = start(Beans.class);
		Shop shop = context.getBean(Shop.class);
		List<LockLostEvent> events = context.getBean(Events.class).lost;
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> shop.shortLeased(null, (lock) -> {
			// An interrupt comes before the event.
			TestLocks.await(() -> !events.isEmpty());
			assertThat(Thread.currentThread().isInterrupted()).isFalse();
		})).satisfies((ex) -> assertThat(ex.getSuppressed()).isEmpty());
	}

	@Test
	void eventLetsTheTransactionCommit() {
		AnnotationConfigApplicationContext context = start(Beans.class);
		long[] token = new long[1];
		context.getBean(Shop.class).lenient(null, (lock) -> {
			token[0] = lock.fencingToken();
			set(90);
			TestLocks.awaitLoss(lock);
		});
		assertThat(items()).isEqualTo(90);
		List<LockLostEvent> events = context.getBean(Events.class).lost;
		TestLocks.await(() -> !events.isEmpty());
		assertThat(events).singleElement().satisfies((event) -> {
			assertThat(event.name()).isEqualTo("stock");
			assertThat(event.fencingToken()).isEqualTo(token[0]);
			assertThat(event.reason()).contains("lease time");
		});
	}

	@Test
	void withoutTransactionsALossStillEndsInAnException() {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		PlainShop shop = refresh(context, null, PlainShop.class).getBean(PlainShop.class);
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> shop.shortLeased(null, (lock) -> {
			set(90);
			TestLocks.awaitLoss(lock);
		}));
		assertThat(items()).isEqualTo(90);
	}

	@Test
	void fencedHolderThatWasPausedDoesNotCommit() {
		Shop shop = start(Beans.class).getBean(Shop.class);
		assertThatExceptionOfType(FencedOutException.class).isThrownBy(() -> shop.fencedLenient(null, (lock) -> {
			int seen = items();
			TestLocks.awaitLoss(lock);
			this.test.elsewhere(() -> {
				shop.fenced(null, (next) -> set(items() - 30));
				return true;
			});
			set(seen - 10);
		})).withMessageContaining("'lock:stock'").withMessageContaining("a later holder has announced token");
		assertThat(items()).isEqualTo(70);
	}

	@Test
	void announcesBeforeTheMethodAndOutsideOfItsTransaction() {
		Shop shop = start(Beans.class).getBean(Shop.class);
		shop.fenced(null, (lock) -> this.test.elsewhere(() -> {
			assertThat(this.jdbc.queryForObject("SELECT token FROM concord_fence", Long.class))
				.isEqualTo(lock.fencingToken());
			return true;
		}));
	}

	@Test
	void fencedMethodRefusesATransactionOfItsCaller() {
		AnnotationConfigApplicationContext context = start(Beans.class);
		Shop shop = context.getBean(Shop.class);
		new TransactionTemplate(context.getBean(JdbcTransactionManager.class))
			.executeWithoutResult((status) -> assertThatExceptionOfType(IllegalTransactionStateException.class)
				.isThrownBy(() -> shop.fenced(null, (lock) -> {
					throw new AssertionError("The method must not run");
				})));
		assertThat(this.test.isFree("stock")).isTrue();
	}

	@Test
	void fencedMethodCallsAnotherUnderTheSameLock() {
		AnnotationConfigApplicationContext context = start(Beans.class);
		Shop shop = context.getBean(Shop.class);
		shop.fenced(null, (outer) -> shop.fenced(null, (inner) -> {
			assertThat(inner.fence()).isEqualTo(outer.fence());
			set(90);
		}));
		assertThat(items()).isEqualTo(90);
	}

	@Test
	void eachOfSeveralLocksIsFenced() {
		Shop shop = start(Beans.class).getBean(Shop.class);
		shop.transfer(null, "a", "b", (lock) -> {
			assertThat(this.test
				.elsewhere(() -> this.jdbc.queryForList("SELECT res FROM concord_fence ORDER BY res", String.class)))
				.containsExactly("application/lock:stock:a", "application/lock:stock:b");
			set(90);
		});
		for (String stale : List.of("a", "b")) {
			assertThatExceptionOfType(FencedOutException.class)
				.isThrownBy(() -> shop.transfer(null, "a", "b", (lock) -> {
					set(80);
					this.test
						.elsewhere(() -> this.jdbc.update("UPDATE concord_fence SET token = token + 1 WHERE res = ?",
								"application/lock:stock:" + stale));
				}))
				.satisfies((ex) -> assertThat(ex.getFence().resource()).isEqualTo("lock:stock:" + stale));
		}
		assertThat(items()).isEqualTo(90);
	}

	@Test
	void resultOfAnAsynchronousMethodFailsIfTheLockIsLost() {
		AnnotationConfigApplicationContext context = start(Beans.class);
		CompletableFuture<String> work = new CompletableFuture<>();
		CompletableFuture<String> lenientWork = new CompletableFuture<>();
		Later later = context.getBean(Later.class);
		CompletableFuture<String> result = later.strict(work);
		CompletableFuture<String> lenient = later.lenient(lenientWork);
		List<LockLostEvent> events = context.getBean(Events.class).lost;
		TestLocks.await(() -> events.size() == 2);
		work.complete("done");
		lenientWork.complete("done");
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> TestLocks.await(result));
		assertThat(TestLocks.await(lenient)).isEqualTo("done");
		assertThat(events).extracting(LockLostEvent::name).containsExactlyInAnyOrder("strict", "lenient");
	}

	@Test
	void lockByHandIsGuardedByHand() {
		AnnotationConfigApplicationContext context = start(Beans.class);
		TransactionTemplate transactions = new TransactionTemplate(context.getBean(JdbcTransactionManager.class));
		FencingGuard guard = context.getBean(FencingGuard.class);
		try (HeldLock lock = this.test.locks.acquire("by hand", Duration.ZERO)) {
			Integer before = guard.call(lock, () -> transactions.execute((status) -> {
				int items = items();
				set(items - 1);
				return items;
			}));
			assertThat(before).isEqualTo(100);
			this.jdbc.update("UPDATE concord_fence SET token = token + 1");
			assertThatExceptionOfType(FencedOutException.class)
				.isThrownBy(() -> guard.call(lock, () -> transactions.execute((status) -> {
					set(0);
					return true;
				})));
		}
		assertThat(items()).isEqualTo(99);
	}

	@Test
	void refusesFencedMethodsWithoutAGuard() {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		assertThatExceptionOfType(InvalidAnnotationException.class)
			.isThrownBy(() -> refresh(context, null, FencedShop.class))
			.withMessageContaining("@DistributedLock on " + FencedShop.class.getName()
					+ ".run() has fenced = true, but there is no FencingGuard")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("spring-boot-starter-jdbc"));
	}

	@Test
	void refusesFencedMethodsWithoutATransactionManagerOfTheGuard() {
		assertThatExceptionOfType(InvalidAnnotationException.class)
			.isThrownBy(() -> start(WithoutTransactionManager.class, FencedShop.class))
			.withMessageContaining("no transaction manager has the DataSource of the guard");
	}

	@Test
	void refusesLazyFencedMethodsWhenTheyAreCreated() {
		AnnotationConfigApplicationContext context = start(WithoutTransactionManager.class, LazyFencedShop.class);
		assertThatExceptionOfType(Exception.class).isThrownBy(() -> context.getBean(LazyFencedShop.class))
			.withRootCauseInstanceOf(InvalidAnnotationException.class);
	}

	private AnnotationConfigApplicationContext start(Class<?>... configuration) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		context.registerBean(DataSource.class, () -> this.dataSource);
		context.registerBean(CommitChecks.class);
		context.registerBean(FencingGuard.class,
				() -> FencingGuard.builder(this.dataSource, context.getBean(CommitChecks.class)).build());
		return refresh(context, context, configuration);
	}

	private AnnotationConfigApplicationContext refresh(AnnotationConfigApplicationContext context,
			@Nullable AnnotationConfigApplicationContext guarded, Class<?>... configuration) {
		this.contexts.add(context);
		context.registerBean(DistributedLockBeanPostProcessor.class,
				(Supplier<DistributedLockBeanPostProcessor>) () -> {
					DistributedLockBeanPostProcessor postProcessor = new DistributedLockBeanPostProcessor(
							() -> this.test.locks, LockSettings::defaults, this.test.engine::minLeaseTime);
					postProcessor.setProxyTargetClass(true);
					if (guarded != null) {
						postProcessor.setCommitChecks(() -> guarded.getBean(CommitChecks.class));
						postProcessor.setFencingGuard(() -> guarded.getBean(FencingGuard.class));
					}
					return postProcessor;
				});
		context.register(configuration);
		context.refresh();
		return context;
	}

	private int items() {
		return Objects.requireNonNull(this.jdbc.queryForObject("SELECT items FROM stock", Integer.class));
	}

	private void set(int items) {
		this.jdbc.update("UPDATE stock SET items = ?", items);
	}

	interface Body {

		void run(HeldLock lock);

	}

	static class PlainShop {

		@DistributedLock(name = "stock", leaseTime = "300ms")
		@Transactional
		public void shortLeased(@Nullable HeldLock lock, Body body) {
			body.run(Objects.requireNonNull(lock));
		}

	}

	static class Shop extends PlainShop {

		@DistributedLock(name = "stock", leaseTime = "300ms", onLost = OnLost.INTERRUPT)
		@Transactional
		public void interrupted(@Nullable HeldLock lock, Body body) {
			body.run(Objects.requireNonNull(lock));
		}

		@DistributedLock(name = "stock", leaseTime = "300ms", onLost = OnLost.EVENT)
		@Transactional
		public void lenient(@Nullable HeldLock lock, Body body) {
			body.run(Objects.requireNonNull(lock));
		}

		@DistributedLock(name = "stock", leaseTime = "300ms", onLost = OnLost.EVENT, fenced = true)
		@Transactional
		public void fencedLenient(@Nullable HeldLock lock, Body body) {
			body.run(Objects.requireNonNull(lock));
		}

		@DistributedLock(name = "stock", key = "{#from, #to}", fenced = true)
		@Transactional
		public void transfer(@Nullable HeldLock lock, String from, String to, Body body) {
			body.run(Objects.requireNonNull(lock));
		}

		@DistributedLock(name = "stock", fenced = true)
		@Transactional
		public void fenced(@Nullable HeldLock lock, Body body) {
			body.run(Objects.requireNonNull(lock));
		}

	}

	static class Later {

		@DistributedLock(name = "strict", leaseTime = "300ms")
		public CompletableFuture<String> strict(CompletableFuture<String> work) {
			return work;
		}

		@DistributedLock(name = "lenient", leaseTime = "300ms", onLost = OnLost.EVENT)
		public CompletableFuture<String> lenient(CompletableFuture<String> work) {
			return work;
		}

	}

	static class Independent {

		@Transactional(propagation = Propagation.REQUIRES_NEW)
		public void run(Runnable body) {
			body.run();
		}

	}

	static class Events {

		final List<LockLostEvent> lost = new CopyOnWriteArrayList<>();

		@EventListener
		void on(LockLostEvent event) {
			this.lost.add(event);
		}

	}

	static class FencedShop {

		@DistributedLock(fenced = true)
		public void run() {
		}

	}

	@Lazy
	static class LazyFencedShop extends FencedShop {

	}

	@Configuration(proxyBeanMethods = false)
	static class WithoutTransactionManager {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(proxyTargetClass = true)
	static class Beans {

		@Bean
		JdbcTransactionManager transactionManager(DataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

		@Bean
		Shop shop() {
			return new Shop();
		}

		@Bean
		Independent independent() {
			return new Independent();
		}

		@Bean
		Later later() {
			return new Later();
		}

		@Bean
		Events events() {
			return new Events();
		}

	}

}
