package io.concord.faults;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;

import io.concord.test.postgres.PrivatePostgresServer;
import io.concord.test.server.MovableClock;

@Tag(AbstractFaultsIT.ONLY_LONG_RUNS)
class PostgresElectionFaultsIT extends AbstractJdbcFaultsIT<PrivatePostgresServer> {

	PostgresElectionFaultsIT() {
		super("PostgreSQL", Work.ELECTIONS);
	}

	@Override
	PrivatePostgresServer startServer(@Nullable MovableClock clock) {
		return (clock != null) ? PrivatePostgresServer.start(clock) : PrivatePostgresServer.start();
	}

}
