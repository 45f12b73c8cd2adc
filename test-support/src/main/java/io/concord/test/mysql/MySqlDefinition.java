package io.concord.test.mysql;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import io.concord.test.jdbc.MySqlFamilyDefinition;

/**
 * A MySQL of a program of this machine.
 */
final class MySqlDefinition extends MySqlFamilyDefinition {

	private final Path program;

	private MySqlDefinition(Path program, boolean durable) {
		super(durable);
		this.program = program;
	}

	static MySqlDefinition of(Path program, boolean durable) throws IOException {
		Path real = program.toRealPath();
		if (String.valueOf(real.getFileName()).startsWith("mariadb")) {
			throw new IOException(program + " is a MariaDB by the name of MySQL");
		}
		return new MySqlDefinition(real, durable);
	}

	@Override
	public String name() {
		return "mysql";
	}

	@Override
	protected List<String> installCommand(Path data) {
		return List.of(this.program.toString(), "--no-defaults", "--initialize-insecure", "--datadir=" + data);
	}

	@Override
	protected List<String> program() {
		// The other protocol would take a port of its own.
		return List.of(this.program.toString(), "--no-defaults", "--mysqlx=OFF");
	}

}
