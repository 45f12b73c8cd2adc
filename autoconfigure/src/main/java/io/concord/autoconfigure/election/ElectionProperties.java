package io.concord.autoconfigure.election;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;

import io.concord.autoconfigure.Backend;

/**
 * Configuration properties of leader election.
 */
@ConfigurationProperties("concord.election")
public class ElectionProperties {

	/**
	 * Whether methods with @LeaderOnly run on the leader only. If not they run on every
	 * node, and there is no LeaderElections bean.
	 */
	private boolean enabled = true;

	/**
	 * Backend of elections, if it is not that of all features.
	 */
	private @Nullable Backend backend;

	/**
	 * Time after which another node leads if the leader has crashed, where the election
	 * says nothing else. The leader renews its lease well before. At least twice
	 * 'concord.store-timeout'.
	 */
	private Duration leaseTime = Duration.ofSeconds(15);

	private final Node node = new Node();

	/**
	 * Elections by name, each with 'lease-time', 'auto-start', 'spread' and 'address'.
	 * Those that only an annotation names need no entry.
	 */
	private final Map<String, Election> elections = new LinkedHashMap<>();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public @Nullable Backend getBackend() {
		return this.backend;
	}

	public void setBackend(@Nullable Backend backend) {
		this.backend = backend;
	}

	public Duration getLeaseTime() {
		return this.leaseTime;
	}

	public void setLeaseTime(Duration leaseTime) {
		this.leaseTime = leaseTime;
	}

	public Node getNode() {
		return this.node;
	}

	public Map<String, Election> getElections() {
		return this.elections;
	}

	/**
	 * What this node tells others of itself.
	 */
	public static class Node {

		/**
		 * Label of this node, without spaces. It need not be unique. By default the
		 * environment variable HOSTNAME, or the number of the process.
		 */
		private @Nullable String id;

		/**
		 * Address at which this node can be reached, without spaces. By default that of
		 * the web server, if there is one.
		 */
		private @Nullable String address;

		public @Nullable String getId() {
			return this.id;
		}

		public void setId(@Nullable String id) {
			this.id = id;
		}

		public @Nullable String getAddress() {
			return this.address;
		}

		public void setAddress(@Nullable String address) {
			this.address = address;
		}

	}

	/**
	 * One election.
	 */
	public static class Election {

		/**
		 * Time after which another node leads if the leader has crashed.
		 */
		private @Nullable Duration leaseTime;

		/**
		 * Whether this node is a candidate from the start on.
		 */
		private boolean autoStart = true;

		/**
		 * Whether to leave it to nodes that lead fewer of the elections with this flag.
		 */
		private boolean spread;

		/**
		 * Address at which this node can be reached as the leader of this election,
		 * without spaces, if it is another one than that of the node.
		 */
		private @Nullable String address;

		public @Nullable Duration getLeaseTime() {
			return this.leaseTime;
		}

		public void setLeaseTime(@Nullable Duration leaseTime) {
			this.leaseTime = leaseTime;
		}

		public boolean isAutoStart() {
			return this.autoStart;
		}

		public void setAutoStart(boolean autoStart) {
			this.autoStart = autoStart;
		}

		public boolean isSpread() {
			return this.spread;
		}

		public void setSpread(boolean spread) {
			this.spread = spread;
		}

		public @Nullable String getAddress() {
			return this.address;
		}

		public void setAddress(@Nullable String address) {
			this.address = address;
		}

	}

}
