package io.concord.autoconfigure.idgen;

import java.net.InetAddress;
import java.net.UnknownHostException;

import org.springframework.core.env.Environment;

/**
 * What this process is called where the holders of worker ids are listed.
 */
final class ProcessLabel {

	private ProcessLabel() {
	}

	static String of(Environment environment) {
		String application = environment.getProperty("spring.application.name", "application");
		return application + " on " + host() + ", pid " + ProcessHandle.current().pid();
	}

	private static String host() {
		try {
			return InetAddress.getLocalHost().getHostName();
		}
		catch (UnknownHostException ex) {
			return "an unknown host";
		}
	}

}
