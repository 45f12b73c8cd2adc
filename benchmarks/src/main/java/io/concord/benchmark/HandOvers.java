package io.concord.benchmark;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Passes a lock to and fro between two processes: who holds it waits until the other has
 * asked for it and a while longer, takes the time and releases it; the other takes the
 * time when it has got it. Both read the same monotonic clock of the host, and talk
 * through a few longs in a mapped file, which costs neither a system call nor the lock's
 * store anything.
 *
 * <p>
 * Only the holder writes but for {@code ASKS}, of which each side has its own.
 */
final class HandOvers {

	/** Bytes of the file that both map. */
	static final int FILE_SIZE = 8 * 8;

	private static final int TURN = 0;

	private static final int RELEASED_AT = 1;

	private static final int HOLDER = 2;

	private static final int ENDED = 3;

	private static final int ASKS = 4;

	private static final long BOUND_NANOS = TimeUnit.SECONDS.toNanos(60);

	/** How much of a wait is spun away: a look costs no system call. */
	private static final long GLANCE_NANOS = 50_000;

	private static final long LEAST_HOLD_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

	private static final int MORE_HOLD_NANOS = (int) TimeUnit.MILLISECONDS.toNanos(3);

	private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

	private final ByteBuffer shared;

	private final int side;

	private final List<Long> nanos = new ArrayList<>();

	private HandOvers(ByteBuffer shared, int side) {
		this.shared = shared;
		this.side = side;
	}

	/**
	 * Takes one of the two sides.
	 * @param file of {@link #FILE_SIZE} bytes, all zero at the beginning
	 * @param side 0 or 1
	 * @param millis for how long to go on
	 * @return how long each hand-over to this side took, ns
	 */
	static List<Long> run(Locks locks, String key, Path file, int side, long millis) throws Exception {
		HandOvers handOvers = new HandOvers(map(file), side);
		handOvers.run(locks, key, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis));
		return handOvers.nanos;
	}

	private static ByteBuffer map(Path file) throws IOException {
		try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
			return channel.map(FileChannel.MapMode.READ_WRITE, 0, FILE_SIZE);
		}
	}

	private void run(Locks locks, String key, long end) throws Exception {
		Random random = new Random(this.side);
		boolean last = false;
		while (!last) {
			long turn = get(TURN);
			set(ASKS + this.side, 1);
			Locks.Held held = locks.acquire(key);
			long now = System.nanoTime();
			set(ASKS + this.side, 0);
			if (get(RELEASED_AT) != 0 && get(HOLDER) != this.side) {
				this.nanos.add(now - get(RELEASED_AT));
			}
			set(HOLDER, this.side);
			turn = get(TURN) + 1;
			set(TURN, turn);
			last = get(ENDED) != 0;
			if (!last) {
				if (now - end >= 0) {
					last = true;
					set(ENDED, 1);
				}
				else {
					await(ASKS + 1 - this.side, 0);
					LockSupport.parkNanos(LEAST_HOLD_NANOS + random.nextInt(MORE_HOLD_NANOS));
				}
			}
			set(RELEASED_AT, System.nanoTime());
			held.release();
			if (!last) {
				await(TURN, turn);
			}
		}
	}

	/** Waits until a value is another one. */
	private void await(int index, long value) {
		long begin = System.nanoTime();
		while (get(index) == value) {
			if (System.nanoTime() - begin > BOUND_NANOS) {
				throw new IllegalStateException("The other side did nothing for a minute");
			}
			LockSupport.parkNanos(GLANCE_NANOS);
		}
	}

	private long get(int index) {
		return (long) LONGS.getVolatile(this.shared, index * Long.BYTES);
	}

	private void set(int index, long value) {
		LONGS.setVolatile(this.shared, index * Long.BYTES, value);
	}

}
