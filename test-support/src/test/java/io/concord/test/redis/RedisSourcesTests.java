package io.concord.test.redis;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.concord.test.net.FreePorts;
import io.concord.test.server.OperatingSystem;
import io.concord.test.server.ServerAbsentException;
import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerSource;
import io.concord.test.server.ServerSources;
import io.concord.test.server.ServerStartException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What happens without a Redis. See {@code RedisServerIT} for the rest.
 */
class RedisSourcesTests {

	@Test
	void looksForAUrlAndABinaryAndAContainer() {
		assertThat(shared(Map.of(), Map.of())).extracting(ServerSource::name)
			.containsExactly("explicit URL", "local binary", "embedded binary", "Testcontainers");
	}

	@Test
	void saysWhyNoneCanBeHad() {
		List<ServerSource<PrivateRedisServer>> sources = new RedisSources(Map.<String, String>of()::get,
				Map.of("PATH", "/no/where:/else/where")::get)
			.forPrivateServer();
		// Which of them depends on what the run requires.
		assertThatThrownBy(() -> ServerSources.startFirst(ServerKind.REDIS, "a Redis", sources))
			.isInstanceOfAny(ServerStartException.class, ServerAbsentException.class)
			.hasMessageContainingAll("local binary: there is no redis-server on the PATH",
					"-Dconcord.test.redis.binary", "embedded binary: ");
	}

	@Test
	void aUrlThatDoesNotAnswerIsFinal() {
		String url = "redis://127.0.0.1:" + FreePorts.find();
		for (List<ServerSource<RedisServer>> sources : List.of(shared(Map.of("concord.test.redis.url", url), Map.of()),
				shared(Map.of(), Map.of("CONCORD_TEST_REDIS_URL", url)))) {
			assertThatExceptionOfType(ServerStartException.class)
				.isThrownBy(() -> ServerSources.startFirst(ServerKind.REDIS, "a Redis", sources))
				.withMessageContainingAll("explicit URL: cannot use '" + url + "'", "no Redis answers",
						"-Dconcord.test.redis.url", "CONCORD_TEST_REDIS_URL")
				.withMessageNotContaining("embedded");
		}
	}

	@Test
	void anEmptyUrlPropertyOverridesTheVariable() {
		Map<String, String> variables = Map.of("CONCORD_TEST_REDIS_URL", "redis://127.0.0.1:6379");
		assertThat(shared(Map.of(), variables).get(0).isRequested()).isTrue();
		assertThat(shared(Map.of("concord.test.redis.url", ""), variables).get(0).isRequested()).isFalse();
	}

	@Test
	void refusesUrlsThatTestsCannotUse() {
		for (String url : List.of("http://localhost:6379", "redis://localhost", "redis://:secret@localhost:6379",
				"redis://localhost:6379/3", "localhost:6379")) {
			assertThatExceptionOfType(ServerStartException.class)
				.isThrownBy(() -> ServerSources.startFirst(ServerKind.REDIS, "a Redis",
						shared(Map.of("concord.test.redis.url", url), Map.of())))
				.withMessageContainingAll("'" + url + "'", "redis://host:port");
		}
	}

	@Test
	void aNamedBinaryThatIsNoneIsFinal(@TempDir Path directory) throws IOException {
		String binary = directory.resolve("redis-server").toString();
		assertThatExceptionOfType(ServerStartException.class)
			.isThrownBy(() -> ServerSources.startFirst(ServerKind.REDIS, "a Redis",
					shared(Map.of("concord.test.redis.binary", binary), Map.of())))
			.withMessageContainingAll("local binary: '" + binary + "'", "-Dconcord.test.redis.binary",
					"is not a program")
			.withMessageNotContaining("embedded");
	}

	@Test
	void saysWhenThereIsNoEmbeddedBinaryForTheSystem() {
		assertThatExceptionOfType(IOException.class)
			.isThrownBy(() -> EmbeddedRedisDefinition.forSystem(new OperatingSystem("Windows 11", "amd64")))
			.withMessageContaining("Windows 11 on amd64");
		assertThatExceptionOfType(IOException.class)
			.isThrownBy(() -> EmbeddedRedisDefinition.forSystem(new OperatingSystem("Linux", "s390x")))
			.withMessageContaining("Linux on s390x");
	}

	@Test
	void aServerThatTestsDidNotStartHasNoProcess() {
		RedisServer server = new RedisServer("::1", 6379);
		assertThat(server.url()).isEqualTo("redis://[::1]:6379");
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(server::pause)
			.withMessageContainingAll("redis://[::1]:6379", "Use a private server");
		server.resumeIfPaused();
	}

	private static List<ServerSource<RedisServer>> shared(Map<String, String> properties,
			Map<String, String> variables) {
		return new RedisSources(properties::get, variables::get).forSharedServer();
	}

}
