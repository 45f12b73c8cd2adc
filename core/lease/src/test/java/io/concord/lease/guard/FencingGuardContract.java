package io.concord.lease.guard;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import org.springframework.core.io.ClassPathResource;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import io.concord.lease.Claim;
import io.concord.lease.Fence;
import io.concord.lease.Fenced;
import io.concord.lease.FencedOutException;
import io.concord.lease.HandOver;
import io.concord.lease.Lease;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseRequest;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.local.LocalLeaseStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What the guard does on every database, at every isolation level. Grants are made up, as
 * if by a lease that passes from holder to holder whenever the test wants; every holder
 * has a transaction manager and a guard of its own, as in a process of its own.
 */
@Timeout(120)
public abstract class FencingGuardContract {

	private static final String RESOURCE = "stock of apples";

	private static final AtomicLong owners = new AtomicLong();

	private ExecutorService threads;

	private DataSource dataSource;

	private JdbcTemplate jdbc;

	/**
	 * Returns the database, always the same.
	 */
	protected abstract DataSource dataSource();

	/**
	 * Creates a transaction manager of the database.
	 */
	protected AbstractPlatformTransactionManager newTransactionManager(DataSource dataSource) {
		return new JdbcTransactionManager(dataSource);
	}

	/**
	 * Returns whether its transactions can have savepoints.
	 */
	protected boolean hasSavepoints() {
		return true;
	}

	@BeforeEach
	void createTables() {
		this.threads = Executors.newCachedThreadPool();
		this.dataSource = dataSource();
		this.jdbc = new JdbcTemplate(this.dataSource);
		new ResourceDatabasePopulator(new ClassPathResource(FencingGuard.schemaLocation(this.dataSource)))
			.execute(this.dataSource);
		this.jdbc
			.execute("CREATE TABLE IF NOT EXISTS stock (sku VARCHAR(20) NOT NULL PRIMARY KEY, items INT NOT NULL)");
		this.jdbc.update("DELETE FROM concord_fence");
		this.jdbc.update("DELETE FROM stock");
		this.jdbc.update("INSERT INTO stock (sku, items) VALUES ('apple', 100)");
		this.jdbc.update("INSERT INTO stock (sku, items) VALUES ('pear', 100)");
	}

	@AfterEach
	void endThreads() {
		this.threads.shutdownNow();
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "READ_UNCOMMITTED")
	void letsTheNewestHolderCommit(Isolation isolation) {
		try (Holder holder = new Holder(1, isolation)) {
			holder.guarded(() -> {
				holder.inTransaction(() -> set("apple", 90));
				holder.inTransaction(() -> set("apple", items("apple") - 1));
			});
		}
		assertThat(items("apple")).isEqualTo(89);
		try (Holder next = new Holder(2, isolation)) {
			next.guarded(() -> next.inTransaction(() -> set("apple", items("apple") - 1)));
		}
		assertThat(items("apple")).isEqualTo(88);
	}

