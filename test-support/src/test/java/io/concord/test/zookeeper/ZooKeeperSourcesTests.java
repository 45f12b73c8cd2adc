package io.concord.test.zookeeper;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import io.concord.test.net.FreePorts;
import io.concord.test.server.ServerAbsentException;
import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerSource;
import io.concord.test.server.ServerSources;
import io.concord.test.server.ServerStartException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What happens without a ZooKeeper. See {@code ZooKeeperClusterIT} for the rest.
 */
class ZooKeeperSourcesTests {

	private static final String PROPERTY = "concord.test.zookeeper.url";

	private static final String VARIABLE = "CONCORD_TEST_ZOOKEEPER_URL";

	@Test
	void looksForAUrlAndTheServerOfTheClassPath() {
		assertThat(shared(Map.of(), Map.of())).extracting(ServerSource::name)
			.containsExactly("explicit URL", "embedded binary");
	}

	@Test
	void saysWhyNoneCanBeHad() {
		// Which of them depends on what the run requires.
		assertThatThrownBy(
				() -> ServerSources.startFirst(ServerKind.ZOOKEEPER, "a ZooKeeper", shared(Map.of(), Map.of())))
			.isInstanceOfAny(ServerStartException.class, ServerAbsentException.class)
			.hasMessageContainingAll("-D" + PROPERTY, VARIABLE, "add org.apache.zookeeper:zookeeper");
	}

	@Test
	void aUrlThatDoesNotAnswerIsFinal() {
		String url = "127.0.0.1:" + FreePorts.find();
		for (List<ServerSource<ZooKeeperCluster>> sources : List.of(shared(Map.of(PROPERTY, url), Map.of()),
				shared(Map.of(), Map.of(VARIABLE, url)))) {
			assertThatExceptionOfType(ServerStartException.class)
				.isThrownBy(() -> ServerSources.startFirst(ServerKind.ZOOKEEPER, "a ZooKeeper", sources))
				.withMessageContainingAll("explicit URL: cannot use '" + url + "'", "no ZooKeeper answers",
						"-D" + PROPERTY, VARIABLE)
				.withMessageNotContaining("embedded");
		}
	}

	@Test
	void anEmptyUrlPropertyOverridesTheVariable() {
		Map<String, String> variables = Map.of(VARIABLE, "127.0.0.1:2181");
		assertThat(shared(Map.of(), variables).get(0).isRequested()).isTrue();
		assertThat(shared(Map.of(PROPERTY, ""), variables).get(0).isRequested()).isFalse();
	}

	@Test
	void refusesUrlsThatTestsCannotUse() {
		for (String url : List.of("localhost", "zookeeper://localhost:2181", "localhost:2181/root", "localhost:2181,",
				"a:1, b:2")) {
			assertThatExceptionOfType(ServerStartException.class)
				.isThrownBy(() -> ServerSources.startFirst(ServerKind.ZOOKEEPER, "a ZooKeeper",
						shared(Map.of(PROPERTY, url), Map.of())))
				.withMessageContainingAll("'" + url + "'", "host:port,host:port");
		}
	}

	@Test
	void aClusterThatTestsDidNotStartHasNoProcesses() {
		ZooKeeperCluster cluster = new ZooKeeperCluster(
				List.of(new ZooKeeperNode("one", 2181, null), new ZooKeeperNode("two", 2182, null)));
		assertThat(cluster.connectString()).isEqualTo("one:2181,two:2182");
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(cluster.node(1)::kill)
			.withMessageContainingAll("two:2182", "-D" + PROPERTY);
		cluster.restore();
	}

	private static List<ServerSource<ZooKeeperCluster>> shared(Map<String, String> properties,
			Map<String, String> variables) {
		return new ZooKeeperSources(properties::get, variables::get).forSharedCluster();
	}

}
