package io.concord.test.server;

import java.util.List;
import java.util.Locale;

/**
 * For what an embedded binary must have been built.
 *
 * @param name the name of the system, as the JVM tells it
 * @param architecture the architecture of its processor, as the JVM tells it
 */
public record OperatingSystem(String name, String architecture) {

	static OperatingSystem current() {
		return new OperatingSystem(System.getProperty("os.name"), System.getProperty("os.arch"));
	}

	/**
	 * Whether it is Linux.
	 * @return whether it is
	 */
	public boolean isLinux() {
		return this.name.toLowerCase(Locale.ROOT).startsWith("linux");
	}

	/**
	 * Whether it is macOS.
	 * @return whether it is
	 */
	public boolean isMac() {
		return this.name.toLowerCase(Locale.ROOT).startsWith("mac");
	}

	/**
	 * Whether the processor is a 64-bit one of Intel or AMD.
	 * @return whether it is
	 */
	public boolean isAmd64() {
		return List.of("amd64", "x86_64").contains(this.architecture.toLowerCase(Locale.ROOT));
	}

	/**
	 * Whether the processor is a 64-bit ARM.
	 * @return whether it is
	 */
	public boolean isArm64() {
		return List.of("aarch64", "arm64").contains(this.architecture.toLowerCase(Locale.ROOT));
	}

	@Override
	public String toString() {
		return this.name + " on " + this.architecture;
	}

}
