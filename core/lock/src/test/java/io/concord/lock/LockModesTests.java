package io.concord.lock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReadWriteLock;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;

import io.concord.invocation.InvalidKeyException;
import io.concord.invocation.Otherwise;
import io.concord.lease.HandOver;
import io.concord.lease.LeaseStoreException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Readers and writers, permits, several locks at once, a least time, the hand-over within
 * the process.
 */
class LockModesTests {

	private final TestLocks test = new TestLocks();

	private final DistributedLocks locks = this.test.locks;

	private final List<AnnotationConfigApplicationContext> contexts = new ArrayList<>();

	@AfterEach
	void close() {
		this.contexts.forEach(AnnotationConfigApplicationContext::close);
		this.test.close();
	}

	@Test
	void readersShareAndKeepWritersOut() {
		ReadWriteLock lock = this.locks.readWrite("a");
		lock.readLock().lock();
		assertThat(this.test.elsewhere(() -> {
			boolean read = lock.readLock().tryLock();
			lock.readLock().unlock();
			return read;
		})).isTrue();
		assertThat(this.test.elsewhere(() -> lock.writeLock().tryLock())).isFalse();
		assertThat(this.test.isFree("a")).as("who locks otherwise writes").isFalse();
		lock.readLock().unlock();
		assertThat(this.test.isFree("a")).isTrue();
		assertThat(lock).hasToString("Read-write lock 'a'");
	}

	@Test
	void writerIsNotStarvedByReaders() {
		ReadWriteLock lock = this.locks.readWrite("a");
		lock.readLock().lock();
		CompletableFuture<Boolean> writer = this.test.startElsewhere(() -> {
			lock.writeLock().lock();
			lock.writeLock().unlock();
			return true;
		});
		this.test.awaitOtherInLine();
		try (TestLocks third = new TestLocks(this.test.store)) {
			assertThat(third.locks.readWrite("a").readLock().tryLock()).as("a reader behind the writer").isFalse();
		}
		lock.readLock().unlock();
		assertThat(TestLocks.await(writer)).isTrue();
	}

	@Test
	void whoWritesMayReadButWhoReadsMayNotWrite() {
		ReadWriteLock lock = this.locks.readWrite("a");
		lock.writeLock().lock();
		lock.readLock().lock();
		lock.readLock().unlock();
		lock.writeLock().unlock();
		lock.readLock().lock();
		lock.readLock().lock();
		assertThatIllegalStateException().isThrownBy(lock.writeLock()::lock)
			.withMessageContaining("'a'")
			.withMessageContaining("for reading")
			.withMessageContaining("from the start");
		lock.readLock().unlock();
		lock.readLock().unlock();
		assertThat(this.test.isFree("a")).isTrue();
	}

