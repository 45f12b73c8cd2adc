package io.concord.test.server;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class RequiredServersTests {

	@Test
	void readsAList() {
		RequiredServers required = RequiredServers.parse("redis, Postgres");
		assertThat(List.of(ServerKind.values()).stream().filter(required::contains)).containsExactly(ServerKind.REDIS,
				ServerKind.POSTGRES);
	}

	@Test
	void requiresNoneWithoutAList() {
		for (RequiredServers required : List.of(RequiredServers.parse(null), RequiredServers.parse(" "))) {
			assertThat(ServerKind.values()).noneMatch(required::contains);
		}
	}

	@Test
	void knowsAWordForAll() {
		assertThat(ServerKind.values()).allMatch(RequiredServers.parse("all")::contains);
	}

	@Test
	void refusesWordsThatAreNoServer() {
		for (String list : List.of("redis,postgresql", "none", "redis,,mysql", "redis,")) {
			assertThatIllegalArgumentException().isThrownBy(() -> RequiredServers.parse(list))
				.withMessageContainingAll("-Dservers.required=" + list, "which is no server", "postgres", "zookeeper",
						"all");
		}
	}

}
