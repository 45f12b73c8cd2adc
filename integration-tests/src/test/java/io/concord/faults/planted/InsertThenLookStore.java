package io.concord.faults.planted;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

import javax.sql.DataSource;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStore;
import io.concord.lease.ReleaseAnswer;
import io.concord.lease.StoreCapabilities;

/**
 * Inserts a row with a number of a sequence, and then looks whether one in front is
 * there. The number is drawn before the row can be seen.
 */
final class InsertThenLookStore implements LeaseStore {

	private final DataSource dataSource;

	private final Runnable beforeCommit;

	InsertThenLookStore(DataSource dataSource, Runnable beforeCommit) {
		this.dataSource = dataSource;
		this.beforeCommit = beforeCommit;
	}

	static void create(DataSource dataSource) throws SQLException {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			statement.execute("CREATE TABLE line (seq BIGSERIAL PRIMARY KEY, res VARCHAR(40), owner VARCHAR(80))");
		}
	}

	@Override
	public String describe() {
		return "lines";
	}

	@Override
	public StoreCapabilities capabilities() {
		return new StoreCapabilities(true, true, false, false, Duration.ZERO);
	}

	@Override
	public ClaimAnswer claim(Claim claim, Duration timeout) {
		try (Connection connection = this.dataSource.getConnection()) {
			connection.setAutoCommit(false);
			try (PreparedStatement insert = connection
				.prepareStatement("INSERT INTO line (res, owner) VALUES (?, ?)")) {
				insert.setString(1, claim.resource());
				insert.setString(2, claim.owner());
				insert.executeUpdate();
			}
			this.beforeCommit.run();
			connection.commit();
			ClaimAnswer answer = look(connection, claim);
			connection.commit();
			return answer;
		}
		catch (SQLException ex) {
			throw new LeaseOutcomeUnknownException(ex.getMessage(), ex);
		}
	}

	@Override
	public ClaimAnswer refresh(Claim claim, Duration timeout) {
		try (Connection connection = this.dataSource.getConnection()) {
			return look(connection, claim);
		}
		catch (SQLException ex) {
			throw new LeaseOutcomeUnknownException(ex.getMessage(), ex);
		}
	}

	private static ClaimAnswer look(Connection connection, Claim claim) throws SQLException {
		try (PreparedStatement first = connection
			.prepareStatement("SELECT seq, owner FROM line WHERE res = ? ORDER BY seq LIMIT 1")) {
			first.setString(1, claim.resource());
			try (ResultSet row = first.executeQuery()) {
				return (row.next() && row.getString(2).equals(claim.owner())) ? new ClaimAnswer.Granted(row.getLong(1))
						: new ClaimAnswer.Refused();
			}
		}
	}

	@Override
	public ReleaseAnswer release(Claim claim, Duration bar, Duration timeout) {
		try (Connection connection = this.dataSource.getConnection();
				PreparedStatement delete = connection.prepareStatement("DELETE FROM line WHERE owner = ?")) {
			delete.setString(1, claim.owner());
			return new ReleaseAnswer(delete.executeUpdate() > 0, null);
		}
		catch (SQLException ex) {
			throw new LeaseOutcomeUnknownException(ex.getMessage(), ex);
		}
	}

	@Override
	public void close() {
		// The connections are the scene's.
	}

}