	@Test
	void semaphoreHasAsManyPermitsAsItSays() {
		LockSemaphore semaphore = this.locks.semaphore("a", 2);
		HeldLock first = semaphore.tryAcquire().orElseThrow();
		HeldLock second = semaphore.acquire(Duration.ZERO);
		assertThat(second.fencingToken()).isGreaterThan(first.fencingToken());
		assertThat(semaphore.tryAcquire()).isEmpty();
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> semaphore.acquire(Duration.ZERO));
		first.close();
		first.close();
		semaphore.tryAcquire().orElseThrow();
		assertThat(semaphore.tryAcquire()).isEmpty();
		assertThat(semaphore).hasToString("Semaphore 'a' of 2");
		assertThatIllegalArgumentException().isThrownBy(() -> this.locks.semaphore("a", 0))
			.withMessageContaining("at least 1");
	}

	@Test
	void acquiresAllLocksOrNone() {
		LockRequest both = LockRequest.allOf(List.of("b", "a", "b"));
		HeldLock held = this.locks.acquire(both);
		assertThat(held.name()).isEqualTo("a, b");
		assertThat(held.isHeld()).isTrue();
		assertThat(held.parts()).extracting(HeldLock::name).containsExactly("a", "b");
		assertThatIllegalStateException().isThrownBy(held::fencingToken).withMessageContaining("parts()");
		assertThat(this.test.isFree("a")).isFalse();
		assertThat(this.test.isFree("b")).isFalse();
		held.close();
		assertThat(held.isHeld()).isFalse();
		this.test.elsewhere(() -> this.locks.acquire("b", Duration.ZERO));
		assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> this.locks.acquire(both))
			.satisfies((ex) -> assertThat(ex.getName()).isEqualTo("a, b"));
		assertThat(this.test.isFree("a")).isTrue();
	}

	@Test
	void givesBackWhatItHasIfTheStoreFailsAtTheNext() {
		this.test.store.failOn = "lock:b";
		assertThatExceptionOfType(LeaseStoreException.class)
			.isThrownBy(() -> this.locks.acquire(LockRequest.allOf(List.of("a", "b"))));
		this.test.store.failOn = null;
		assertThat(this.test.isFree("a")).isTrue();
		assertThat(this.test.isFree("b")).isTrue();
	}

	@Test
	void oppositeOrdersDoNotBlockEachOther() {
		CompletableFuture<Boolean> other = this.test.startElsewhere(() -> transferOften(List.of("b", "a")));
		assertThat(transferOften(List.of("a", "b"))).isTrue();
		assertThat(TestLocks.await(other)).isTrue();
	}

	private boolean transferOften(List<String> names) {
		for (int i = 0; i < 200; i++) {
			this.locks.acquire(LockRequest.allOf(names).waitTime(TestLocks.BOUND)).close();
		}
		return true;
	}

	@Test
	void listenerIsToldOnceOfTheLossOfAnyPart() {
		HeldLock held = this.test.shortLocks.acquire(LockRequest.allOf(List.of("a", "b")));
		List<String> reasons = Collections.synchronizedList(new ArrayList<>());
		held.onLost(reasons::add);
		this.test.store.forgetful = true;
		TestLocks.await(() -> !reasons.isEmpty());
		TestLocks.await(() -> held.parts().stream().noneMatch(HeldLock::isHeld));
		assertThatExceptionOfType(LockLostException.class).isThrownBy(held::close)
			.satisfies((ex) -> assertThat(ex.getSuppressed()).hasOnlyElementsOfType(LockLostException.class));
		assertThat(reasons).hasSize(1).first().asString().containsPattern("'[ab]': ");
	}

	@Test
	void refusesRequestsThatMakeNoSense() {
		assertThatIllegalArgumentException().isThrownBy(() -> LockRequest.allOf(Set.of()));
		List<String> many = new ArrayList<>();
		for (int i = 0; i <= LockRequest.MOST_NAMES; i++) {
			many.add("n" + i);
		}
		assertThatIllegalArgumentException().isThrownBy(() -> LockRequest.allOf(many)).withMessageContaining("101");
		LockRequest request = LockRequest.of("a");
		assertThatIllegalArgumentException().isThrownBy(() -> request.waitTime(Duration.ofMillis(-1)));
		assertThatIllegalArgumentException().isThrownBy(() -> request.minHold(Duration.ofMillis(-1)));
		assertThatIllegalArgumentException().isThrownBy(() -> request.limit(0));
	}

	@Test
	void lockStaysTakenForItsLeastTime() {
		HeldLock held = this.locks.acquire(LockRequest.of("a").minHold(Duration.ofMillis(400)));
		held.close();
		assertThat(this.test.store.releases).hasValue(0);
		assertThat(this.test.isFree("a")).isFalse();
		assertThat(this.locks.tryAcquire("a")).as("not even for the same thread").isEmpty();
		TestLocks.await(() -> this.test.isFree("a"));
		HeldLock longer = this.locks.acquire(LockRequest.of("b").minHold(Duration.ofNanos(1)));
		longer.close();
		assertThat(this.test.isFree("b")).isTrue();
	}

	@Test
	void leastTimeIsTriedAgainIfTheStoreFails() {
		HeldLock held = this.locks.acquire(LockRequest.of("a").minHold(Duration.ofMillis(700)));
		this.test.store.failure = new LeaseStoreException("down");
		held.close();
		this.test.store.failure = null;
		TestLocks.await(() -> this.test.isFree("a"));
		assertThat(this.test.store.releases).as("its end came by itself").hasValue(1);
	}

	@Test
	void threadsOfTheProcessTakeTurnsUnlessToldNotTo() {
		assertThat(claimsForTwo(LockRequest.of("a"))).isEqualTo(1);
		assertThat(claimsForTwo(LockRequest.of("b").handOver(false))).isEqualTo(2);
		assertThat(claimsForTwo(LockRequest.of("c").minHold(Duration.ofMillis(10)))).isEqualTo(2);
		LeasedLocks off = new LeasedLocks(() -> this.test.engine,
				new LockSettings(TestLocks.BOUND, Duration.ofSeconds(20), HandOver.NONE));
		assertThat(claimsForTwo(off, LockRequest.of("d"))).isEqualTo(2);
	}

	private int claimsForTwo(LockRequest request) {
		return claimsForTwo(this.locks, request);
	}

	private int claimsForTwo(DistributedLocks locks, LockRequest request) {
		int before = this.test.store.claims.get();
		HeldLock held = locks.acquire(request);
		CompletableFuture<Long> next = this.test.startElsewhere(() -> {
			try (HeldLock lock = locks.acquire(request.waitTime(TestLocks.BOUND))) {
				return lock.fencingToken();
			}
		});
		this.test.awaitOtherInLine();
		held.close();
		assertThat(TestLocks.await(next)).isGreaterThan(held.fencingToken());
		return this.test.store.claims.get() - before;
	}

	@Test
	void annotationSetsTheMode() {
		Shop shop = start(new Shop());
		shop.read(() -> {
			assertThat(this.test.elsewhere(() -> shop.read(null))).isTrue();
			assertThat(this.test.elsewhere(() -> shop.write(null))).isNull();
			assertThatIllegalStateException().isThrownBy(() -> shop.write(null)).withMessageContaining("for reading");
		});
		shop.write(() -> {
			assertThat(this.test.elsewhere(() -> shop.read(null))).isNull();
			assertThat(shop.read(null)).isTrue();
		});
	}

	@Test
	void annotationSetsTheLimit() {
		Shop shop = start(new Shop());
		shop.limited(() -> {
			CompletableFuture<@Nullable Boolean> second = this.test
				.startElsewhere(() -> shop.limited(() -> assertThat(this.test.store.lastClaim().limit()).isEqualTo(2)));
			assertThat(TestLocks.await(second)).isTrue();
			HeldLock permit = this.locks.semaphore("limited", 2).tryAcquire().orElseThrow();
			assertThat(this.test.elsewhere(() -> shop.limited(null))).isNull();
			permit.close();
		});
	}

	@Test
	void annotationTakesSeveralKeys() {
		Shop shop = start(new Shop());
		shop.transfer("b", "a", () -> {
			assertThat(this.test.isFree("account:a")).isFalse();
			assertThat(this.test.isFree("account:b")).isFalse();
			assertThat(this.test.isFree("account:c")).isTrue();
		});
		shop.all(List.of("x", "y"), () -> assertThat(this.test.isFree("account:y")).isFalse());
		assertThat(this.test.isFree("account:a")).isTrue();
		assertThatExceptionOfType(InvalidKeyException.class).isThrownBy(() -> shop.all(List.of(), null))
			.withMessageContaining("gives no keys");
		assertThatExceptionOfType(InvalidKeyException.class)
			.isThrownBy(() -> shop.all(Collections.nCopies(101, "x"), null))
			.withMessageContaining("gives 101 keys");
		assertThatExceptionOfType(InvalidKeyException.class).isThrownBy(() -> shop.all(List.of("x", ""), null))
			.withMessageContaining("is empty");
	}

	@Test
	void annotationSetsTheLeastTime() {
		Shop shop = start(new Shop());
		assertThat(shop.job(null)).isTrue();
		assertThat(shop.job(null)).isNull();
		TestLocks.await(() -> Objects.equals(shop.job(null), true));
	}

	@Test
	void annotationSwitchesTheHandOverOff() {
		Shop shop = start(new Shop());
		int before = this.test.store.claims.get();
		CompletableFuture<CompletableFuture<@Nullable Boolean>> next = new CompletableFuture<>();
		shop.aloneAtStore(() -> {
			next.complete(this.test.startElsewhere(() -> shop.aloneAtStore(null)));
			this.test.awaitOtherInLine();
		});
		assertThat(TestLocks.await(TestLocks.await(next))).isTrue();
		assertThat(this.test.store.claims.get() - before).isEqualTo(2);
	}

	private Shop start(Shop shop) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		context.registerBean(DistributedLockBeanPostProcessor.class,
				() -> new DistributedLockBeanPostProcessor(() -> this.locks, LockSettings::defaults,
						() -> Duration.ofMillis(200)));
		context.registerBean(Shop.class, () -> shop);
		context.refresh();
		this.contexts.add(context);
		return context.getBean(Shop.class);
	}

	static class Shop {

		@DistributedLock(name = "rw", mode = LockMode.READ, waitTime = "0", otherwise = Otherwise.SKIP)
		public @Nullable Boolean read(@Nullable Runnable body) {
			return run(body);
		}

		@DistributedLock(name = "rw", mode = LockMode.WRITE, waitTime = "0", otherwise = Otherwise.SKIP)
		public @Nullable Boolean write(@Nullable Runnable body) {
			return run(body);
		}

		@DistributedLock(name = "limited", limit = 2, waitTime = "0", otherwise = Otherwise.SKIP)
		public @Nullable Boolean limited(@Nullable Runnable body) {
			return run(body);
		}

		@DistributedLock(name = "account", key = "{#from, #to}")
		public @Nullable Boolean transfer(String from, String to, @Nullable Runnable body) {
			return run(body);
		}

		@DistributedLock(name = "account", key = "#accounts")
		public @Nullable Boolean all(List<String> accounts, @Nullable Runnable body) {
			return run(body);
		}

		@DistributedLock(name = "job", waitTime = "0", otherwise = Otherwise.SKIP, minHold = "300ms")
		public @Nullable Boolean job(@Nullable Runnable body) {
			return run(body);
		}

		@DistributedLock(name = "alone", handOver = false)
		public @Nullable Boolean aloneAtStore(@Nullable Runnable body) {
			return run(body);
		}

		private static Boolean run(@Nullable Runnable body) {
			if (body != null) {
				body.run();
			}
			return true;
		}

	}

}
