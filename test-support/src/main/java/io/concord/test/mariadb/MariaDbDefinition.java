package io.concord.test.mariadb;

import java.io.FileNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

import io.concord.test.jdbc.MySqlFamilyDefinition;

/**
 * A MariaDB of a program and the files around it.
 */
final class MariaDbDefinition extends MySqlFamilyDefinition {

	private static final String INSTALL = "mariadb-install-db";

	/** The default is larger than the data, and written at each installation. */
	private static final String LOG_SIZE = "--innodb-log-file-size=16M";

	private final Path program;

	private final Path base;

	private final Optional<Path> installOnPath;

	MariaDbDefinition(Path program, Optional<Path> installOnPath, boolean durable) {
		super(durable);
		this.program = program;
		this.base = Objects.requireNonNull(program.resolve("../..").normalize());
		this.installOnPath = installOnPath;
	}

	@Override
	public String name() {
		return "mariadb";
	}

	@Override
	protected List<String> installCommand(Path data) throws FileNotFoundException {
		Path script = Stream
			.concat(Stream.of("scripts", "bin", "sbin")
				.map((directory) -> this.base.resolve(directory).resolve(INSTALL)), this.installOnPath.stream())
			.filter(Files::isRegularFile)
			.findFirst()
			.orElseThrow(() -> new FileNotFoundException("there is no " + INSTALL + " below " + this.base
					+ " nor on the PATH, which lays out the data directory of " + this.program));
		return List.of("sh", script.toString(), "--no-defaults", "--basedir=" + this.base, "--datadir=" + data,
				"--auth-root-authentication-method=normal", "--skip-test-db", LOG_SIZE);
	}

	@Override
	protected List<String> program() {
		// It would make a certificate at each start, whose key takes up to ten seconds.
		return List.of(this.program.toString(), "--no-defaults", "--basedir=" + this.base, LOG_SIZE, "--skip-ssl");
	}

}
