package io.concord.lease.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Lua script from the class path, constant: all that varies comes as keys and
 * arguments. A line {@code -- @include x} stands for the file {@code x.lua}. What comes
 * first runs first, so the short way through a script comes before the functions that it
 * has no need of. The last argument of every call is its name, which begins the answer.
 * Immutable.
 */
public final class Script {

	static final Script CLAIM = ofLeases("claim");

	static final Script REFRESH = ofLeases("refresh");

	static final Script RELEASE = ofLeases("release");

	static final Script INSPECT = ofLeases("inspect");

	static final Script PROBE = ofLeases("probe");

	/**
	 * Puts the last argument, the name of the call, before the answer. A connection that
	 * kept a reply too many would otherwise give every call the answer to the one before.
	 */
	private static final String WRAPPER = """
			local function answer()
			%s
			end
			return ARGV[#ARGV] .. ' ' .. answer()
			""";

	private final byte[] text;

	private final String digest;

	/**
	 * Reads a script.
	 * @param beside the class beside which the files lie
	 * @param name that of its file, without {@code .lua}
	 */
	public Script(Class<?> beside, String name) {
		String source = WRAPPER.formatted(source(beside, name));
		this.text = source.getBytes(StandardCharsets.UTF_8);
		try {
			this.digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(this.text));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java platform has SHA-1", ex);
		}
	}

	private static Script ofLeases(String name) {
		return new Script(Script.class, name);
	}

	byte[] text() {
		return this.text;
	}

	/** Name of the script at the server. */
	String digest() {
		return this.digest;
	}

	private static String source(Class<?> beside, String name) {
		return Pattern.compile("(?m)^-- @include (\\w+)$")
			.matcher(read(beside, name))
			.replaceAll((include) -> Matcher.quoteReplacement(read(beside, include.group(1))));
	}

	private static String read(Class<?> beside, String name) {
		String file = name + ".lua";
		try (InputStream in = beside.getResourceAsStream(file)) {
			if (in == null) {
				throw new IllegalStateException("The script " + file + " is missing from the class path");
			}
			return new String(in.readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
