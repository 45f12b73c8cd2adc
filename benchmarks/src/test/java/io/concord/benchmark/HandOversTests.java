package io.concord.benchmark;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class HandOversTests {

	private final ReentrantLock lock = new ReentrantLock();

	@Test
	void passesALockToAndFroAndTimesEachPass(@TempDir Path directory) throws Exception {
		Path file = Files.write(directory.resolve("turns"), new byte[HandOvers.FILE_SIZE]);
		CompletableFuture<List<Long>> one = side(file, 0);
		CompletableFuture<List<Long>> other = side(file, 1);
		List<Long> toOne = one.get(30, TimeUnit.SECONDS);
		List<Long> toOther = other.get(30, TimeUnit.SECONDS);
		assertThat(toOne).isNotEmpty().allMatch((nanos) -> nanos > 0);
		assertThat(toOther).isNotEmpty().allMatch((nanos) -> nanos > 0);
		assertThat(Math.abs(toOne.size() - toOther.size())).isLessThanOrEqualTo(1);
		assertThat(this.lock.isLocked()).isFalse();
	}

	private CompletableFuture<List<Long>> side(Path file, int side) {
		return CompletableFuture.supplyAsync(() -> {
			try {
				return HandOvers.run(this::acquire, "key", file, side, 200);
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		});
	}

	private Locks.Held acquire(String key) {
		this.lock.lock();
		return this.lock::unlock;
	}

}
