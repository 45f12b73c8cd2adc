package io.concord.test.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

class ServerSettingsTests {

	private final Path directory;

	ServerSettingsTests(@TempDir Path directory) {
		this.directory = directory;
	}

	@Test
	void thePropertyGoesBeforeTheVariableAndEmptyOverridesIt() throws Exception {
		Map<String, String> variables = Map.of("CONCORD_TEST_MYSQL_URL", "variable");
		assertThat(url(Map.of(), Map.of()).isRequested()).isFalse();
		assertThat(url(Map.of(), variables).start().server().version()).isEqualTo("variable");
		assertThat(url(Map.of("concord.test.mysql.url", "property"), variables).start().server().version())
			.isEqualTo("property");
		assertThat(url(Map.of("concord.test.mysql.url", ""), variables).isRequested()).isFalse();
	}

	private static ServerSource<Box> url(Map<String, String> properties, Map<String, String> variables) {
		return new ServerSettings(ServerKind.MYSQL, properties::get, variables::get)
			.url((url) -> StartedServer.leftAlone(new Box(url)));
	}

	@Test
	void saysWhoNamedAUrlThatIsOfNoUse() {
		ServerSource<Box> source = new ServerSettings(ServerKind.MYSQL, Map.of("concord.test.mysql.url", "x")::get,
				Map.<String, String>of()::get)
			.url((url) -> {
				throw new IOException("it is too short");
			});
		assertThatIOException().isThrownBy(source::start)
			.withMessageContainingAll("'x'", "-Dconcord.test.mysql.url", "CONCORD_TEST_MYSQL_URL", "it is too short");
	}

	@Test
	void findsTheFirstProgramOnThePath() throws Exception {
		program("other/b");
		Path expected = program("bin/b");
		String path = "/no/where:" + this.directory.resolve("bin") + ":" + this.directory.resolve("other");
		ServerSource<Box> source = binary(Map.of(), Map.of("PATH", path));
		assertThat(source.isRequested()).isFalse();
		assertThat(source.start().server().version()).isEqualTo(expected.toString());

		Path preferred = program("other/a");
		assertThat(source.start().server().version()).isEqualTo(preferred.toString());
	}

	@Test
	void aNamedBinaryMayBeAProgramOrItsDirectory() throws Exception {
		Path expected = program("bin/b");
		for (Path named : List.of(expected, this.directory.resolve("bin"))) {
			ServerSource<Box> source = binary(Map.of("concord.test.mysql.binary", named.toString()), Map.of());
			assertThat(source.isRequested()).isTrue();
			assertThat(source.start().server().version()).isEqualTo(expected.toString());
		}
	}

	@Test
	void saysWhatIsMissing() {
		assertThatIOException().isThrownBy(binary(Map.of(), Map.of("PATH", "/no/where"))::start)
			.withMessageContainingAll("no a or b on the PATH", "-Dconcord.test.mysql.binary");
		assertThatIOException()
			.isThrownBy(binary(Map.of("concord.test.mysql.binary", this.directory.toString()), Map.of())::start)
			.withMessageContainingAll("'" + this.directory + "'", "-Dconcord.test.mysql.binary", "is not a program",
					"a or b");
	}

	private static ServerSource<Box> binary(Map<String, String> properties, Map<String, String> variables) {
		return new ServerSettings(ServerKind.MYSQL, properties::get, variables::get).localBinary(List.of("a", "b"),
				(program) -> StartedServer.leftAlone(new Box(program.toString())));
	}

	private Path program(String name) throws IOException {
		Path program = this.directory.resolve(name);
		Files.createDirectories(program.resolveSibling("."));
		Files.writeString(program, "");
		assertThat(program.toFile().setExecutable(true)).isTrue();
		return program;
	}

}
