package io.concord.loadbalancer.registry;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.concord.lease.LeaseEngine;
import io.concord.lease.local.LocalLeaseStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class LeaseRegistryTests {

	private static final RegisteredInstance ONE = new RegisteredInstance("one", "10.0.0.1", 8081, false,
			Map.of("weight", "3", "zone", "a"));

	private static final RegisteredInstance TWO = new RegisteredInstance("host-2:8443", "host-2", 8443, true, Map.of());

	private final LocalLeaseStore store = new LocalLeaseStore();

	private final LeaseEngine engine = LeaseEngine.builder(this.store).build();

	private final BlockingQueue<String> changes = new LinkedBlockingQueue<>();

	private final LeaseRegistry first = registry(this.changes);

	private final LeaseRegistry second = registry(new LinkedBlockingQueue<>());

	private LeaseRegistry registry(BlockingQueue<String> told) {
		return new LeaseRegistry(() -> this.engine, Duration.ofSeconds(10), Duration.ofMillis(5), told::add);
	}

	@AfterEach
	void close() {
		this.first.close(Duration.ofSeconds(10));
		this.second.close(Duration.ofSeconds(10));
		this.engine.close();
		this.store.close();
	}

	@Test
	void findsWhoIsRegisteredAndTellsOfChanges() throws Exception {
		assertThat(this.first.instances("stock")).isEmpty();
		this.first.register("stock", ONE);
		assertThat(this.changes.poll(10, TimeUnit.SECONDS)).isEqualTo("stock");
		assertThat(this.first.instances("stock")).containsExactly(ONE);
		this.second.register("stock", TWO);
		assertThat(this.changes.poll(10, TimeUnit.SECONDS)).isEqualTo("stock");
		assertThat(this.second.instances("stock")).containsExactly(TWO, ONE);
		assertThat(this.second.instances("other")).isEmpty();
		this.second.close(Duration.ofSeconds(10));
		assertThat(this.changes.poll(10, TimeUnit.SECONDS)).isEqualTo("stock");
		assertThat(this.first.instances("stock")).containsExactly(ONE);
	}

	@Test
	void tellsOfAChangeThatSomebodyHasSeenByAsking() throws Exception {
		CountDownLatch turns = new CountDownLatch(1);
		Thread asking = Thread.currentThread();
		LeaseRegistry third = new LeaseRegistry(() -> {
			if (Thread.currentThread() != asking) {
				await(turns);
			}
			return this.engine;
		}, Duration.ofSeconds(10), Duration.ofMillis(5), this.changes::add);
		try {
			assertThat(third.instances("stock")).isEmpty();
			this.second.register("stock", TWO);
			while (third.instances("stock").isEmpty()) {
				Thread.onSpinWait();
			}
			turns.countDown();
			assertThat(this.changes.poll(10, TimeUnit.SECONDS)).isEqualTo("stock");
		}
		finally {
			turns.countDown();
			third.close(Duration.ofSeconds(10));
		}
	}

	private static void await(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void registersAgainIfItsLeaseWasTaken() throws Exception {
		this.first.instances("stock");
		this.first.register("stock", ONE);
		assertThat(this.changes.poll(10, TimeUnit.SECONDS)).isEqualTo("stock");
		this.engine.forceRelease("instances/stock");
		List<RegisteredInstance> found;
		do {
			this.changes.poll(10, TimeUnit.SECONDS);
			found = this.first.instances("stock");
		}
		while (found.isEmpty());
		assertThat(found).containsExactly(ONE);
	}

	@Test
	void refusesWhatCanNotBeWritten() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new RegisteredInstance("a,b", "host", 80, false, Map.of()))
			.withMessageContaining("'a,b'");
		assertThatIllegalArgumentException().isThrownBy(() -> new RegisteredInstance("a", "host", 0, false, Map.of()))
			.withMessageContaining("not 0");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new RegisteredInstance("a", "host", 80, false, Map.of("at", "x")))
			.withMessageContaining("'at'");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.first.register("stock",
					new RegisteredInstance("a", "host", 80, false, Map.of("long", "x".repeat(200)))))
			.withMessageContaining("too long");
	}

	@Test
	void notesOfOthersAreNoInstances() {
		assertThat(RegisteredInstance.ofNote("")).isNull();
		assertThat(RegisteredInstance.ofNote("at=nowhere")).isNull();
		assertThat(RegisteredInstance.ofNote("at=host:many")).isNull();
		assertThat(RegisteredInstance.ofNote(ONE.note())).isEqualTo(ONE);
		assertThat(RegisteredInstance.ofNote(TWO.note())).isEqualTo(TWO);
		RegisteredInstance ip6 = new RegisteredInstance("x", "[::1]", 80, false, Map.of());
		assertThat(RegisteredInstance.ofNote(ip6.note())).isEqualTo(ip6);
	}

}
