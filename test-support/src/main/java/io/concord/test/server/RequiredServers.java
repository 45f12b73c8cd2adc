package io.concord.test.server;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * The servers without which tests fail instead of being skipped, as listed by
 * {@code -Dservers.required}: words of {@link ServerKind} with commas between, or
 * {@code all}. Without the property none is required. Immutable.
 */
public final class RequiredServers {

	/** The name of the property. */
	public static final String PROPERTY = "servers.required";

	private static final String ALL = "all";

	private final Set<ServerKind> kinds;

	private RequiredServers(Set<ServerKind> kinds) {
		this.kinds = kinds;
	}

	/**
	 * The list of this JVM.
	 * @return the required servers
	 * @throws IllegalArgumentException if the list has a word that is no kind of server
	 */
	public static RequiredServers ofJvm() {
		return parse(System.getProperty(PROPERTY));
	}

	static RequiredServers parse(@Nullable String list) {
		Set<ServerKind> kinds = EnumSet.noneOf(ServerKind.class);
		if (list == null || list.isBlank()) {
			return new RequiredServers(kinds);
		}
		for (String entry : list.split(",", -1)) {
			String word = entry.strip().toLowerCase(Locale.ROOT);
			if (word.equals(ALL)) {
				kinds.addAll(EnumSet.allOf(ServerKind.class));
			}
			else {
				kinds.add(kind(word, list));
			}
		}
		return new RequiredServers(kinds);
	}

	private static ServerKind kind(String word, String list) {
		for (ServerKind kind : ServerKind.values()) {
			if (kind.word().equals(word)) {
				return kind;
			}
		}
		throw new IllegalArgumentException("-D" + PROPERTY + "=" + list + " has '" + word
				+ "', which is no server. Known are " + ServerKind.words() + ", and " + ALL + " for all of them");
	}

	/**
	 * Whether a kind of server is required.
	 * @param kind the kind
	 * @return whether tests that need it fail without it
	 */
	public boolean contains(ServerKind kind) {
		return this.kinds.contains(kind);
	}

}
