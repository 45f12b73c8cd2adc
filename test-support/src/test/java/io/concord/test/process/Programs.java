package io.concord.test.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Main classes for child JVMs.
 */
final class Programs {

	private Programs() {
	}

	static final class Counter {

		private Counter() {
		}

		public static void main(String[] args) throws InterruptedException {
			System.out.println("arguments " + List.of(args) + " " + System.getProperty("test.color") + " "
					+ System.getenv("TEST_SHAPE") + " in " + Path.of("").toAbsolutePath());
			for (int i = 0;; i++) {
				System.out.println("count " + i);
				Thread.sleep(10);
			}
		}

	}

	static final class Parent {

		private Parent() {
		}

		public static void main(String[] args) throws IOException, InterruptedException {
			Path directory = Files.createTempDirectory("concord-orphan-");
			Files.writeString(directory.resolve("data"), "data");
			WatchedProcess child = WatchedProcess.start("child", List.of("sleep", "600"), Map.of(), null, directory);
			System.out.println("child " + child.pid() + " " + directory);
			Thread.sleep(Long.MAX_VALUE);
		}

	}

}
