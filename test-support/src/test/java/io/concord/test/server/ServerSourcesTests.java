package io.concord.test.server;

import java.util.List;

import org.junit.jupiter.api.Test;

import static io.concord.test.server.BoxSource.failing;
import static io.concord.test.server.BoxSource.working;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ServerSourcesTests {

	private final ServerUse use = new ServerUse();

	@Test
	void takesTheFirstThatStarts() {
		BoxSource first = failing("a", "no wood");
		BoxSource third = working("c", "3");
		StartedServer<Box> started = startFirst("", first, working("b", "2"), third);
		assertThat(started.server().version()).isEqualTo("2");
		assertThat(first.tried).hasValue(1);
		assertThat(third.tried).hasValue(0);
		assertThat(this.use.summary()).anySatisfy((line) -> assertThat(line).contains("MySQL", "2 (b)"));
	}

	@Test
	void saysWhatWasTriedAndWhyEachFailed() {
		assertThatExceptionOfType(ServerStartException.class)
			.isThrownBy(() -> startFirst("redis,mysql", failing("a", "no wood"), failing("b", "no nails")))
			.withMessageContainingAll("need a box", "a: no wood", "b: no nails")
			.satisfies((ex) -> assertThat(ex.getSuppressed()).hasSize(2));
	}

	@Test
	void aServerThatIsNotRequiredIsAbsent() {
		assertThatExceptionOfType(ServerAbsentException.class)
			.isThrownBy(() -> startFirst("redis", failing("a", "no wood"), failing("b", "no nails")))
			.withMessageContainingAll("need a box", "a: no wood", "b: no nails")
			.satisfies((ex) -> assertThat(ex.kind()).isEqualTo(ServerKind.MYSQL));
	}

	@Test
	void triesNoOtherThanTheRequestedOneAndFailsWithoutIt() {
		BoxSource first = working("a", "1");
		assertThatExceptionOfType(ServerStartException.class)
			.isThrownBy(() -> startFirst("", first, failing("b", "no nails").requested(), working("c", "3")))
			.withMessageContaining("b: no nails")
			.withMessageNotContaining("a:");
		assertThat(first.tried).hasValue(0);
	}

	@Test
	void endsAServerThatCannotTellItsVersion() {
		BoxSource first = working("a", "");
		assertThat(startFirst("", first, working("b", "2")).server().version()).isEqualTo("2");
		assertThat(first.ended).hasValue(1);
	}

	private StartedServer<Box> startFirst(String required, BoxSource... sources) {
		return ServerSources.startFirst(ServerKind.MYSQL, "a box", List.of(sources), RequiredServers.parse(required),
				this.use);
	}

}
