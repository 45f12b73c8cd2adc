package io.concord.test.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What a {@link ServerProcess} must know to run one kind of server.
 */
public interface ServerDefinition {

	/**
	 * The kind of server in one word, for messages and directory names.
	 * @return the name
	 */
	String name();

	/**
	 * Lay out the data directory, once before the first start.
	 * @param directory an empty directory, deleted with the server
	 * @throws IOException if it cannot be laid out
	 */
	default void prepare(Path directory) throws IOException {
	}

	/**
	 * What the command is run by, such as a program that gives up rights first. Asked for
	 * after the directory was laid out.
	 * @return a program and its arguments, before those of the command; empty for none
	 */
	default List<String> prefix() {
		return List.of();
	}

	/**
	 * The command that runs the server in the foreground.
	 * @param port the port to listen on, on the loopback address only
	 * @param directory where it keeps everything it writes
	 * @return the program and its arguments
	 */
	List<String> command(int port, Path directory);

	/**
	 * The signal that makes the server end at once and leave nothing in the system, for a
	 * server that would leave something if it was killed.
	 * @return the name of the signal, such as {@code QUIT}
	 */
	default String stopSignal() {
		return "KILL";
	}

	/**
	 * Whether the server answers. Must not be misled by another process that took the
	 * port.
	 * @param port the port
	 * @param pid the process id of the server
	 * @param directory its directory
	 * @return whether it answers
	 * @throws IOException if it does not
	 */
	boolean isReady(int port, long pid, Path directory) throws IOException;

}
