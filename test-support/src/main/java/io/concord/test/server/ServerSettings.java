package io.concord.test.server;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * Where a user may say which server of a kind tests shall use, and the sources that all
 * kinds have in common. They are tried in the order URL, local binary, embedded binary,
 * container. Thread-safe.
 */
public final class ServerSettings {

	private final ServerKind kind;

	private final Lookup properties;

	private final Lookup variables;

	/**
	 * Create settings.
	 * @param kind the kind of server
	 * @param properties looks system properties up
	 * @param variables looks environment variables up
	 */
	public ServerSettings(ServerKind kind, Lookup properties, Lookup variables) {
		this.kind = kind;
		this.properties = properties;
		this.variables = variables;
	}

	/**
	 * The server at the URL that the property or the variable of the kind names, and no
	 * other if one of them does. An empty property overrides the variable.
	 * @param <S> what tests are given
	 * @param connect connects to the server at a URL, and fails if it does not answer or
	 * the URL is none that tests can use
	 * @return the source
	 */
	public <S extends TestServer> ServerSource<S> url(Start<String, S> connect) {
		return new Url<>(connect);
	}

	/**
	 * A program of this machine: the one that the binary property names, itself or by its
	 * directory, and no other if it is set; else the first on the {@code PATH}.
	 * @param <S> what tests are given
	 * @param programs names of the program, the preferred one first
	 * @param start starts the program
	 * @return the source
	 */
	public <S extends TestServer> ServerSource<S> localBinary(List<String> programs, Start<Path, S> start) {
		return new LocalBinary<>(programs, start);
	}

	/**
	 * A program inside a jar of the class path.
	 * @param <S> what tests are given
	 * @param start starts the one for a system, and fails if there is none
	 * @return the source
	 */
	public <S extends TestServer> ServerSource<S> embeddedBinary(Start<OperatingSystem, S> start) {
		return source("embedded binary", () -> start.from(OperatingSystem.current()));
	}

	/**
	 * A container, if Testcontainers is on the class path and Docker answers.
	 * Testcontainers ends it when the JVM has died.
	 * @param <S> what tests are given
	 * @param container what to run
	 * @param connect connects to the server at a host and a port, once it answers
	 * @return the source
	 */
	public <S extends TestServer> ServerSource<S> container(ServerContainer container, ContainerConnect<S> connect) {
		return source("Testcontainers", () -> {
			try {
				return Docker.start(container, connect);
			}
			catch (NoClassDefFoundError ex) {
				throw new IllegalStateException("the class path has no org.testcontainers:testcontainers", ex);
			}
		});
	}

	/**
	 * A program on the {@code PATH}.
	 * @param program its name
	 * @return the program
	 */
	public Optional<Path> onPath(String program) {
		return Stream.ofNullable(this.variables.get("PATH"))
			.flatMap(Pattern.compile(":")::splitAsStream)
			.map((directory) -> Path.of(directory, program))
			.filter(ServerSettings::isProgram)
			.findFirst();
	}

	private static boolean isProgram(Path path) {
		return Files.isRegularFile(path) && Files.isExecutable(path);
	}

	private static <S extends TestServer> ServerSource<S> source(String name, Starter<S> starter) {
		return new ServerSource<>() {

			@Override
			public String name() {
				return name;
			}

			@Override
			public StartedServer<S> start() throws Exception {
				return starter.start();
			}

		};
	}

	/**
	 * Looks a name up.
	 */
	@FunctionalInterface
	public interface Lookup {

		/**
		 * The value of a name.
		 * @param name the name
		 * @return the value, or {@code null} if there is none
		 */
		@Nullable String get(String name);

	}

	/**
	 * Starts a server from something, or connects to it.
	 *
	 * @param <F> from what
	 * @param <S> what tests are given
	 */
	@FunctionalInterface
	public interface Start<F, S extends TestServer> {

		/**
		 * Start the server.
		 * @param from from what
		 * @return the server, which answers
		 * @throws Exception whose message is the reason why it could not be started
		 */
		StartedServer<S> from(F from) throws Exception;

	}

