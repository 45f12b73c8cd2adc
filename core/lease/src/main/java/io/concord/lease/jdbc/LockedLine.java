package io.concord.lease.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.ReleaseAnswer;

/**
 * The line of one name inside one transaction that has locked its head row. The lock
 * orders all changes of the line: whoever joins, leaves or hands over holds it, and the
 * statement that claims without it needs a head with nobody waiting. Those who are barred
 * count as waiting, so that every claim meets them here.
 *
 * <p>
 * The time is read once, with the lock. It may be older than the lock by as long as the
 * transaction waited for it, which only makes leases look longer than they are.
 */
final class LockedLine {

	private final Statements statements;

	private final String name;

	private final boolean present;

	private final long now;

	private @Nullable String owner;

	private long token;

	private long until;

	private int waiters;

	private long tail;

	private boolean changed;

	private @Nullable String offeredTo;

	private LockedLine(Statements statements, String name, @Nullable Head head) {
		this.statements = statements;
		this.name = name;
		this.present = head != null;
		Head known = (head != null) ? head : new Head(null, 0, 0, 0, 0, 0);
		this.owner = known.owner();
		this.token = known.token();
		this.until = known.until();
		this.waiters = known.waiters();
		this.tail = known.tail();
		this.now = known.now();
	}

	/** Locks the head row of a name, if it has one. */
	static LockedLine of(Statements statements, String name) throws SQLException {
		Head head = statements.first(
				"SELECT owner, token, until_us, waiters, tail, ${now} FROM ${lease} WHERE res = ? FOR UPDATE",
				(row) -> new Head(row.getString(1), row.getLong(2), row.getLong(3), row.getInt(4), row.getLong(5),
						row.getLong(6)),
				name);
		return new LockedLine(statements, name, head);
	}

	/** Locks the head row of a name, which gets one if it has none. */
	static LockedLine create(Statements statements, String name) throws SQLException {
		while (true) {
			LockedLine line = of(statements, name);
			if (line.present) {
				return line;
			}
			statements.update(
					"INSERT INTO ${lease} (res, owner, token, until_us, waiters, tail, touched_us)"
							+ " VALUES (?, NULL, ${floor}, 0, 0, 0, ${now})" + statements.dialect().unlessPresent(),
					name);
		}
	}

	ClaimAnswer claim(Claim claim) throws SQLException {
		settle();
		Place place = find(claim.owner());
		if (place != null && place.seq() < 0) {
			if (place.until() > this.now) {
				return new ClaimAnswer.Gone();
			}
			drop(claim.owner());
		}
		else if (place != null && place.until() > this.now) {
			return stand(claim, place);
		}
		else if (place != null) {
			drop(claim.owner());
		}
		if (claim.owner().equals(this.owner)) {
			return extend(claim);
		}
		if (this.owner == null) {
			this.owner = claim.owner();
			this.token = nextToken();
			return extend(claim);
		}
		if (!claim.waits()) {
			return new ClaimAnswer.Refused();
		}
		this.tail++;
		this.waiters++;
		this.changed = true;
		insert(claim, this.tail, claim.patience());
		return new ClaimAnswer.Waiting(this.waiters - 1, untilEnd());
	}

	ClaimAnswer refresh(Claim claim) throws SQLException {
		settle();
		if (claim.owner().equals(this.owner)) {
			return extend(claim);
		}
		Place place = find(claim.owner());
		if (place == null || place.seq() < 0) {
			return new ClaimAnswer.Gone();
		}
		if (place.until() <= this.now) {
			drop(claim.owner());
			return new ClaimAnswer.Gone();
		}
		return stand(claim, place);
	}

	ReleaseAnswer release(Claim claim, Duration bar) throws SQLException {
		settle();
		boolean held = claim.owner().equals(this.owner);
		if (held) {
			free();
		}
		else {
			// Not a bar that an earlier release has set.
			delete(" AND owner = ? AND seq > 0", claim.owner());
		}
		if (!bar.isZero()) {
			drop(claim.owner());
			this.tail++;
			insert(claim, -this.tail, bar);
			this.waiters++;
			this.changed = true;
		}
		settle();
		return new ReleaseAnswer(held, this.offeredTo);
	}

