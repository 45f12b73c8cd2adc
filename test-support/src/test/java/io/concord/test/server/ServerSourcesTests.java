package io.concord.test.server;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ServerSourcesTests {

	private final List<String> tried = new ArrayList<>();

	@Test
	void takesTheFirstThatStarts() {
		StartedServer<String> started = ServerSources.startFirst("a box",
				List.of(failing("a", "no wood"), working("b"), working("c")));
		assertThat(started.server()).isEqualTo("b");
		assertThat(this.tried).containsExactly("a", "b");
	}

	@Test
	void saysWhatWasTriedAndWhyEachFailed() {
		assertThatExceptionOfType(ServerStartException.class)
			.isThrownBy(
					() -> ServerSources.startFirst("a box", List.of(failing("a", "no wood"), failing("b", "no nails"))))
			.withMessageContainingAll("need a box", "a: no wood", "b: no nails")
			.satisfies((ex) -> assertThat(ex.getSuppressed()).hasSize(2));
	}

	@Test
	void triesNoOtherThanTheRequestedOne() {
		assertThatExceptionOfType(ServerStartException.class)
			.isThrownBy(() -> ServerSources.startFirst("a box",
					List.of(working("a"), new Source("b", true, "no nails"), working("c"))))
			.withMessageContaining("b: no nails")
			.withMessageNotContaining("a:");
		assertThat(this.tried).containsExactly("b");
	}

	private Source failing(String name, String reason) {
		return new Source(name, false, reason);
	}

	private Source working(String name) {
		return new Source(name, false, "");
	}

	private final class Source implements ServerSource<String> {

		private final String name;

		private final boolean requested;

		private final String failure;

		Source(String name, boolean requested, String failure) {
			this.name = name;
			this.requested = requested;
			this.failure = failure;
		}

		@Override
		public String name() {
			return this.name;
		}

		@Override
		public boolean isRequested() {
			return this.requested;
		}

		@Override
		public StartedServer<String> start() throws IOException {
			ServerSourcesTests.this.tried.add(this.name);
			if (!this.failure.isEmpty()) {
				throw new IOException(this.failure);
			}
			return new StartedServer<>(this.name, () -> {
			});
		}

	}

}
