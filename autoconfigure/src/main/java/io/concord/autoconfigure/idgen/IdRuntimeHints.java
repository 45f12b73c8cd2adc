package io.concord.autoconfigure.idgen;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * The scripts and the DDL of the stores, for native images.
 */
final class IdRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.resources().registerPattern("io/concord/idgen/**/*.lua").registerPattern("io/concord/idgen/**/*.sql");
	}

}
