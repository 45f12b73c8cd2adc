package io.concord.test.mariadb;

import java.util.Map;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.Test;

import io.concord.test.server.ServerSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where a MariaDB is looked for, in which order.
 */
class MariaDbSourcesTests {

	private final MariaDbSources sources = new MariaDbSources(Map.<String, String>of()::get,
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