	@FunctionalInterface
	private interface Starter<S extends TestServer> {

		StartedServer<S> start() throws Exception;

	}

	/**
	 * Connects to a server in a container.
	 *
	 * @param <S> what tests are given
	 */
	@FunctionalInterface
	public interface ContainerConnect<S extends TestServer> {

		/**
		 * Connect to the server.
		 * @param host the host of the container
		 * @param port the port of the host that stands for the server's
		 * @return the server, which answers
		 * @throws Exception whose message is the reason why it does not
		 */
		S at(String host, int port) throws Exception;

	}

	/**
	 * Apart, so that its classes are only looked for when a container's turn has come.
	 */
	private static final class Docker {

		static <S extends TestServer> StartedServer<S> start(ServerContainer what, ContainerConnect<S> connect)
				throws Exception {
			if (!DockerClientFactory.instance().isDockerAvailable()) {
				throw new IllegalStateException("no Docker answers");
			}
			GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(what.image()))
				.withExposedPorts(what.port())
				.withEnv(what.environment());
			if (!what.command().isEmpty()) {
				container.withCommand(what.command().toArray(String[]::new));
			}
			try {
				container.start();
				return new StartedServer<>(connect.at(container.getHost(), container.getMappedPort(what.port())),
						container::close);
			}
			catch (Exception | Error ex) {
				container.close();
				throw ex;
			}
		}

	}

	private final class Url<S extends TestServer> implements ServerSource<S> {

		private final Start<String, S> connect;

		Url(Start<String, S> connect) {
			this.connect = connect;
		}

		@Override
		public String name() {
			return "explicit URL";
		}

		private @Nullable String url() {
			String url = ServerSettings.this.properties.get(ServerSettings.this.kind.urlProperty());
			url = (url != null) ? url : ServerSettings.this.variables.get(ServerSettings.this.kind.urlVariable());
			return (url == null || url.isEmpty()) ? null : url;
		}

		@Override
		public boolean isRequested() {
			return url() != null;
		}

		@Override
		public StartedServer<S> start() throws IOException {
			String names = "-D" + ServerSettings.this.kind.urlProperty() + " or "
					+ ServerSettings.this.kind.urlVariable();
			String url = url();
			if (url == null) {
				throw new FileNotFoundException("there is no " + names);
			}
			try {
				return this.connect.from(url);
			}
			catch (Exception ex) {
				throw new IOException("cannot use '" + url + "', which " + names + " names: " + ex.getMessage(), ex);
			}
		}

	}

	private final class LocalBinary<S extends TestServer> implements ServerSource<S> {

		private final List<String> programs;

		private final Start<Path, S> start;

		LocalBinary(List<String> programs, Start<Path, S> start) {
			this.programs = programs;
			this.start = start;
		}

		@Override
		public String name() {
			return "local binary";
		}

		private String property() {
			return ServerSettings.this.kind.binaryProperty();
		}

		private @Nullable String named() {
			return ServerSettings.this.properties.get(property());
		}

		@Override
		public boolean isRequested() {
			return named() != null;
		}

		@Override
		public StartedServer<S> start() throws Exception {
			String named = named();
			return this.start.from((named != null) ? program(Path.of(named).toAbsolutePath()) : onPath());
		}

		private Path program(Path named) throws FileNotFoundException {
			return Stream.concat(Stream.of(named), this.programs.stream().map(named::resolve))
				.filter(ServerSettings::isProgram)
				.findFirst()
				.orElseThrow(() -> new FileNotFoundException("'" + named + "', which -D" + property()
						+ " names, is not a program, nor a directory with " + words()));
		}

		private Path onPath() throws FileNotFoundException {
			return this.programs.stream()
				.map(ServerSettings.this::onPath)
				.flatMap(Optional::stream)
				.findFirst()
				.orElseThrow(() -> new FileNotFoundException(
						"there is no " + words() + " on the PATH and -D" + property() + " is not set"));
		}

		private String words() {
			return String.join(" or ", this.programs);
		}

	}

}
