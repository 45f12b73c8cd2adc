package io.concord.test.mysql;

import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

import io.concord.test.jdbc.DatabaseAddress;
import io.concord.test.jdbc.DatabaseSources;
import io.concord.test.server.ServerContainer;
import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerProcess;
import io.concord.test.server.ServerSettings;
import io.concord.test.server.ServerSettings.Lookup;
import io.concord.test.server.ServerSource;
import io.concord.test.server.StartedServer;

/**
 * From where a MySQL can be had, the preferred source first.
 */
final class MySqlSources {

	private static final List<String> PROGRAMS = List.of("mysqld");

	private static final String CONTAINER_PASSWORD = "concord";

	private static final ServerContainer CONTAINER = new ServerContainer("mysql:8.4", 3306,
			Map.of("MYSQL_ROOT_PASSWORD", CONTAINER_PASSWORD), List.of());

	private final ServerSettings settings;

	MySqlSources(Lookup properties, Lookup variables) {
		this.settings = new ServerSettings(ServerKind.MYSQL, properties, variables);
	}

	List<ServerSource<MySqlServer>> forSharedServer() {
		return List.of(
				DatabaseSources.url(this.settings, MySqlServer.PRODUCT, (address) -> new MySqlServer(address, null)),
				localBinary(false, MySqlServer::new), DatabaseSources.container(this.settings, CONTAINER,
						MySqlServer.PRODUCT, "root", CONTAINER_PASSWORD, (address) -> new MySqlServer(address, null)));
	}

	List<ServerSource<PrivateMySqlServer>> forPrivateServer() {
		return List.of(localBinary(true, PrivateMySqlServer::new));
	}

	private <S extends MySqlServer> ServerSource<S> localBinary(boolean durable,
			BiFunction<DatabaseAddress, ServerProcess, S> view) {
		return this.settings.localBinary(PROGRAMS, (program) -> {
			MySqlDefinition definition = MySqlDefinition.of(program, durable);
			ServerProcess process = ServerProcess.start(definition);
			return StartedServer.of(view.apply(definition.address(process.port()), process), process);
		});
	}

}
