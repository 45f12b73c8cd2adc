package io.concord.test.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Function;

import io.concord.test.Await;
import io.concord.test.server.ServerContainer;
import io.concord.test.server.ServerSettings;
import io.concord.test.server.ServerSource;
import io.concord.test.server.StartedServer;

/**
 * The sources that are the same for all databases.
 */
public final class DatabaseSources {

	private static final Duration START_BOUND = Duration.ofSeconds(120);

	private DatabaseSources() {
	}

	/**
	 * The server that the user names by a JDBC URL with user and password. It is left
	 * running, without the databases that tests have created.
	 * @param <S> what tests are given
	 * @param settings where the user names it
	 * @param product what it is
	 * @param view makes a server of an address
	 * @return the source
	 */
	public static <S extends DatabaseServer> ServerSource<S> url(ServerSettings settings, DatabaseProduct product,
			Function<DatabaseAddress, S> view) {
		return settings.url((url) -> {
			DatabaseAddress address = DatabaseAddress.parse(product.scheme(), url);
			product.connect(address).close();
			S server = view.apply(address);
			return new StartedServer<>(server, server::dropDatabases);
		});
	}

	/**
	 * A server in a container.
	 * @param <S> what tests are given
	 * @param settings the settings of its kind
	 * @param container what to run
	 * @param product what it is
	 * @param username the user to connect as
	 * @param password the password of the user
	 * @param view makes a server of an address
	 * @return the source
	 */
	public static <S extends DatabaseServer> ServerSource<S> container(ServerSettings settings,
			ServerContainer container, DatabaseProduct product, String username, String password,
			Function<DatabaseAddress, S> view) {
		return settings.container(container, (host, port) -> {
			DatabaseAddress address = new DatabaseAddress(host, port, username, password, "");
			Await.until(product.kind().title() + " in a container answers", START_BOUND,
					() -> answers(product, address));
			return view.apply(address);
		});
	}

	private static boolean answers(DatabaseProduct product, DatabaseAddress address) {
		try {
			product.connect(address).close();
			return true;
		}
		catch (SQLException ex) {
			return false;
		}
	}

}
