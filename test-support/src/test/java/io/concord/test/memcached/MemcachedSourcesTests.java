package io.concord.test.memcached;

import java.util.Map;

import org.junit.jupiter.api.Test;

import io.concord.test.server.ServerSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where a memcached is looked for, in which order. No jar has its program.
 */
class MemcachedSourcesTests {

	private final MemcachedSources sources = new MemcachedSources(Map.<String, String>of()::get,
			Map.<String, String>of()::get);

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
