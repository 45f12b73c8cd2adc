package io.concord.idgen.redis;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import io.concord.idgen.WorkerIdAnswer;
import io.concord.idgen.WorkerIdClaim;
import io.concord.idgen.WorkerIdExtension;
import io.concord.idgen.WorkerIdHolder;
import io.concord.idgen.WorkerIdLease;
import io.concord.idgen.WorkerIdStore;
import io.concord.lease.LeaseNotReplicatedException;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.redis.RedisCalls;
import io.concord.lease.redis.Script;

/**
 * Keeps worker ids in three keys a space; each operation is one script call, which is
 * what orders them. How it is stored is said in {@code workers.lua}. Time is that of the
 * server that runs the script.
 *
 * <p>
 * With replicas that confirm, an answer is given only when they have the mark. Whoever
 * claims then has a floor of the server's time + its lead + {@link RedisIdKeys#SKEW}, so
 * it issues its first id that much later, and all processes of a space should have the
 * same lead. See {@link RedisIdKeys} for what it rests on. Thread-safe.
 */
final class RedisWorkerIdStore implements WorkerIdStore {

	private static final Script CLAIM = new Script(RedisWorkerIdStore.class, "claim-worker");

	private static final Script EXTEND = new Script(RedisWorkerIdStore.class, "extend-worker");

	private static final Script RELEASE = new Script(RedisWorkerIdStore.class, "release-worker");

	private static final Script LIST = new Script(RedisWorkerIdStore.class, "list-workers");

	private final RedisIdKeys keys;

	private final RedisCalls calls;

	RedisWorkerIdStore(RedisIdKeys keys) {
		this.keys = keys;
		this.calls = keys.calls();
	}

	@Override
	public String describe() {
		return this.calls.describe();
	}

	@Override
	public WorkerIdAnswer claim(WorkerIdClaim claim, Duration timeout) {
		long lead = claim.lead().toMillis();
		long ahead = this.keys.isConfirmed() ? lead + RedisIdKeys.SKEW.toMillis() : -1;
		String reply = confirmed(CLAIM, claim.space(), timeout, claim.layout(), claim.first(), claim.last(),
				claim.owner(), encode(claim.holder()), lead, ahead);
		String rest = reply.substring(Math.min(reply.length(), 2));
		return switch (reply.charAt(0)) {
			case 'G' -> {
				String[] parts = rest.split(" ");
				WorkerIdLease lease = new WorkerIdLease(claim.space(), Integer.parseInt(parts[0]), claim.owner(),
						Long.parseLong(parts[1]));
				yield new WorkerIdAnswer.Granted(lease, Long.parseLong(parts[2]), Long.parseLong(parts[3]),
						Long.parseLong(parts[4]));
			}
			case 'F' -> new WorkerIdAnswer.Full(holders(rest));
			case 'L' -> new WorkerIdAnswer.LayoutDiffers(rest);
			case 'V' -> throw new LeaseStoreException("What " + describe() + " keeps of '" + claim.space()
					+ "' has the format '" + rest + "', and this version of Concord knows format 1 only. Another"
					+ " version of Concord, or another program, writes to the same keys: use the same version on all"
					+ " nodes, or another namespace.");
			default -> throw unknown(reply);
		};
	}

	@Override
	public WorkerIdExtension extend(WorkerIdLease lease, Duration lead, Duration timeout) {
		String reply = confirmed(EXTEND, lease.space(), timeout, lease.workerId(), lease.owner(), lease.epoch(),
				lead.toMillis());
		String[] parts = reply.split(" ", 3);
		return switch (parts[0]) {
			case "G" -> new WorkerIdExtension.Extended(Long.parseLong(parts[1]), Long.parseLong(parts[2]));
			case "X" -> new WorkerIdExtension.Lost((parts.length > 1) ? decode(parts[1]) : null);
			default -> throw unknown(reply);
		};
	}

	/** A release that a fail-over loses only keeps the worker id until its mark. */
	@Override
	public boolean release(WorkerIdLease lease, long highWater, Duration timeout) {
		return run(RELEASE, lease.space(), timeout, lease.workerId(), lease.owner(), lease.epoch(), highWater)
			.equals("R");
	}

	@Override
	public List<WorkerIdHolder> holders(String space, Duration timeout) {
		return holders(run(LIST, space, timeout).split("\n", 2)[1]);
	}

	@Override
	public long now(Duration timeout) {
		// Any space has the time of some server; that of the empty hash costs least.
		return Long.parseLong(run(LIST, "#", timeout).split("\n", 2)[0]);
	}

	@Override
	public void close() {
		this.calls.close();
	}

	private String confirmed(Script script, String space, Duration timeout, Object... args) {
		try {
			return this.calls.runConfirmed(script, keys(space), bytes(args), timeout);
		}
		catch (LeaseNotReplicatedException ex) {
			throw new LeaseOutcomeUnknownException(
					"A mark of '" + space + "' was moved, and is not used: " + ex.getConfirmed() + " replicas of "
							+ describe() + " have confirmed it in time, where " + ex.getRequired() + " have to",
					ex);
		}
	}

	private String run(Script script, String space, Duration timeout, Object... args) {
		return this.calls.run(script, keys(space), bytes(args), timeout);
	}

	private byte[][] keys(String space) {
		return new byte[][] { this.keys.key(space, "w"), this.keys.key(space, "m"), this.keys.key(space, "t") };
	}

	private static byte[][] bytes(Object[] args) {
		byte[][] bytes = new byte[args.length][];
		for (int i = 0; i < args.length; i++) {
			bytes[i] = RedisIdKeys.ascii(args[i].toString());
		}
		return bytes;
	}

	private static List<WorkerIdHolder> holders(String text) {
		List<WorkerIdHolder> holders = new ArrayList<>();
		for (String line : text.split("\n")) {
			if (!line.isEmpty()) {
				String[] parts = line.split(" ", 3);
				holders.add(new WorkerIdHolder(Integer.parseInt(parts[0]), decode(parts[2]),
						Instant.ofEpochMilli(Long.parseLong(parts[1]))));
			}
		}
		holders.sort(Comparator.comparingInt(WorkerIdHolder::workerId));
		return holders;
	}

	private LeaseOutcomeUnknownException unknown(String reply) {
		return new LeaseOutcomeUnknownException(describe() + " gave an unknown reply: " + reply);
	}

	/** What a script gives back is ASCII, and words are set apart by spaces. */
	private static String encode(String text) {
		return URLEncoder.encode(text, StandardCharsets.UTF_8);
	}

	private static String decode(String text) {
		return URLDecoder.decode(text, StandardCharsets.UTF_8);
	}

}
