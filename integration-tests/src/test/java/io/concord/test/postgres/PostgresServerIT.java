package io.concord.test.postgres;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.Test;

import io.concord.test.jdbc.AbstractDatabaseServerIT;
import io.concord.test.server.ServerSource;
import io.concord.test.server.StartedServer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@link PostgresServerTest} and {@link PrivatePostgresServer} promise.
 */
@PostgresServerTest
class PostgresServerIT extends AbstractDatabaseServerIT<PrivatePostgresServer> {

	PostgresServerIT(PostgresServer shared) {
		super(shared, Holder.class);
	}

	@Override
	protected PrivatePostgresServer start() {
		return PrivatePostgresServer.start();
	}

	@Test
	void embeddedBinaryWorksWhereALocalOneIsPreferred() throws Exception {
		List<ServerSource<PrivatePostgresServer>> sources = new PostgresSources(Map.<String, String>of()::get,
				System::getenv)
			.forPrivateServer(UnaryOperator.identity());
		ServerSource<PrivatePostgresServer> embedded = sources.get(sources.size() - 1);
		assertThat(embedded.name()).isEqualTo("embedded binary");
		try (StartedServer<PrivatePostgresServer> started = embedded.start()) {
			assertThat(started.server().version()).startsWith("18.");
			assertThat(started.server().createDatabase("embedded")).contains("/embedded_");
		}
	}

	static final class Holder {

		private Holder() {
		}

		public static void main(String[] args) throws InterruptedException {
			hold(PrivatePostgresServer.start(), PrivatePostgresServer.start());
		}

	}

}
