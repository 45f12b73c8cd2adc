package io.concord.autoconfigure.lease;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * The scripts of the stores, for native images.
 */
final class LeaseRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.resources().registerPattern("io/concord/lease/**/*.lua").registerPattern("io/concord/lease/**/*.sql");
	}

}
