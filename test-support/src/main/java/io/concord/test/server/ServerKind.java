package io.concord.test.server;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The kinds of servers that tests can ask for. Property and variable names, the list of
 * {@linkplain RequiredServers required servers} and the summary at the end use the word.
 */
public enum ServerKind {

	/** Redis, alone or several of them together. */
	REDIS("Redis"),

	/** PostgreSQL. */
	POSTGRES("PostgreSQL"),

	/** MariaDB. */
	MARIADB("MariaDB"),

	/** MySQL. */
	MYSQL("MySQL"),

	/** ZooKeeper, alone or several of them together. */
	ZOOKEEPER("ZooKeeper"),

	/** Memcached. */
	MEMCACHED("memcached");

	private final String title;

	ServerKind(String title) {
		this.title = title;
	}

	/**
	 * The word that stands for the kind in properties.
	 * @return the word, in lower case
	 */
	public String word() {
		return name().toLowerCase(Locale.ROOT);
	}

	/**
	 * The name that the makers of the server write.
	 * @return the name
	 */
	public String title() {
		return this.title;
	}

	/**
	 * The property that names a URL of a server that is there already.
	 * @return the name of the property
	 */
	public String urlProperty() {
		return "concord.test." + word() + ".url";
	}

	/**
	 * The environment variable that does the same as {@link #urlProperty()}.
	 * @return the name of the variable
	 */
	public String urlVariable() {
		return "CONCORD_TEST_" + name() + "_URL";
	}

	/**
	 * The property that names a program of this machine, or the directory it is in.
	 * @return the name of the property
	 */
	public String binaryProperty() {
		return "concord.test." + word() + ".binary";
	}

	static String words() {
		return Arrays.stream(values()).map(ServerKind::word).collect(Collectors.joining(", "));
	}

}