	/**
	 * Lets go of a lease that has ended and offers the name to the first who still waits.
	 */
	void settle() throws SQLException {
		if (this.owner != null && this.until <= this.now) {
			free();
		}
		while (this.owner == null && this.waiters > 0) {
			List<Waiter> first = this.statements.all(
					"SELECT owner, seq, alive_us FROM ${waiter} WHERE res = ? AND seq > 0" + " ORDER BY seq LIMIT 16",
					(row) -> new Waiter(row.getString(1), row.getLong(2), row.getLong(3)), this.name);
			if (first.isEmpty()) {
				dropBars();
				return;
			}
			long last = first.get(first.size() - 1).seq();
			for (Waiter waiter : first) {
				if (waiter.until() > this.now) {
					last = waiter.seq();
					this.token = nextToken();
					this.owner = waiter.owner();
					this.until = waiter.until();
					this.offeredTo = waiter.owner();
					break;
				}
			}
			delete(" AND seq BETWEEN 1 AND ?", last);
			this.changed = true;
		}
	}

	/**
	 * Writes the head back, if need be, as in use at this moment.
	 * @param claim whose call this is; its engine needs no notification
	 */
	void save(Claim claim) throws SQLException {
		write(", touched_us = ${now}", claim.engine());
	}

	/** Writes the head back, if need be, without making an idle name look used. */
	void tidy() throws SQLException {
		write("", null);
	}

	private void write(String touch, @Nullable String teller) throws SQLException {
		if (!this.changed) {
			return;
		}
		String update = "UPDATE ${lease} SET owner = ?, token = ?, until_us = ?, waiters = ?, tail = ?" + touch
				+ " WHERE res = ?";
		String engine = (this.offeredTo != null) ? Claim.engineOf(this.offeredTo) : teller;
		String channel = (engine != null && !engine.equals(teller)) ? this.statements.channel(engine) : null;
		if (channel == null) {
			this.statements.update(update, this.owner, this.token, this.until, this.waiters, this.tail, this.name);
		}
		else {
			// Sent when the transaction commits, and not if it doesn't.
			this.statements.first(update + " RETURNING pg_notify(?, ?)", (row) -> true, this.owner, this.token,
					this.until, this.waiters, this.tail, this.name, channel, this.offeredTo);
		}
	}

	private ClaimAnswer extend(Claim claim) {
		this.until = this.now + micros(claim.ttl());
		this.changed = true;
		return new ClaimAnswer.Granted(this.token);
	}

	private ClaimAnswer stand(Claim claim, Place place) throws SQLException {
		this.statements.update("UPDATE ${waiter} SET alive_us = ? WHERE res = ? AND owner = ?",
				this.now + micros(claim.patience()), this.name, claim.owner());
		long ahead = place.seq() - place.first();
		return new ClaimAnswer.Waiting((int) Math.min(ahead, this.waiters), untilEnd());
	}

	private Duration untilEnd() {
		return Duration.ofNanos(Math.max(0, this.until - this.now) * 1_000);
	}

	private void free() {
		this.owner = null;
		this.until = 0;
		this.changed = true;
	}

	private long nextToken() {
		return Math.max(this.token + 1, this.now);
	}

	private @Nullable Place find(String who) throws SQLException {
		if (this.waiters == 0) {
			return null;
		}
		return this.statements.first(
				"SELECT w.seq, w.alive_us, (SELECT MIN(m.seq) FROM ${waiter} m WHERE m.res = w.res AND m.seq > 0)"
						+ " FROM ${waiter} w WHERE w.res = ? AND w.owner = ?",
				(row) -> new Place(row.getLong(1), row.getLong(2), row.getLong(3)), this.name, who);
	}

	private void insert(Claim claim, long seq, Duration patience) throws SQLException {
		this.statements.update("INSERT INTO ${waiter} (res, owner, seq, max_holders, alive_us) VALUES (?, ?, ?, ?, ?)",
				this.name, claim.owner(), seq, claim.limit(), this.now + micros(patience));
	}

	private void drop(String who) throws SQLException {
		delete(" AND owner = ?", who);
	}

	private void dropBars() throws SQLException {
		delete(" AND seq < 0 AND alive_us <= ?", this.now);
	}

	private void delete(String condition, Object parameter) throws SQLException {
		if (this.waiters > 0) {
			int deleted = this.statements.update("DELETE FROM ${waiter} WHERE res = ?" + condition, this.name,
					parameter);
			this.waiters -= deleted;
			this.changed |= deleted > 0;
		}
	}

	private static long micros(Duration duration) {
		return duration.toNanos() / 1_000;
	}

	private record Head(@Nullable String owner, long token, long until, int waiters, long tail, long now) {
	}

	private record Waiter(String owner, long seq, long until) {
	}

	/** A row of one owner; with a number below zero it is barred. */
	private record Place(long seq, long until, long first) {
	}

}
