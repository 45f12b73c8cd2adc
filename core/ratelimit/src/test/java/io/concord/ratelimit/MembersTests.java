package io.concord.ratelimit;

import org.junit.jupiter.api.Test;

import io.concord.lease.LeaseEngine;
import io.concord.lease.local.LocalLeaseStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

class MembersTests {

	@Test
	void countsThoseWhoLiveAndCanBeClosedAgain() {
		LeaseEngine engine = LeaseEngine.builder(new LocalLeaseStore()).build();
		Members first = new Members(() -> engine);
		Members second = new Members(() -> engine);
		assertThat(second.count()).isEqualTo(2);
		second.close();
		assertThatCode(second::close).doesNotThrowAnyException();
		first.close();
		engine.close();
	}

}
