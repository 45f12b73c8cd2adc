package io.concord.autoconfigure.lease;

import java.sql.Connection;
import java.sql.SQLException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.concord.test.postgres.PostgresServer;
import io.concord.test.postgres.PostgresServerTest;

import static org.assertj.core.api.Assertions.assertThat;

@PostgresServerTest
class PostgresBackendIT extends AbstractJdbcBackendIT {

	PostgresBackendIT(PostgresServer server) {
		super(server);
	}

	@Override
	void createGuest(Connection connection) throws SQLException {
		run(connection, "DROP ROLE IF EXISTS concord_guest");
		run(connection, "CREATE ROLE concord_guest LOGIN PASSWORD 'guest'");
		run(connection, "REVOKE CREATE ON SCHEMA public FROM public");
	}

	@Override
	String dropped() {
		return " CASCADE";
	}

	@ParameterizedTest
	@CsvSource({ "2, false", "3, true" })
	void listensIfThePoolCanSpareAConnection(int size, boolean listens) {
		runner()
			.withPropertyValues("concord.jdbc.initialize-schema=always",
					"spring.datasource.hikari.maximum-pool-size=" + size)
			.run((context) -> {
				acquireAndRelease(context);
				assertThat(context.getBean(LeaseStores.class).engine("demo", null).store().capabilities().hints())
					.isEqualTo(listens);
			});
	}

}
