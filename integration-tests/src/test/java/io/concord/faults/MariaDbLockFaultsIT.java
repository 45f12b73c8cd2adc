package io.concord.faults;

import org.jspecify.annotations.Nullable;

import io.concord.test.mariadb.PrivateMariaDbServer;
import io.concord.test.server.MovableClock;

class MariaDbLockFaultsIT extends AbstractJdbcFaultsIT<PrivateMariaDbServer> {

	MariaDbLockFaultsIT() {
		super("MariaDB", Work.LOCKS);
	}

	@Override
	PrivateMariaDbServer startServer(@Nullable MovableClock clock) {
		return (clock != null) ? PrivateMariaDbServer.start(clock) : PrivateMariaDbServer.start();
	}

}
