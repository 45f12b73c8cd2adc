package io.concord.test.zookeeper;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.concord.test.server.ServerSource;
import io.concord.test.server.StartedServer;

/**
 * From where a ZooKeeper can be had, the preferred source first.
 */
final class ZooKeeperSources {

	private static final String URL_PROPERTY = "concord.test.zookeeper.url";

	private static final String URL_VARIABLE = "CONCORD_TEST_ZOOKEEPER_URL";

	private static final Pattern ADDRESS = Pattern.compile("([^:/,\\s]+):(\\d{1,5})");

	private final Lookup properties;

	private final Lookup variables;

	ZooKeeperSources(Lookup properties, Lookup variables) {
		this.properties = properties;
		this.variables = variables;
	}

	List<ServerSource<ZooKeeperCluster>> forSharedCluster() {
		return List.of(new Url(), new Processes<>(ZooKeeperCluster::new));
	}

	List<ServerSource<PrivateZooKeeperCluster>> forPrivateCluster() {
		return List.of(new Processes<>(PrivateZooKeeperCluster::new));
	}

	/**
	 * Looks a name up.
	 */
	interface Lookup {

		@Nullable String get(String name);

	}

	private final class Url implements ServerSource<ZooKeeperCluster> {

		@Override
		public String name() {
			return "explicit URL";
		}

		private @Nullable String url() {
			String url = ZooKeeperSources.this.properties.get(URL_PROPERTY);
			url = (url != null) ? url : ZooKeeperSources.this.variables.get(URL_VARIABLE);
			return (url == null || url.isEmpty()) ? null : url;
		}

		@Override
		public boolean isRequested() {
			return url() != null;
		}

		@Override
		public StartedServer<ZooKeeperCluster> start() throws IOException {
			String url = url();
			if (url == null) {
				throw new FileNotFoundException("neither -D" + URL_PROPERTY + " nor " + URL_VARIABLE + " is set");
			}
			ZooKeeperCluster cluster = new ZooKeeperCluster(parse(url));
			for (ZooKeeperNode node : cluster.nodes()) {
				try (ZooKeeperConnection connection = ZooKeeperConnection.open(node.host(), node.port())) {
					connection.openSession();
					connection.closeSession();
				}
				catch (IOException ex) {
					throw new IOException("no ZooKeeper answers at " + node + " of '" + url + "', which -D"
							+ URL_PROPERTY + " or " + URL_VARIABLE + " names: " + ex.getMessage(), ex);
				}
			}
			return new StartedServer<>(cluster, () -> {
			});
		}

		private List<ZooKeeperNode> parse(String url) {
			List<ZooKeeperNode> nodes = new ArrayList<>();
			for (String part : url.split(",", -1)) {
				Matcher address = ADDRESS.matcher(part);
				if (!address.matches()) {
					throw new IllegalArgumentException("'" + url + "', which -D" + URL_PROPERTY + " or " + URL_VARIABLE
							+ " names, is not of the form host:port,host:port; tests connect without a root path");
				}
				nodes.add(new ZooKeeperNode(address.group(1), Integer.parseInt(address.group(2)), null));
			}
			return nodes;
		}

	}

	private static final class Processes<S extends ZooKeeperCluster> implements ServerSource<S> {

		private final Function<List<ZooKeeperNode>, S> view;

		Processes(Function<List<ZooKeeperNode>, S> view) {
			this.view = view;
		}

		@Override
		public String name() {
			return "server of the class path";
		}

		@Override
		public StartedServer<S> start() throws IOException {
			S cluster = this.view.apply(ZooKeeperProcesses.start());
			return new StartedServer<>(cluster, cluster::end);
		}

	}

}
