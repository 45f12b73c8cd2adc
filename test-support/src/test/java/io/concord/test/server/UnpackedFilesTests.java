package io.concord.test.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.test.Await;
import io.concord.test.process.JavaCommand;
import io.concord.test.process.WatchedProcess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

@Timeout(60)
class UnpackedFilesTests {

	private static final Duration BOUND = Duration.ofSeconds(30);

	@Test
	void unpacksOnceForAllUsers() throws IOException {
		AtomicInteger unpacked = new AtomicInteger();
		Path first = UnpackedFiles.directory("once", (directory) -> unpacked.incrementAndGet());
		assertThat(UnpackedFiles.directory("once", (directory) -> unpacked.incrementAndGet())).isEqualTo(first);
		assertThat(unpacked).hasValue(1);
		assertThat(Files.getPosixFilePermissions(first)).contains(PosixFilePermission.OTHERS_READ,
				PosixFilePermission.OTHERS_EXECUTE);
	}

	@Test
	void triesAgainAfterAFailure() throws IOException {
		assertThatIOException().isThrownBy(() -> UnpackedFiles.directory("twice", (directory) -> {
			throw new IOException("no paper");
		})).withMessage("no paper");
		assertThat(UnpackedFiles.directory("twice", (directory) -> Files.writeString(directory.resolve("a"), "b"))
			.resolve("a")).hasContent("b");
	}

	@Test
	void filesGoWhenTheJvmIsKilled() {
		try (WatchedProcess jvm = JavaCommand.mainClass(Unpacker.class).start()) {
			Path directory = Path.of(jvm.awaitLine("unpacked ", BOUND).split(" ")[1]);
			assertThat(directory.resolve("a")).exists();
			jvm.kill();
			Await.until(directory + " is gone", BOUND, () -> Files.notExists(directory));
		}
	}

	static final class Unpacker {

		private Unpacker() {
		}

		public static void main(String[] args) throws IOException, InterruptedException {
			System.out.println("unpacked "
					+ UnpackedFiles.directory("killed", (directory) -> Files.writeString(directory.resolve("a"), "b")));
			Thread.sleep(Long.MAX_VALUE);
		}

	}

}
