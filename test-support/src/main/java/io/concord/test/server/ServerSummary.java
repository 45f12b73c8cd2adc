package io.concord.test.server;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Says after all tests of a JVM which servers they used, from where and in which version,
 * and what was skipped for want of one. A green build could otherwise hide that a server
 * was never exercised. If {@code -Dservers.summary} names a file, the JVMs that share it
 * add to each other, so that the last of them says it of all. The platform finds it by
 * its service file.
 */
public final class ServerSummary implements LauncherSessionListener {

	private static final String PROPERTY = "servers.summary";

	private final ServerUse use;

	private final @Nullable Path file;

	private final PrintStream out;

	/**
	 * For the platform.
	 */
	public ServerSummary() {
		this(ServerUse.ofJvm(), file(System.getProperty(PROPERTY, "")), System.out);
	}

	ServerSummary(ServerUse use, @Nullable Path file, PrintStream out) {
		this.use = use;
		this.file = file;
		this.out = out;
	}

	private static @Nullable Path file(String name) {
		return name.isEmpty() ? null : Path.of(name);
	}

	@Override
	public void launcherSessionClosed(LauncherSession session) {
		print();
	}

	void print() {
		if (this.file != null) {
			try {
				this.use.addOthers(this.file);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}
		this.use.summary().forEach(this.out::println);
	}

}
