package io.concord.benchmark;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * Where the servers of a run are, as handed to the processes that measure.
 *
 * @param redisPort port of Redis on loopback, 0 for none
 * @param postgresUrl JDBC URL, or null for none
 * @param postgresUser its user, or null
 * @param postgresPassword its password, or null
 * @param zooKeeper connect string, or null for none
 */
record Addresses(int redisPort, @Nullable String postgresUrl, @Nullable String postgresUser,
		@Nullable String postgresPassword, @Nullable String zooKeeper) {

	/** No servers. */
	static final Addresses NONE = new Addresses(0, null, null, null, null);

	private static final String SEPARATOR = "\t";

	/** These, and where there are none, others. */
	Addresses and(Addresses others) {
		return new Addresses((this.redisPort != 0) ? this.redisPort : others.redisPort,
				(this.postgresUrl != null) ? this.postgresUrl : others.postgresUrl,
				(this.postgresUser != null) ? this.postgresUser : others.postgresUser,
				(this.postgresPassword != null) ? this.postgresPassword : others.postgresPassword,
				(this.zooKeeper != null) ? this.zooKeeper : others.zooKeeper);
	}

	String encode() {
		return String.join(SEPARATOR, Integer.toString(this.redisPort), orEmpty(this.postgresUrl),
				orEmpty(this.postgresUser), orEmpty(this.postgresPassword), orEmpty(this.zooKeeper));
	}

	static Addresses decode(String text) {
		String[] parts = text.split(SEPARATOR, -1);
		return new Addresses(Integer.parseInt(parts[0]), orNull(parts[1]), orNull(parts[2]), orNull(parts[3]),
				orNull(parts[4]));
	}

	private static String orEmpty(@Nullable String text) {
		return (text != null) ? text : "";
	}

	private static @Nullable String orNull(String text) {
		return text.isEmpty() ? null : text;
	}

	static <T> T required(@Nullable T part) {
		return Objects.requireNonNull(part, "This run has not started that server");
	}

}
