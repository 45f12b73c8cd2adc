package io.concord.test.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Temporary directories with the files of embedded servers, unpacked once for all servers
 * of this JVM and deleted when it ends, also when it is killed. Needs a POSIX {@code sh}.
 * Thread-safe.
 */
public final class UnpackedFiles {

	/**
	 * Reads from a pipe whose other end only this JVM holds, so its end is the end of the
	 * JVM. Signals that a terminal sends to all its processes must not end it before.
	 */
	private static final String DELETE = """
			trap '' HUP INT QUIT TERM
			read -r line
			rm -rf -- "$1"
			""";

	private static final ReentrantLock lock = new ReentrantLock();

	private static final Map<String, Path> directories = new HashMap<>();

	/** Held, as the pipe of a process that nobody refers to is closed. */
	private static final List<Process> deleters = new ArrayList<>();

	private UnpackedFiles() {
	}

	/**
	 * The directory with the files of a name, unpacked at the first call.
	 * @param name what is unpacked, in one word
	 * @param unpacker unpacks it
	 * @return the directory, which every user of the machine may read
	 * @throws IOException if it cannot be unpacked
	 */
	public static Path directory(String name, Unpacker unpacker) throws IOException {
		lock.lock();
		try {
			Path directory = directories.get(name);
			if (directory == null) {
				directory = Files.createTempDirectory("concord-" + name + "-binaries-");
				deleters.add(new ProcessBuilder("sh", "-c", DELETE, "sh", directory.toString())
					.redirectOutput(ProcessBuilder.Redirect.DISCARD)
					.redirectError(ProcessBuilder.Redirect.DISCARD)
					.start());
				Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
				unpacker.unpackTo(directory);
				// Only now: what was unpacked by half is of no use to a second caller.
				directories.put(name, directory);
			}
			return directory;
		}
		finally {
			lock.unlock();
		}
	}

	/**
	 * Unpacks files.
	 */
	@FunctionalInterface
	public interface Unpacker {

		/**
		 * Unpack the files.
		 * @param directory an empty directory
		 * @throws IOException if they cannot be unpacked
		 */
		void unpackTo(Path directory) throws IOException;

	}

}
