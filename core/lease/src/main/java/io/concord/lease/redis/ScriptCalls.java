package io.concord.lease.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStoreException;

/**
 * A way to run a script within a time-out: one EVALSHA, and one EVAL more if the server
 * doesn't know the script yet.
 */
interface ScriptCalls extends AutoCloseable {

	/**
	 * Errors by which a server says that it has not run the script, or not past its first
	 * write. Redis 6.2 puts those of a command after the place in the script.
	 */
	Pattern REFUSAL = Pattern.compile("(^|@user_script: \\d+: -)(OOM|READONLY|LOADING|BUSY|NOAUTH|WRONGPASS|MISCONF"
			+ "|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|CROSSSLOT|MOVED|ASK) ");

	/**
	 * Runs a script.
	 * @return its reply, one bulk string of ASCII
	 * @throws LeaseOutcomeUnknownException if it may have been, or may yet be, run
	 * @throws LeaseStoreException if it was not run
	 */
	String run(Script script, byte[][] keys, byte[][] args, Duration timeout);

	/** Where the calls go, for messages. */
	String describe();

	@Override
	void close();

	static String text(byte @Nullable [] reply) {
		if (reply == null) {
			throw new LeaseOutcomeUnknownException("Redis gave an empty reply to a script");
		}
		return new String(reply, StandardCharsets.US_ASCII);
	}

	/** Tells a refusal from a failure half-way. */
	static LeaseStoreException failure(String store, Throwable ex) {
		for (Throwable cause = ex; cause != null; cause = cause.getCause()) {
			if (cause.getMessage() != null && REFUSAL.matcher(cause.getMessage()).find()) {
				return new LeaseStoreException(store + " refused: " + cause.getMessage(), ex);
			}
		}
		return new LeaseOutcomeUnknownException("A call to " + store + " failed: " + ex, ex);
	}

	static boolean isUnknownScript(Throwable ex) {
		for (Throwable cause = ex; cause != null; cause = cause.getCause()) {
			if (cause.getMessage() != null && cause.getMessage().contains("NOSCRIPT")) {
				return true;
			}
		}
		return false;
	}

}
