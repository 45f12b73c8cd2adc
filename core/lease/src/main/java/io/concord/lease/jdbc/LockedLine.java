package io.concord.lease.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
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
 * Who holds the name alone stands in the head. Those who hold it beside each other have a
 * row each, and the head says {@link #SHARED} until the last of their ends, so that the
 * statements that claim and release alone leave it be. Their rows count only while it
 * says so; what an earlier time has left there is deleted before the first new one.
 *
 * <p>
 * The time is read once, with the lock. It may be older than the lock by as long as the
 * transaction waited for it, which only makes leases look longer than they are.
 */
final class LockedLine {

	/** Stands for the owner in the head while several may hold. No owner is called so. */
	static final String SHARED = "#shared";

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

	/** Those who hold beside each other; null until they have been looked at. */
	private @Nullable List<Holder> holders;

	/** Whether somebody who lives waits in front and can't be served yet. */
	private boolean blocked;

	private final List<String> offers = new ArrayList<>(1);

	/** The offer that the answer to a release tells of. */
	private @Nullable String answered;

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
		if (isHeldBy(claim.owner())) {
			return extend(claim);
		}
		if (!this.blocked && fits(claim.limit())) {
			grant(claim.owner(), claim.limit(), this.now + micros(claim.ttl()), claim.leastToken(this.now));
			return new ClaimAnswer.Granted(this.token);
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
		if (isHeldBy(claim.owner())) {
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
		boolean held = isHeldBy(claim.owner());
		if (held) {
			this.offers.remove(claim.owner());
			letGo(claim.owner());
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
		this.answered = this.offers.isEmpty() ? null : this.offers.get(0);
		return new ReleaseAnswer(held, this.answered);
	}

	/**
	 * Lets go of leases that have ended and offers the name to those who are first and
	 * still wait, as many as it takes.
	 */
	void settle() throws SQLException {
		expire();
		this.blocked = false;
		while (this.waiters > 0 && !this.blocked && (this.owner == null || isShared())) {
			List<Waiter> first = this.statements.all(
					"SELECT owner, seq, alive_us, max_holders FROM ${waiter} WHERE res = ? AND seq > 0"
							+ " ORDER BY seq LIMIT 16",
					(row) -> new Waiter(row.getString(1), row.getLong(2), row.getLong(3), row.getInt(4)), this.name);
			if (first.isEmpty()) {
				dropBars();
				return;
			}
			long last = 0;
			for (Waiter waiter : first) {
				if (waiter.until() > this.now) {
					this.blocked = !fits(waiter.limit());
					if (this.blocked) {
						break;
					}
					grant(waiter.owner(), waiter.limit(), waiter.until(), 0);
					this.offers.add(waiter.owner());
				}
				last = waiter.seq();
			}
			if (last > 0) {
				delete(" AND seq BETWEEN 1 AND ?", last);
			}
		}
	}

	private void expire() throws SQLException {
		if (this.owner == null) {
			return;
		}
		if (!isShared()) {
			if (this.until <= this.now) {
				free();
			}
			return;
		}
		List<Holder> known = holders();
		if (known.stream().anyMatch((holder) -> holder.until() <= this.now)) {
			this.statements.update("DELETE FROM ${holder} WHERE res = ? AND until_us <= ?", this.name, this.now);
			known.removeIf((holder) -> holder.until() <= this.now);
		}
		holdersChanged();
	}

	private boolean isShared() {
		return SHARED.equals(this.owner);
	}

	private List<Holder> holders() throws SQLException {
		if (this.holders == null) {
			this.holders = isShared()
					? this.statements.all("SELECT owner, max_holders, token, until_us FROM ${holder} WHERE res = ?",
							(row) -> new Holder(row.getString(1), row.getInt(2), row.getLong(3), row.getLong(4)),
							this.name)
					: new ArrayList<>();
		}
		return this.holders;
	}

	private @Nullable Holder holder(String who) throws SQLException {
		for (Holder holder : isShared() ? holders() : List.<Holder>of()) {
			if (holder.owner().equals(who)) {
				return holder;
			}
		}
		return null;
	}

	private boolean isHeldBy(String who) throws SQLException {
		return who.equals(this.owner) || holder(who) != null;
	}

	private boolean fits(int limit) throws SQLException {
		if (this.owner == null) {
			return true;
		}
		if (!isShared()) {
			return false;
		}
		int least = holders().stream().mapToInt(Holder::limit).min().orElse(limit);
		return holders().size() < Math.min(limit, least);
	}

	private void grant(String who, int limit, long end, long least) throws SQLException {
		this.token = nextToken(least);
		this.changed = true;
		if (limit == 1) {
			this.owner = who;
			this.until = end;
			return;
		}
		if (!isShared()) {
			this.statements.update("DELETE FROM ${holder} WHERE res = ?", this.name);
			this.owner = SHARED;
			this.holders = new ArrayList<>();
		}
		this.statements.update(
				"INSERT INTO ${holder} (res, owner, max_holders, token, until_us) VALUES (?, ?, ?, ?, ?)", this.name,
				who, limit, this.token, end);
		holders().add(new Holder(who, limit, this.token, end));
		holdersChanged();
	}

	private void letGo(String who) throws SQLException {
		if (who.equals(this.owner)) {
			free();
			return;
		}
		this.statements.update("DELETE FROM ${holder} WHERE res = ? AND owner = ?", this.name, who);
		holders().removeIf((holder) -> holder.owner().equals(who));
		holdersChanged();
	}

	private void holdersChanged() throws SQLException {
		if (holders().isEmpty()) {
			free();
			return;
		}
		long last = holders().stream().mapToLong(Holder::until).max().getAsLong();
		this.changed |= last != this.until;
		this.until = last;
	}

	/**
	 * Writes the head back, if need be, as in use at this moment.
	 * @param claim whose call this is: its engine needs no notification of what the
	 * answer says
	 */
	void save(Claim claim) throws SQLException {
		write(", touched_us = ${now}", claim);
	}

	/** Writes the head back, if need be, without making an idle name look used. */
	void tidy() throws SQLException {
		write("", null);
	}

	private void write(String touch, @Nullable Claim caller) throws SQLException {
		if (!this.changed) {
			return;
		}
		String update = "UPDATE ${lease} SET owner = ?, token = ?, until_us = ?, waiters = ?, tail = ?" + touch
				+ " WHERE res = ?";
		boolean written = false;
		for (String offeredTo : this.offers) {
			String engine = Claim.engineOf(offeredTo);
			String channel = isTold(offeredTo, caller) ? null : this.statements.channel(engine);
			if (channel != null) {
				// Sent when the transaction commits, and not if it doesn't.
				if (written) {
					this.statements.first("SELECT pg_notify(?, ?)", (row) -> true, channel, offeredTo);
				}
				else {
					this.statements.first(update + " RETURNING pg_notify(?, ?)", (row) -> true, this.owner, this.token,
							this.until, this.waiters, this.tail, this.name, channel, offeredTo);
				}
				written = true;
			}
		}
		if (!written) {
			this.statements.update(update, this.owner, this.token, this.until, this.waiters, this.tail, this.name);
		}
	}

	/** Also takes an offer, which nobody knows the token of yet. */
	private ClaimAnswer extend(Claim claim) throws SQLException {
		long end = this.now + micros(claim.ttl());
		long least = claim.leastToken(this.now);
		Holder holder = holder(claim.owner());
		if (holder == null) {
			this.token = Math.max(this.token, least);
			this.until = end;
			this.changed = true;
			return new ClaimAnswer.Granted(this.token);
		}
		long granted = holder.token();
		if (granted < least) {
			this.token = nextToken(least);
			this.changed = true;
			granted = this.token;
		}
		this.statements.update("UPDATE ${holder} SET until_us = ?, token = ? WHERE res = ? AND owner = ?", end, granted,
				this.name, claim.owner());
		holders().remove(holder);
		holders().add(new Holder(holder.owner(), holder.limit(), granted, end));
		holdersChanged();
		return new ClaimAnswer.Granted(granted);
	}

	private boolean isTold(String offeredTo, @Nullable Claim caller) {
		return caller != null && (offeredTo.equals(caller.owner())
				|| (offeredTo.equals(this.answered) && Claim.engineOf(offeredTo).equals(caller.engine())));
	}

	private ClaimAnswer stand(Claim claim, Place place) throws SQLException {
		this.statements.update("UPDATE ${waiter} SET alive_us = ? WHERE res = ? AND owner = ?",
				this.now + micros(claim.patience()), this.name, claim.owner());
		long ahead = place.seq() - place.first();
		return new ClaimAnswer.Waiting((int) Math.min(ahead, this.waiters), untilEnd());
	}

	private Duration untilEnd() throws SQLException {
		long first = isShared() ? holders().stream().mapToLong(Holder::until).min().orElse(this.until) : this.until;
		return Duration.ofNanos(Math.max(0, first - this.now) * 1_000);
	}

	private void free() {
		this.owner = null;
		this.until = 0;
		this.holders = null;
		this.changed = true;
	}

	private long nextToken(long least) {
		return Math.max(Math.max(this.token + 1, this.now), least);
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

	private record Waiter(String owner, long seq, long until, int limit) {
	}

	private record Holder(String owner, int limit, long token, long until) {
	}

	/** A row of one owner; with a number below zero it is barred. */
	private record Place(long seq, long until, long first) {
	}

}
