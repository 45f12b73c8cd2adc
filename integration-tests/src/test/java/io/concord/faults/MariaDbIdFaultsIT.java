package io.concord.faults;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;

import io.concord.test.mariadb.PrivateMariaDbServer;
import io.concord.test.server.MovableClock;

@Tag(AbstractFaultsIT.ONLY_LONG_RUNS)
class MariaDbIdFaultsIT extends AbstractJdbcFaultsIT<PrivateMariaDbServer> {

	MariaDbIdFaultsIT() {
		super("MariaDB", Work.IDS);
	}

	@Override
	PrivateMariaDbServer startServer(@Nullable MovableClock clock) {
		return (clock != null) ? PrivateMariaDbServer.start(clock) : PrivateMariaDbServer.start();
	}

}
