package io.concord.test.mariadb;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

import io.concord.test.jdbc.DatabaseAddress;
import io.concord.test.jdbc.DatabaseSources;
import io.concord.test.server.ServerContainer;
import io.concord.test.server.ServerDefinition;
import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerProcess;
import io.concord.test.server.ServerSettings;
import io.concord.test.server.ServerSettings.Lookup;
import io.concord.test.server.ServerSource;
import io.concord.test.server.StartedServer;

/**
 * From where a MariaDB can be had, the preferred source first.
 */
final class MariaDbSources {

	private static final List<String> PROGRAMS = List.of("mariadbd");

	private static final String CONTAINER_PASSWORD = "concord";

	private static final ServerContainer CONTAINER = new ServerContainer("mariadb:11.4", 3306,
			Map.of("MARIADB_ROOT_PASSWORD", CONTAINER_PASSWORD), List.of());

	private final ServerSettings settings;

	MariaDbSources(Lookup properties, Lookup variables) {
		this.settings = new ServerSettings(ServerKind.MARIADB, properties, variables);
	}

	List<ServerSource<MariaDbServer>> forSharedServer() {
		return List.of(
				DatabaseSources.url(this.settings, MariaDbServer.PRODUCT,
						(address) -> new MariaDbServer(address, null)),
				localBinary(false, UnaryOperator.identity(), MariaDbServer::new),
				embeddedBinary(false, UnaryOperator.identity(), MariaDbServer::new),
				DatabaseSources.container(this.settings, CONTAINER, MariaDbServer.PRODUCT, "root", CONTAINER_PASSWORD,
						(address) -> new MariaDbServer(address, null)));
	}

	/**
	 * Those of a server that belongs to one test.
	 * @param change what is different from any other
	 */
	List<ServerSource<PrivateMariaDbServer>> forPrivateServer(UnaryOperator<ServerDefinition> change) {
		return List.of(localBinary(true, change, PrivateMariaDbServer::new),
				embeddedBinary(true, change, PrivateMariaDbServer::new));
	}

	private <S extends MariaDbServer> ServerSource<S> localBinary(boolean durable,
			UnaryOperator<ServerDefinition> change, BiFunction<DatabaseAddress, ServerProcess, S> view) {
		return this.settings.localBinary(PROGRAMS, (program) -> run(program.toRealPath(), durable, change, view));
	}

	private <S extends MariaDbServer> ServerSource<S> embeddedBinary(boolean durable,
			UnaryOperator<ServerDefinition> change, BiFunction<DatabaseAddress, ServerProcess, S> view) {
		return this.settings.embeddedBinary((system) -> run(EmbeddedMariaDb.program(system), durable, change, view));
	}

	private <S extends MariaDbServer> StartedServer<S> run(Path program, boolean durable,
			UnaryOperator<ServerDefinition> change, BiFunction<DatabaseAddress, ServerProcess, S> view) {
		MariaDbDefinition definition = new MariaDbDefinition(program, this.settings.onPath("mariadb-install-db"),
				durable);
		ServerProcess process = ServerProcess.start(change.apply(definition));
		return StartedServer.of(view.apply(definition.address(process.port()), process), process);
	}

}
