package io.concord.lease.zookeeper;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ContactsTests {

	private static final long SECOND = Duration.ofSeconds(1).toNanos();

	private static final long SESSION = 30 * SECOND;

	private static final long TICK = 2 * SECOND;

	/** Any number may come out of the clock, so begin where it wraps around. */
	private static final long START = Long.MAX_VALUE - 10 * SECOND;

	private final Contacts contacts = new Contacts(Duration.ofNanos(SESSION), Duration.ofNanos(TICK));

	@Test
	void knowsAtFirstWhatTheClientSeesTo() {
		assertThat(livesFor(0)).isEqualTo(SESSION / 3 - TICK);
	}

	@Test
	void countsFromAContactThatIsATickOld() {
		this.contacts.answered(START);
		assertThat(livesFor(TICK - 1)).isEqualTo(SESSION / 3 - TICK);
		assertThat(livesFor(TICK)).isEqualTo(SESSION - TICK);
		assertThat(livesFor(5 * SECOND)).isEqualTo(SESSION - 5 * SECOND);
		this.contacts.answered(START + 5 * SECOND);
		assertThat(livesFor(6 * SECOND)).isEqualTo(SESSION - 6 * SECOND);
		assertThat(livesFor(7 * SECOND)).isEqualTo(SESSION - TICK);
	}

	@Test
	void isReadyWhenALeaseWouldLast() {
		assertThat(this.contacts.untilReady(START)).isZero();
		Contacts brief = new Contacts(Duration.ofNanos(3 * TICK), Duration.ofNanos(TICK));
		assertThat(brief.untilReady(START)).isEqualTo(TICK);
		brief.answered(START);
		assertThat(brief.untilReady(START + SECOND)).isEqualTo(SECOND);
		assertThat(brief.untilReady(START + TICK)).isZero();
		// The process stood still, and the contact is too old.
		assertThat(brief.untilReady(START + 3 * TICK)).isEqualTo(TICK);
	}

	/** Forgets what it may, but never tells more than all contacts together would. */
	@Test
	void agreesWithAllContacts() {
		for (int seed = 0; seed < 200; seed++) {
			Random random = new Random(seed);
			Contacts some = new Contacts(Duration.ofNanos(SESSION), Duration.ofNanos(TICK));
			List<Long> all = new ArrayList<>();
			long now = START;
			for (int i = 0; i < 200; i++) {
				now += random.nextInt(10) * random.nextInt(10) * SECOND / 20;
				some.answered(now);
				all.add(now);
				long from = now;
				long exact = all.stream()
					.filter((contact) -> from - contact >= TICK)
					.mapToLong((contact) -> contact - from)
					.max()
					.orElse(Long.MIN_VALUE / 2);
				long expected = Math.max(exact, -SESSION / 3 * 2 - TICK) + SESSION;
				assertThat(some.livesUntil(now) - now).isBetween(expected - TICK / 8, expected);
			}
		}
	}

	private long livesFor(long afterStart) {
		return this.contacts.livesUntil(START + afterStart) - START - afterStart;
	}

}
