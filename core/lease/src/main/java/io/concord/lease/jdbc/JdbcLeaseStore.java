package io.concord.lease.jdbc;

import java.time.Duration;

import javax.sql.DataSource;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseStore;
import io.concord.lease.ReleaseAnswer;
import io.concord.lease.StoreCapabilities;

public final class JdbcLeaseStore implements LeaseStore {

	public static final String DEFAULT_TABLE_PREFIX = "concord_";

	private JdbcLeaseStore() {
	}

	public static Builder builder(DataSource dataSource) {
		return new Builder();
	}

	/**
	 * Classpath location of the DDL, such as io/concord/lease/jdbc/schema-h2.sql;
	 * contains the default table prefix.
	 */
	public static String schemaLocation(DataSource dataSource) {
		throw new UnsupportedOperationException();
	}

	@Override
	public String describe() {
		throw new UnsupportedOperationException();
	}

	@Override
	public StoreCapabilities capabilities() {
		throw new UnsupportedOperationException();
	}

	@Override
	public ClaimAnswer claim(Claim claim, Duration timeout) {
		throw new UnsupportedOperationException();
	}

	@Override
	public ClaimAnswer refresh(Claim claim, Duration timeout) {
		throw new UnsupportedOperationException();
	}

	@Override
	public ReleaseAnswer release(Claim claim, Duration bar, Duration timeout) {
		throw new UnsupportedOperationException();
	}

	@Override
	public void close() {
	}

	public static final class Builder {

		public Builder namespace(String namespace) {
			return this;
		}

		/**
		 * Identifier, optionally with a schema: [A-Za-z_][A-Za-z0-9_]*(\\.…)?;
		 * IllegalArgumentException otherwise.
		 */
		public Builder tablePrefix(String tablePrefix) {
			return this;
		}

		public Builder retention(Duration retention) {
			return this;
		}

		public Builder pollInterval(Duration pollInterval) {
			return this;
		}

		public JdbcLeaseStore build() {
			return new JdbcLeaseStore();
		}

	}

}
