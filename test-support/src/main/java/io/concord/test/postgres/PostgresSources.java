package io.concord.test.postgres;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

import io.concord.test.jdbc.DatabaseAddress;
import io.concord.test.jdbc.DatabaseSources;
import io.concord.test.server.OperatingSystem;
import io.concord.test.server.ServerContainer;
import io.concord.test.server.ServerDefinition;
import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerProcess;
import io.concord.test.server.ServerSettings;
import io.concord.test.server.ServerSettings.Lookup;
import io.concord.test.server.ServerSettings.Start;
import io.concord.test.server.ServerSource;
import io.concord.test.server.StartedServer;

/**
 * From where a PostgreSQL can be had, the preferred source first.
 */
final class PostgresSources {

	private static final List<String> PROGRAMS = List.of("postgres");

	private static final String CONTAINER_PASSWORD = "concord";

	private static final ServerContainer CONTAINER = new ServerContainer("postgres:18-alpine", 5432,
			Map.of("POSTGRES_PASSWORD", CONTAINER_PASSWORD), List.of());

	private final ServerSettings settings;

	PostgresSources(Lookup properties, Lookup variables) {
		this.settings = new ServerSettings(ServerKind.POSTGRES, properties, variables);
	}

	List<ServerSource<PostgresServer>> forSharedServer() {
		return List.of(
				DatabaseSources.url(this.settings, PostgresServer.PRODUCT,
						(address) -> new PostgresServer(address, null)),
				localBinary(false, UnaryOperator.identity(), PostgresServer::new),
				embeddedBinary(false, UnaryOperator.identity(), PostgresServer::new),
				DatabaseSources.container(this.settings, CONTAINER, PostgresServer.PRODUCT, "postgres",
						CONTAINER_PASSWORD, (address) -> new PostgresServer(address, null)));
	}

	/**
	 * Those of a server that belongs to one test.
	 * @param change what is different from any other
	 */
	List<ServerSource<PrivatePostgresServer>> forPrivateServer(UnaryOperator<ServerDefinition> change) {
		return List.of(localBinary(true, change, PrivatePostgresServer::new),
				embeddedBinary(true, change, PrivatePostgresServer::new));
	}

	private <S extends PostgresServer> ServerSource<S> localBinary(boolean durable,
			UnaryOperator<ServerDefinition> change, BiFunction<DatabaseAddress, ServerProcess, S> view) {
		return this.settings.localBinary(PROGRAMS,
				// Past links: initdb is expected beside the program itself.
				(postgres) -> run(Objects.requireNonNull(postgres.toRealPath().getParent()), durable, change, view));
	}

	private <S extends PostgresServer> ServerSource<S> embeddedBinary(boolean durable,
			UnaryOperator<ServerDefinition> change, BiFunction<DatabaseAddress, ServerProcess, S> view) {
		return this.settings.embeddedBinary((system) -> run(EmbeddedPostgres.binaries(system), durable, change, view));
	}

	private <S extends PostgresServer> StartedServer<S> run(Path binaries, boolean durable,
			UnaryOperator<ServerDefinition> change, BiFunction<DatabaseAddress, ServerProcess, S> view) {
		PostgresDefinition definition = new PostgresDefinition(binaries, this.settings.onPath("setpriv"), durable);
		ServerProcess process = ServerProcess.start(change.apply(definition));
		return StartedServer.of(view.apply(definition.address(process.port()), process), process);
	}

}
