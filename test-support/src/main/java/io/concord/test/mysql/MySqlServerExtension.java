package io.concord.test.mysql;

import java.util.List;

import io.concord.test.jdbc.DatabaseServerExtension;
import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerSource;

class MySqlServerExtension extends DatabaseServerExtension<MySqlServer> {

	MySqlServerExtension() {
		super(MySqlServer.class, ServerKind.MYSQL);
	}

	@Override
	protected List<ServerSource<MySqlServer>> sources() {
		return new MySqlSources(System::getProperty, System::getenv).forSharedServer();
	}

}
