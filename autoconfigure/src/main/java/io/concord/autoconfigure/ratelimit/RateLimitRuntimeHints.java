package io.concord.autoconfigure.ratelimit;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * The scripts and the DDL of the stores, for native images.
 */
final class RateLimitRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.resources()
			.registerPattern("io/concord/ratelimit/**/*.lua")
			.registerPattern("io/concord/ratelimit/**/*.sql");
	}

}
