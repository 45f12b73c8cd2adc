package io.concord.test.mariadb;

import java.util.List;

import io.concord.test.jdbc.DatabaseServerExtension;
import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerSource;

class MariaDbServerExtension extends DatabaseServerExtension<MariaDbServer> {

	MariaDbServerExtension() {
		super(MariaDbServer.class, ServerKind.MARIADB);
	}

	@Override
	protected List<ServerSource<MariaDbServer>> sources() {
		return new MariaDbSources(System::getProperty, System::getenv).forSharedServer();
	}

}
