package io.concord.test.postgres;

import java.util.Map;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.Test;

import io.concord.test.server.ServerSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where a PostgreSQL is looked for, in which order.
 */
class PostgresSourcesTests {

	private final PostgresSources sources = new PostgresSources(Map.<String, String>of()::get,
			Map.<String, String>of()::get);

	@Test
	void looksForAUrlBeforeWhatItStartsItself() {
		assertThat(this.sources.forSharedServer()).extracting(ServerSource::name)
			.containsExactly("explicit URL", "local binary", "embedded binary", "Testcontainers");
	}

	@Test
	void aServerOfOneTestIsAProcessOfIt() {
		assertThat(this.sources.forPrivateServer(UnaryOperator.identity())).extracting(ServerSource::name)
			.containsExactly("local binary", "embedded binary");
	}

}
