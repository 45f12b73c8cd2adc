package io.concord.lease.zookeeper;

import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStoreException;

import static org.assertj.core.api.Assertions.assertThat;

class FailuresTests {

	@ParameterizedTest
	@EnumSource(names = { "CONNECTIONLOSS", "SESSIONEXPIRED", "OPERATIONTIMEOUT", "REQUESTTIMEOUT", "AUTHFAILED" })
	void whatTheServerHasNotSaidIsUnknown(Code code) {
		assertThat(Failures.of("zookeeper", KeeperException.create(code, "/a")))
			.isInstanceOf(LeaseOutcomeUnknownException.class);
	}

	@ParameterizedTest
	@EnumSource(names = { "NONODE", "NOAUTH", "INVALIDACL", "SESSIONMOVED", "QUOTAEXCEEDED", "THROTTLEDOP",
			"UNIMPLEMENTED" })
	void whatTheServerHasRefusedIsNotApplied(Code code) {
		assertThat(Failures.of("zookeeper", KeeperException.create(code, "/a"))).isInstanceOf(LeaseStoreException.class)
			.isNotInstanceOf(LeaseOutcomeUnknownException.class);
	}

	@Test
	void whatIsNoAnswerOfAServerAtAllIsUnknown() {
		assertThat(Failures.of("zookeeper", new IllegalStateException("planted")))
			.isInstanceOf(LeaseOutcomeUnknownException.class);
	}

	@Test
	void saysWhichServerIsTooOld() {
		assertThat(Failures.of("zookeeper (a:1)", KeeperException.create(Code.UNIMPLEMENTED, "/a")))
			.hasMessageContaining("zookeeper (a:1)")
			.hasMessageContaining("3.5.3")
			.hasMessageContaining("Update");
	}

	@Test
	void saysWhichRightsAreMissing() {
		assertThat(Failures.of("zookeeper (a:1)", KeeperException.create(Code.NOAUTH, "/concord/shop/lease")))
			.hasMessageContaining("/concord/shop/lease")
			.hasMessageContaining("create, delete, read and write");
	}

}
