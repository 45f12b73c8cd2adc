package io.concord.faults;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;

import io.concord.test.postgres.PrivatePostgresServer;
import io.concord.test.server.MovableClock;

@Tag(AbstractFaultsIT.ONLY_LONG_RUNS)
class PostgresRateFaultsIT extends AbstractJdbcFaultsIT<PrivatePostgresServer> {

	PostgresRateFaultsIT() {
		super("PostgreSQL", Work.RATES);
	}

	@Override
	PrivatePostgresServer startServer(@Nullable MovableClock clock) {
		return (clock != null) ? PrivatePostgresServer.start(clock) : PrivatePostgresServer.start();
	}

}
