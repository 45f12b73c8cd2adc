package io.concord.test.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Builds the command that starts another JVM of the same installation as this one. Not
 * thread-safe.
 */
public final class JavaCommand {

	private final String name;

	private final List<String> what;

	private final List<String> jvmArguments = new ArrayList<>();

	private final List<String> arguments = new ArrayList<>();

	private final Map<String, String> environment = new LinkedHashMap<>();

	private @Nullable Path workingDirectory;

	private JavaCommand(String name, List<String> what) {
		this.name = name;
		this.what = what;
	}

	/**
	 * A JVM that runs the main method of a class, with the class path of this JVM.
	 * @param mainClass the class
	 * @return the command
	 */
	public static JavaCommand mainClass(Class<?> mainClass) {
		String classPath = System.getProperty("java.class.path");
		return new JavaCommand(mainClass.getSimpleName(), List.of("-cp", classPath, mainClass.getName()));
	}

	/**
	 * A JVM that runs an executable jar.
	 * @param jar the jar
	 * @return the command
	 */
	public static JavaCommand jar(Path jar) {
		return new JavaCommand(String.valueOf(jar.getFileName()), List.of("-jar", jar.toAbsolutePath().toString()));
	}

	/**
	 * Add arguments for the JVM itself, such as {@code -Xmx128m}.
	 * @param added the arguments
	 * @return this command
	 */
	public JavaCommand jvmArguments(String... added) {
		this.jvmArguments.addAll(List.of(added));
		return this;
	}

	/**
	 * Pass system properties of this JVM on.
	 * @param prefix what their names begin with, such as {@code concord.test.}
	 * @return this command
	 */
	public JavaCommand passOnProperties(String prefix) {
		System.getProperties()
			.stringPropertyNames()
			.stream()
			.filter((name) -> name.startsWith(prefix))
			.map((name) -> "-D" + name + "=" + System.getProperty(name))
			.forEach(this.jvmArguments::add);
		return this;
	}

	/**
	 * Add arguments for the program.
	 * @param added the arguments
	 * @return this command
	 */
	public JavaCommand arguments(String... added) {
		this.arguments.addAll(List.of(added));
		return this;
	}

	/**
	 * Set an environment variable. All variables of this JVM are set as well.
	 * @param variable the name
	 * @param value the value
	 * @return this command
	 */
	public JavaCommand environment(String variable, String value) {
		this.environment.put(variable, value);
		return this;
	}

	/**
	 * Set the working directory, by default that of this JVM.
	 * @param directory an existing directory
	 * @return this command
	 */
	public JavaCommand workingDirectory(Path directory) {
		this.workingDirectory = directory;
		return this;
	}

	/**
	 * Start the JVM. The command can be started again for another.
	 * @return the process, to be closed by the caller
	 */
	public WatchedProcess start() {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(this.jvmArguments);
		command.addAll(this.what);
		command.addAll(this.arguments);
		try {
			return WatchedProcess.start(this.name, command, this.environment, this.workingDirectory, null);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot start " + command, ex);
		}
	}

}
