package io.concord.test.postgres;

import java.util.List;

import io.concord.test.jdbc.DatabaseServerExtension;
import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerSource;

class PostgresServerExtension extends DatabaseServerExtension<PostgresServer> {

	PostgresServerExtension() {
		super(PostgresServer.class, ServerKind.POSTGRES);
	}

	@Override
	protected List<ServerSource<PostgresServer>> sources() {
		return new PostgresSources(System::getProperty, System::getenv).forSharedServer();
	}

}
