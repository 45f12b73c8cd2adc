package io.concord.test.mysql;

import java.util.Map;

import org.junit.jupiter.api.Test;

import io.concord.test.server.ServerSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where a MySQL is looked for, in which order. No jar has its program.
 */
class MySqlSourcesTests {

	private final MySqlSources sources = new MySqlSources(Map.<String, String>of()::get, Map.<String, String>of()::get);

	@Test
	void looksForAUrlBeforeWhatItStartsItself() {
		assertThat(this.sources.forSharedServer()).extracting(ServerSource::name)
			.containsExactly("explicit URL", "local binary", "Testcontainers");
	}

	@Test
	void aServerOfOneTestIsAProcessOfIt() {
		assertThat(this.sources.forPrivateServer()).extracting(ServerSource::name).containsExactly("local binary");
	}

}
