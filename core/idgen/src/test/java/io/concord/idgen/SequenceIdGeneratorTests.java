package io.concord.idgen;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import io.concord.idgen.local.LocalSequenceStore;
import io.concord.lease.LeaseOutcomeUnknownException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class SequenceIdGeneratorTests {

	private final LocalSequenceStore store = new LocalSequenceStore();

	@Test
	void asksTheStoreForEachId() {
		SequenceIdGenerator first = SequenceIdGenerator.builder("orders", this.store).least(10).start();
		SequenceIdGenerator second = SequenceIdGenerator.builder("orders", this.store)
			.format(IdFormats.crockford())
			.start();
		assertThat(first.next()).isEqualTo(10);
		assertThat(second.nextString()).isEqualTo("000000000000B");
		long[] batch = new long[3];
		first.next(batch);
		assertThat(batch).containsExactly(12, 13, 14);
		assertThat(first.getAsLong()).isEqualTo(15);
		assertThat(first.status().issued()).isEqualTo(5);
	}

	@Test
	void tellsThatTheStoreFailed() {
		SequenceIdGenerator generator = SequenceIdGenerator.builder("orders", new SequenceStore() {

			@Override
			public String describe() {
				return "a store of the test";
			}

			@Override
			public long next(String name, long least, Duration timeout) {
				throw new LeaseOutcomeUnknownException("No answer within " + timeout.toMillis() + " ms");
			}

			@Override
			public void close() {
			}

		}).storeTimeout(Duration.ofMillis(300)).start();
		assertThatExceptionOfType(IdsUnavailableException.class).isThrownBy(generator::next)
			.withMessageContaining("'orders'")
			.withMessageContaining("300 ms")
			.withCauseInstanceOf(LeaseOutcomeUnknownException.class);
		assertThat(generator.status().problem()).contains("300 ms");
	}

	@Test
	void isClosed() {
		SequenceIdGenerator generator = SequenceIdGenerator.builder("orders", this.store).start();
		generator.close();
		assertThatExceptionOfType(IdsUnavailableException.class).isThrownBy(generator::next)
			.withMessageContaining("closed");
		assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> generator.decode(1));
	}

	@Test
	void refusesValuesOutOfRange() {
		assertThatExceptionOfType(InvalidGeneratorException.class)
			.isThrownBy(() -> SequenceIdGenerator.builder("orders", this.store).least(-1).start())
			.satisfies((ex) -> assertThat(ex.getValue()).isEqualTo("least"));
	}

}