	/** Paused in its transaction, past its lease, with a write still to come. */
	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = { "READ_UNCOMMITTED", "SERIALIZABLE" })
	void holderPausedBeforeItsWriteLosesNobodysUpdate(Isolation isolation) {
		try (Holder stale = new Holder(1, isolation); Holder next = new Holder(2, isolation)) {
			assertStale(stale, () -> {
				int seen = items("apple");
				elsewhere(() -> next.guarded(() -> next.inTransaction(() -> set("apple", items("apple") - 30))));
				set("apple", seen - 10);
			});
		}
		assertThat(items("apple")).isEqualTo(70);
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = { "READ_UNCOMMITTED", "SERIALIZABLE" })
	void holderPausedAfterItsWriteRollsBack(Isolation isolation) {
		try (Holder stale = new Holder(1, isolation); Holder next = new Holder(2, isolation)) {
			assertStale(stale, () -> {
				set("apple", 90);
				elsewhere(() -> next.guarded(() -> next.inTransaction(() -> set("pear", 70))));
			});
		}
		assertThat(items("apple")).isEqualTo(100);
		assertThat(items("pear")).isEqualTo(70);
	}

	/** What a check at commit alone, without an announcement, would let through. */
	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = { "READ_UNCOMMITTED", "SERIALIZABLE" })
	void staleHolderCantCommitBetweenReadAndWriteOfTheNext(Isolation isolation) {
		try (Holder stale = new Holder(1, isolation); Holder next = new Holder(2, isolation)) {
			CountDownLatch nextHasRead = new CountDownLatch(1);
			CountDownLatch staleHasTried = new CountDownLatch(1);
			CompletableFuture<Void> nextIsDone = new CompletableFuture<>();
			assertStale(stale, () -> {
				int seen = items("apple");
				start(nextIsDone, () -> next.guarded(() -> next.inTransaction(() -> {
					int left = items("apple") - 30;
					nextHasRead.countDown();
					await(staleHasTried);
					set("apple", left);
				})));
				await(nextHasRead);
				set("apple", seen - 10);
			});
			staleHasTried.countDown();
			nextIsDone.orTimeout(60, TimeUnit.SECONDS).join();
		}
		assertThat(items("apple")).isEqualTo(70);
	}

	/** Paused between its verification and its commit, where no one can refuse it. */
	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "READ_UNCOMMITTED")
	void nextHolderSeesWhatWasVerifiedBeforeItCame(Isolation isolation) {
		try (Holder first = new Holder(1, isolation); Holder next = new Holder(2, isolation, Duration.ofSeconds(1))) {
			CommitChecks.CommitCheck pauseInCommit = () -> elsewhere(
					() -> assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> next.guarded(() -> {
					})));
			first.guarded(() -> first.checks.during(pauseInCommit, () -> {
				first.inTransaction(() -> set("apple", 90));
				return true;
			}));
			next.guarded(() -> next.inTransaction(() -> set("apple", items("apple") - 30)));
		}
		assertThat(items("apple")).isEqualTo(60);
	}

	/** Without any lock: whoever has the newest token wins. */
	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = { "READ_UNCOMMITTED", "SERIALIZABLE" })
	void noUpdateIsLostAmongManyHolders(Isolation isolation) throws Exception {
		AtomicLong tokens = new AtomicLong();
		AtomicInteger committed = new AtomicInteger();
		AtomicInteger refused = new AtomicInteger();
		CompletableFuture<?>[] workers = new CompletableFuture<?>[4];
		for (int i = 0; i < workers.length; i++) {
			CompletableFuture<Void> worker = new CompletableFuture<>();
			workers[i] = worker;
			start(worker, () -> {
				for (int turn = 0; turn < 40; turn++) {
					try (Holder holder = new Holder(tokens.incrementAndGet(), isolation)) {
						holder.guarded(() -> holder.inTransaction(() -> {
							int seen = items("apple");
							if (ThreadLocalRandom.current().nextInt(4) == 0) {
								Thread.yield();
							}
							set("apple", seen + 1);
						}));
						committed.incrementAndGet();
					}
					catch (FencedOutException | ConcurrencyFailureException ex) {
						refused.incrementAndGet();
					}
				}
			});
		}
		CompletableFuture.allOf(workers).get(100, TimeUnit.SECONDS);
		assertThat(committed.get() + refused.get()).isEqualTo(160);
		assertThat(committed).hasPositiveValue();
		assertThat(items("apple")).isEqualTo(100 + committed.get());
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "READ_UNCOMMITTED")
	void refusesAnEqualTokenOfAnotherOwner(Isolation isolation) {
		try (Holder first = new Holder(5, isolation); Holder twin = new Holder(5, isolation)) {
			first.guarded(() -> {
				assertThatExceptionOfType(FencedOutException.class).isThrownBy(() -> twin.guarded(() -> {
					throw new AssertionError("The method must not run");
				})).withMessageContaining("has announced the same token").satisfies((ex) -> {
					assertThat(ex.getAnnouncedToken()).isEqualTo(5);
					assertThat(ex.getFence()).isEqualTo(twin.fence());
				});
				first.inTransaction(() -> set("apple", 90));
				assertStaleCommit(first, () -> {
					set("apple", 80);
					elsewhere(() -> this.jdbc.update("UPDATE concord_fence SET owner = ?", twin.fence().owner()));
				});
			});
		}
		assertThat(items("apple")).isEqualTo(90);
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "READ_UNCOMMITTED")
	void refusesIfTheRowIsMissing(Isolation isolation) {
		try (Holder holder = new Holder(1, isolation)) {
			holder.guarded(() -> {
				this.jdbc.update("DELETE FROM concord_fence");
				assertThatExceptionOfType(FencedOutException.class)
					.isThrownBy(() -> holder.inTransaction(() -> set("apple", 90)))
					.withMessageContaining("its row in concord_fence is missing")
					.satisfies((ex) -> assertThat(ex.getAnnouncedToken()).isZero());
			});
		}
		assertThat(items("apple")).isEqualTo(100);
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "READ_UNCOMMITTED")
	void leavesReadOnlyTransactionsAlone(Isolation isolation) {
		try (Holder stale = new Holder(1, isolation); Holder next = new Holder(2, isolation)) {
			stale.guarded(() -> {
				announceElsewhere(next);
				stale.template.setReadOnly(true);
				assertThat(stale.<Integer>get(() -> items("apple"))).isEqualTo(100);
			});
		}
	}

	@Test
	void refusesAStoreThatLostItsTokensUntilTheyHavePassedTheLastOne() {
		try (Holder before = new Holder(1_000, Isolation.DEFAULT);
				Holder after = new Holder(500, Isolation.DEFAULT);
				Holder later = new Holder(1_001, Isolation.DEFAULT)) {
			before.guarded(() -> {
			});
			assertThatExceptionOfType(FencedOutException.class).isThrownBy(() -> after.guarded(() -> {
				throw new AssertionError("The method must not run");
			}))
				.withMessageContaining("The holder of '" + RESOURCE + "' with fencing token 500 was fenced out")
				.withMessageContaining("a later holder has announced token 1000")
				.withMessageContaining("has lost its last token")
				.satisfies((ex) -> assertThat(ex.getAnnouncedToken()).isEqualTo(1_000));
			later.guarded(() -> later.inTransaction(() -> set("apple", 90)));
		}
		assertThat(items("apple")).isEqualTo(90);
	}

	@Test
	void refusesIfTheDatabaseWasPutBack() {
		try (Holder holder = new Holder(7, Isolation.DEFAULT)) {
			holder.guarded(() -> {
				this.jdbc.update("UPDATE concord_fence SET token = 6");
				assertThatExceptionOfType(FencedOutException.class)
					.isThrownBy(() -> holder.inTransaction(() -> set("apple", 90)))
					.withMessageContaining("Was the database put back?");
			});
		}
		assertThat(items("apple")).isEqualTo(100);
	}

	@Test
	void verifiesTransactionsThatAreIndependentOfTheOuterOne() {
		try (Holder stale = new Holder(1, Isolation.DEFAULT); Holder next = new Holder(2, Isolation.DEFAULT)) {
			TransactionTemplate inner = new TransactionTemplate(stale.transactionManager);
			inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
			assertStale(stale, () -> {
				inner.executeWithoutResult((status) -> set("pear", 90));
				announceElsewhere(next);
				assertThatExceptionOfType(FencedOutException.class)
					.isThrownBy(() -> inner.executeWithoutResult((status) -> set("pear", 80)));
				set("apple", 80);
			});
		}
		assertThat(items("pear")).isEqualTo(90);
		assertThat(items("apple")).isEqualTo(100);
	}

	@Test
	void verifiesNestedTransactionsWithTheOuterOne() {
		if (!hasSavepoints()) {
			return;
		}
		try (Holder stale = new Holder(1, Isolation.DEFAULT); Holder next = new Holder(2, Isolation.DEFAULT)) {
			TransactionTemplate nested = new TransactionTemplate(stale.transactionManager);
			nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
			assertStale(stale, () -> {
				announceElsewhere(next);
				nested.executeWithoutResult((status) -> set("pear", 90));
				set("apple", 90);
			});
		}
		assertThat(items("pear")).isEqualTo(100);
		assertThat(items("apple")).isEqualTo(100);
	}

	@Test
	void refusesToBeginInsideOfATransaction() {
		try (Holder holder = new Holder(1, Isolation.DEFAULT)) {
			holder.inTransaction(() -> assertThatExceptionOfType(IllegalTransactionStateException.class)
				.isThrownBy(() -> holder.guarded(() -> {
					throw new AssertionError("The method must not run");
				}))
				.withMessageContaining("A transaction is active where the guard of '" + RESOURCE + "'"));
			assertThat(this.jdbc.queryForObject("SELECT COUNT(*) FROM concord_fence", Integer.class)).isZero();
		}
	}

	@Test
	void entersTheSameGrantAgainInsideOfItsTransaction() {
		try (Holder holder = new Holder(1, Isolation.DEFAULT); Holder next = new Holder(2, Isolation.DEFAULT)) {
			holder.guarded(() -> holder.inTransaction(() -> holder.guarded(() -> set("apple", 90))));
			assertStale(holder, () -> {
				announceElsewhere(next);
				// Not announced again, or it would find out here.
				holder.guarded(() -> set("apple", 80));
			});
		}
		assertThat(items("apple")).isEqualTo(90);
	}

	@Test
	void seesNoCommitAfterTheMethod() {
		try (Holder stale = new Holder(1, Isolation.DEFAULT); Holder next = new Holder(2, Isolation.DEFAULT)) {
			stale.guarded(() -> {
			});
			announceElsewhere(next);
			stale.inTransaction(() -> set("apple", 90));
		}
		assertThat(items("apple")).isEqualTo(90);
	}

	@Test
	void sharedHoldersStandBackForALaterExclusiveOneOnly() {
		try (Holder writer = new Holder(1, Isolation.DEFAULT);
				Holder reader = new Holder(2, Isolation.DEFAULT, Claim.SHARED);
				Holder other = new Holder(3, Isolation.DEFAULT, Claim.SHARED);
				Holder nextWriter = new Holder(4, Isolation.DEFAULT)) {
			other.guarded(() -> other.inTransaction(() -> set("pear", 90)));
			writer.guarded(() -> writer.inTransaction(() -> set("apple", 90)));
			reader.guarded(() -> other.guarded(() -> {
				reader.inTransaction(() -> set("apple", 80));
				other.inTransaction(() -> set("apple", 70));
				nextWriter.guarded(() -> {
				});
				assertThatExceptionOfType(FencedOutException.class)
					.isThrownBy(() -> reader.inTransaction(() -> set("apple", 60)))
					.withMessageContaining("a later holder has announced token 4");
			}));
			assertThatExceptionOfType(FencedOutException.class).isThrownBy(() -> other.guarded(() -> {
				throw new AssertionError("The method must not run");
			}));
		}
		assertThat(items("apple")).isEqualTo(70);
	}

	@Test
	void refusesHoldersOfALimitedNumber() {
		try (Holder holder = new Holder(1, Isolation.DEFAULT, 3)) {
			assertThatIllegalArgumentException().isThrownBy(() -> holder.guarded(() -> {
				throw new AssertionError("The method must not run");
			})).withMessageContaining("Up to 3 may hold '" + RESOURCE + "' beside each other");
		}
	}

	@Test
	void namesTheMissingTable() {
		CommitChecks checks = new CommitChecks();
		try (FencingGuard guard = FencingGuard.builder(this.dataSource, checks).tablePrefix("absent_").build()) {
			Fence fence = new Fence(RESOURCE, 1, "owner", 1);
			assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> guard.announce(fence))
				.withMessageContaining("If its table 'absent_fence' is missing");
		}
	}

	private void assertStale(Holder stale, Runnable body) {
		stale.guarded(() -> assertStaleCommit(stale, body));
	}

	/** The database may notice before the guard. */
	private static void assertStaleCommit(Holder stale, Runnable body) {
		try {
			stale.inTransaction(body);
		}
		catch (FencedOutException | ConcurrencyFailureException ex) {
			return;
		}
		throw new AssertionError("A stale holder has committed");
	}

	private int items(String sku) {
		Integer items = this.jdbc.queryForObject("SELECT items FROM stock WHERE sku = ?", Integer.class, sku);
		return Objects.requireNonNull(items);
	}

	private void set(String sku, int items) {
		this.jdbc.update("UPDATE stock SET items = ? WHERE sku = ?", items, sku);
	}

	/** Does it on another thread, to the end. */
	private void elsewhere(Runnable action) {
		CompletableFuture<Void> done = new CompletableFuture<>();
		start(done, action);
		done.orTimeout(60, TimeUnit.SECONDS).join();
	}

	private void announceElsewhere(Holder holder) {
		elsewhere(() -> holder.guarded(() -> {
		}));
	}

	@Test
	void engineThatWasRefusedAsksItsStoreForLargerTokens() {
		LeaseRequest request = LeaseRequest.exclusive(RESOURCE, Duration.ZERO, Duration.ofSeconds(30));
		try (LocalLeaseStore store = new LocalLeaseStore(); LeaseEngine engine = LeaseEngine.builder(store).build()) {
			Lease stale = engine.acquire(request).orElseThrow();
			// As a store that has lost its tokens, and whose clock has gone back.
			long lost = stale.token() + Duration.ofHours(1).toNanos();
			try (Holder holder = new Holder(lost, Isolation.DEFAULT)) {
				holder.guarded(() -> {
				});
				assertThatExceptionOfType(FencedOutException.class)
					.isThrownBy(() -> holder.guard.call(stale, () -> true));
				stale.release();
				Lease next = engine.acquire(request).orElseThrow();
				assertThat(next.token()).isGreaterThan(lost);
				assertThat(holder.guard.<Boolean, RuntimeException>call(next, () -> true)).isTrue();
				next.release();
			}
		}
	}

	/** Three turns under one grant of the store, each its own holder for the guard. */
	@Test
	void acceptsTheTurnsOfAGrantInTheirOrder() {
		HandOver turns = new HandOver(HandOver.MOST_TURNS, Duration.ofHours(1));
		LeaseRequest request = LeaseRequest.exclusive(RESOURCE, Duration.ofSeconds(60), Duration.ofSeconds(30))
			.withHandOver(turns);
		try (LocalLeaseStore store = new LocalLeaseStore();
				LeaseEngine engine = LeaseEngine.builder(store).build();
				Holder holder = new Holder(1, Isolation.DEFAULT)) {
			Lease turn = engine.acquire(request).orElseThrow();
			Lease first = turn;
			for (int i = 1; i <= 3; i++) {
				holder.guarded(turn, () -> holder.inTransaction(() -> set("apple", items("apple") - 1)));
				// In line when the call returns, so that it inherits.
				CompletableFuture<Optional<Lease>> heir = engine.acquireAsync(request);
				turn.release();
				Lease next = heir.orTimeout(60, TimeUnit.SECONDS).join().orElseThrow();
				assertThat(next.token()).as("a turn of the same grant").isEqualTo(first.token() + i);
				turn = next;
			}
			holder.guarded(turn, () -> holder.inTransaction(() -> set("apple", items("apple") - 1)));
			assertThat(items("apple")).isEqualTo(96);
			assertThat(this.jdbc.queryForObject("SELECT token FROM concord_fence", Long.class)).isEqualTo(turn.token());
			assertThatExceptionOfType(FencedOutException.class).isThrownBy(() -> holder.guarded(first, () -> {
				throw new AssertionError("The method must not run");
			})).satisfies((ex) -> assertThat(ex.getFence().token()).isEqualTo(first.token()));
			turn.release();
		}
	}

	private void start(CompletableFuture<Void> done, Runnable action) {
		this.threads.execute(() -> {
			try {
				action.run();
				done.complete(null);
			}
			catch (Throwable ex) {
				done.completeExceptionally(ex);
			}
		});
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new AssertionError(ex);
		}
	}

	/** Who holds, or held, the resource, in a process of its own. */
	private final class Holder implements Fenced, AutoCloseable {

		private final Fence fence;

		private final CommitChecks checks = new CommitChecks();

		private final PlatformTransactionManager transactionManager;

		private final TransactionTemplate template;

		private final FencingGuard guard;

		Holder(long token, Isolation isolation) {
			this(token, isolation, 1, Duration.ofSeconds(20));
		}

		Holder(long token, Isolation isolation, int limit) {
			this(token, isolation, limit, Duration.ofSeconds(20));
		}

		Holder(long token, Isolation isolation, Duration timeout) {
			this(token, isolation, 1, timeout);
		}

		private Holder(long token, Isolation isolation, int limit, Duration timeout) {
			this.fence = new Fence(RESOURCE, token, "owner-" + owners.incrementAndGet(), limit);
			AbstractPlatformTransactionManager transactionManager = newTransactionManager(
					FencingGuardContract.this.dataSource);
			this.checks.listenTo(transactionManager);
			this.transactionManager = transactionManager;
			this.template = new TransactionTemplate(transactionManager);
			this.template.setIsolationLevel(isolation.value());
			this.guard = FencingGuard.builder(FencingGuardContract.this.dataSource, this.checks)
				.timeout(timeout)
				.build();
		}

		@Override
		public Fence fence() {
			return this.fence;
		}

		void guarded(Runnable action) {
			guarded(this, action);
		}

		void guarded(Fenced held, Runnable action) {
			this.guard.call(held, () -> {
				action.run();
				return true;
			});
		}

		void inTransaction(Runnable action) {
			this.template.executeWithoutResult((status) -> action.run());
		}

		<T> @Nullable T get(Supplier<T> action) {
			return this.template.execute((status) -> action.get());
		}

		@Override
		public void close() {
			this.guard.close();
		}

	}

}
