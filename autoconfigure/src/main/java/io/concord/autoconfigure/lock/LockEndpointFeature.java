package io.concord.autoconfigure.lock;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

import io.concord.autoconfigure.actuate.EndpointFeature;
import io.concord.autoconfigure.actuate.FeatureUnavailableException;
import io.concord.lease.HeldResource;
import io.concord.lease.LeaseStoreException;
import io.concord.lock.LockInspector;
import io.concord.lock.LockStatus;

/**
 * Shows locks on the actuator endpoint.
 */
final class LockEndpointFeature implements EndpointFeature {

	private static final int HASH_BYTES = 8;

	private final LockInspector inspector;

	private final Clock clock;

	LockEndpointFeature(LockInspector inspector, Clock clock) {
		this.inspector = inspector;
		this.clock = clock;
	}

	@Override
	public String selector() {
		return "locks";
	}

	@Override
	public OperationResponseBody here(boolean showKeys) {
		return new Here(this.inspector.held().stream().map((lock) -> describe(lock, showKeys)).toList());
	}

	private static HeldHere describe(HeldResource lock, boolean showKeys) {
		String fullName = lock.resource();
		// Without a key, the name stands in the code, so everybody may see it.
		boolean shown = showKeys || fullName.equals(lock.label().name());
		return new HeldHere(lock.label().name(), shown ? fullName : null, shown ? null : hash(fullName), lock.owner(),
				Long.toString(lock.token()), lock.since(), lock.validUntil(), lock.waiters());
	}

	private static String hash(String name) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
			return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every JVM has SHA-256", ex);
		}
	}

	@Override
	public @Nullable OperationResponseBody anywhere(String name) {
		List<HeldResource> here = this.inspector.held();
		return checked(() -> this.inspector.status(name))
			.map((status) -> new Anywhere(name,
					status.holders().stream().map((holder) -> describe(holder, here)).toList(), status.waiters()))
			.orElse(null);
	}

	private Holder describe(LockStatus.Holder holder, List<HeldResource> here) {
		Duration remaining = holder.remaining();
		return new Holder(holder.owner(), Long.toString(holder.fencingToken()),
				(remaining != null) ? this.clock.instant().plus(remaining) : null,
				here.stream().anyMatch((lock) -> lock.owner().equals(holder.owner())));
	}

	@Override
	public @Nullable OperationResponseBody release(String name) {
		List<HeldResource> here = this.inspector.held();
		return checked(() -> this.inspector.forceRelease(name))
			.map((holders) -> new Released(name, holders.stream().map((holder) -> describe(holder, here)).toList()))
			.orElse(null);
	}

	private static <T> T checked(Supplier<T> call) {
		try {
			return call.get();
		}
		catch (LeaseStoreException ex) {
			throw new FeatureUnavailableException(String.valueOf(ex.getMessage()), ex);
		}
	}

	/**
	 * Locks that this process holds.
	 *
	 * @param held the locks, the oldest first
	 */
	record Here(List<HeldHere> held) implements OperationResponseBody {
	}

	/**
	 * A lock that this process holds.
	 *
	 * @param name what meters call it
	 * @param lock its full name, unless keys are not shown
	 * @param lockHash a hash of the full name in its place
	 * @param owner identity of its claim in the store
	 * @param fencingToken its fencing token, as text: JSON's numbers are too short for it
	 * @param since when it was granted, by the clock of this process
	 * @param validUntil until when it is valid without another renewal
	 * @param waiters how many calls in this process wait for it
	 */
	record HeldHere(String name, @Nullable String lock, @Nullable String lockHash, String owner, String fencingToken,
			Instant since, Instant validUntil, int waiters) {
	}

	/**
	 * Who holds a lock.
	 *
	 * @param lock its full name
	 * @param holders who holds it
	 * @param waiters how many claims wait for it in the store
	 */
	record Anywhere(String lock, List<Holder> holders, int waiters) implements OperationResponseBody {
	}

	/**
	 * A holder in some process.
	 *
	 * @param owner identity of its claim
	 * @param fencingToken its fencing token, as text
	 * @param validUntil when the store lets go of it if it is not renewed, by the clock
	 * of this process, unless only the holder's own process knows that
	 * @param here whether it is in this process
	 */
	record Holder(String owner, String fencingToken, @Nullable Instant validUntil, boolean here) {
	}

	/**
	 * What a release by force did.
	 *
	 * @param lock full name of the lock
	 * @param released who held it until then
	 */
	record Released(String lock, List<Holder> released) implements OperationResponseBody {
	}

}
