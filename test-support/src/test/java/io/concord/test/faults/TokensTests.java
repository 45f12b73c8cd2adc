package io.concord.test.faults;

import org.junit.jupiter.api.Test;

import static io.concord.test.faults.Histories.fail;
import static io.concord.test.faults.Histories.history;
import static io.concord.test.faults.Histories.info;
import static io.concord.test.faults.Histories.ok;
import static org.assertj.core.api.Assertions.assertThat;

class TokensTests {

	@Test
	void acceptsTokensThatGrow() {
		var grants = history(ok(1, "acquire", 5, 0, 10), ok(2, "acquire", 6, 11, 20), fail(3, "acquire", 0, 12, 13),
				info(3, "acquire", 0, 14), ok(1, "acquire", 9, 21, 30));
		assertThat(Tokens.repeats(grants)).isEmpty();
		assertThat(Tokens.regressions(grants)).isEmpty();
	}

	@Test
	void acceptsAnyOrderOfWhatHappensAtTheSameTime() {
		assertThat(Tokens.regressions(history(ok(1, "acquire", 6, 0, 10), ok(2, "acquire", 5, 10, 20)))).isEmpty();
	}

	@Test
	void findsATokenThatIsSmallerThanOneBefore() {
		var late = ok(2, "acquire", 5, 11, 20);
		assertThat(Tokens.regressions(history(late, ok(1, "acquire", 6, 0, 10)))).singleElement()
			.satisfies((finding) -> assertThat(finding.evidence()).endsWith(late));
	}

	@Test
	void findsASmallerTokenBehindLaterOnes() {
		assertThat(Tokens
			.regressions(history(ok(1, "acquire", 9, 0, 10), ok(2, "acquire", 7, 5, 12), ok(3, "acquire", 8, 15, 20))))
			.hasSize(1);
	}

	@Test
	void findsATokenThatIsGivenOutTwice() {
		var grants = history(ok(1, "acquire", 5, 0, 10), ok(2, "acquire", 5, 3, 20));
		assertThat(Tokens.repeats(grants)).hasSize(1);
		assertThat(Tokens.regressions(grants)).isEmpty();
	}

	@Test
	void acceptsWritesInTheOrderOfTheirTokens() {
		assertThat(Tokens.staleWrites(history(ok(1, "announce", 5, 0, 2), ok(2, "announce", 6, 8, 9)),
				history(ok(1, "commit", 5, 3, 4), ok(1, "commit", 5, 5, 9), ok(2, "commit", 6, 10, 12))))
			.isEmpty();
	}

	@Test
	void findsAWriteAfterOneWithALargerToken() {
		assertThat(Tokens.staleWrites(history(), history(ok(1, "commit", 6, 0, 1), ok(2, "commit", 5, 2, 3))))
			.hasSize(1);
	}

	@Test
	void findsAWriteAfterALargerTokenWasAnnounced() {
		assertThat(Tokens.staleWrites(history(ok(1, "announce", 5, 0, 2), ok(2, "announce", 6, 3, 4)),
				history(ok(1, "commit", 5, 5, 6))))
			.hasSize(1);
	}

	@Test
	void passesOverRefusedWritesAndAnnouncementsOfUnknownOutcome() {
		assertThat(Tokens.staleWrites(history(info(2, "announce", 6, 3)),
				history(ok(1, "commit", 5, 5, 6), fail(1, "commit", 4, 7, 8))))
			.isEmpty();
	}

}
