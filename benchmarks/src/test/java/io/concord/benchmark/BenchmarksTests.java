package io.concord.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class BenchmarksTests {

	@Test
	void choosesOneSeveralOrAll() {
		assertThat(names("redis")).containsExactly("redis");
		assertThat(names("memory, redis")).containsExactly("redis", "memory");
		assertThat(names("contended")).containsExactly("redis-contended", "jdbc-contended", "zookeeper-contended");
		assertThat(names("all")).hasSameSizeAs(Benchmarks.GROUPS);
	}

	@Test
	void namesWhatThereIsIfAWordAsksForNothing() {
		assertThatIllegalArgumentException().isThrownBy(() -> Benchmarks.choose("redis,redlock"))
			.withMessageContaining("'redlock'")
			.withMessageContaining("zookeeper-contended");
	}

	@Test
	void thePageHasTheMarkersOfAllGroups() throws IOException {
		String page = Files.readString(Path.of("../docs/performance.md"));
		for (BenchmarkGroup group : Benchmarks.GROUPS) {
			assertThat(MarkedPage.replace(page, group.name(), "figures")).contains("figures");
		}
	}

	@Test
	void everyRoundHasEverybodyAndBeginsWithAnother() {
		List<String> all = List.of("a", "b", "c");
		assertThat(BenchmarkRun.order(all, 0)).containsExactly("a", "b", "c");
		assertThat(BenchmarkRun.order(all, 1)).containsExactly("b", "c", "a");
		assertThat(BenchmarkRun.order(all, -1)).containsExactly("c", "a", "b");
		assertThat(BenchmarkRun.order(all, 7)).containsExactly("b", "c", "a");
	}

	@Test
	void addressesArriveAsTheyWereSent() {
		Addresses redis = new Addresses(6379, null, null, null, null);
		Addresses postgres = new Addresses(0, "jdbc:postgresql://127.0.0.1:5432/x", "me", "secret", null);
		assertThat(Addresses.decode(redis.encode())).isEqualTo(redis);
		assertThat(Addresses.decode(postgres.encode())).isEqualTo(postgres);
		Addresses both = redis.and(postgres);
		assertThat(both.redisPort()).isEqualTo(6379);
		assertThat(both.postgresUrl()).isEqualTo(postgres.postgresUrl());
		assertThat(both.zooKeeper()).isNull();
	}

	private static List<String> names(String words) {
		return Benchmarks.choose(words).stream().map(BenchmarkGroup::name).toList();
	}

}
