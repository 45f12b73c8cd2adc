package io.concord.benchmark;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class CandidateTests {

	private final AtomicBoolean leads = new AtomicBoolean();

	private final AtomicBoolean left = new AtomicBoolean();

	private final Candidate candidate = new Candidate(new Standing() {

		@Override
		public boolean isLeader() {
			return CandidateTests.this.leads.get();
		}

		@Override
		public void leave() {
			CandidateTests.this.left.set(true);
		}

	});

	@Test
	void tellsSinceWhenItLeadsAndHowLongItWasSeenTo() throws Exception {
		long begin = System.nanoTime();
		assertThat(this.candidate.ledAfter(begin)).containsExactly(0, 0);
		this.leads.set(true);
		long since = this.candidate.awaitLeadership();
		assertThat(since).isBetween(begin, System.nanoTime());
		assertThat(this.candidate.awaitLeadership()).isEqualTo(since);
		while (this.candidate.ledAfter(since)[0] < 3) {
			LockSupport.parkNanos(100_000);
		}
		assertThat(this.candidate.ledAfter(since)[1]).isPositive();
		this.candidate.leave();
		assertThat(this.left).isTrue();
		assertThat(this.candidate.ledAfter(System.nanoTime())).containsExactly(0, 0);
	}

}
