package io.concord.test.zookeeper;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerSettings;
import io.concord.test.server.ServerSettings.Lookup;
import io.concord.test.server.ServerSource;
import io.concord.test.server.StartedServer;

/**
 * From where a ZooKeeper can be had, the preferred source first.
 */
final class ZooKeeperSources {

	private static final Pattern ADDRESS = Pattern.compile("([^:/,\\s]+):(\\d{1,5})");

	private final ServerSettings settings;

	ZooKeeperSources(Lookup properties, Lookup variables) {
		this.settings = new ServerSettings(ServerKind.ZOOKEEPER, properties, variables);
	}

	List<ServerSource<ZooKeeperCluster>> forSharedCluster() {
		return List.of(this.settings.url(ZooKeeperSources::connect), classPath(ZooKeeperCluster::new));
	}

	List<ServerSource<PrivateZooKeeperCluster>> forPrivateCluster() {
		return List.of(classPath(PrivateZooKeeperCluster::new));
	}

	private <S extends ZooKeeperCluster> ServerSource<S> classPath(Function<List<ZooKeeperNode>, S> view) {
		return this.settings.embeddedBinary((system) -> {
			S cluster = view.apply(ZooKeeperProcesses.start());
			return new StartedServer<>(cluster, cluster::end);
		});
	}

	private static StartedServer<ZooKeeperCluster> connect(String url) throws IOException {
		ZooKeeperCluster cluster = new ZooKeeperCluster(parse(url));
		for (ZooKeeperNode node : cluster.nodes()) {
			try (ZooKeeperConnection connection = ZooKeeperConnection.open(node.host(), node.port())) {
				connection.openSession();
				connection.closeSession();
			}
			catch (IOException ex) {
				throw new IOException("no ZooKeeper answers at " + node + ": " + ex.getMessage(), ex);
			}
		}
		return StartedServer.leftAlone(cluster);
	}

	private static List<ZooKeeperNode> parse(String url) {
		List<ZooKeeperNode> nodes = new ArrayList<>();
		for (String part : url.split(",", -1)) {
			Matcher address = ADDRESS.matcher(part);
			if (!address.matches()) {
				throw new IllegalArgumentException(
						"it is not of the form host:port,host:port; tests connect without a root path");
			}
			nodes.add(new ZooKeeperNode(address.group(1), Integer.parseInt(address.group(2)), null));
		}
		return nodes;
	}

}
