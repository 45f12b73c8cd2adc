package io.concord.faults;

import java.util.List;

import com.zaxxer.hikari.HikariDataSource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import io.concord.lease.Fenced;
import io.concord.lease.guard.CommitChecks;
import io.concord.lease.guard.FencingGuard;

/**
 * Rows of a table, written in guarded transactions.
 */
final class JdbcRegister implements GuardedRegister {

	private final JdbcTemplate jdbc;

	private final TransactionTemplate transaction;

	private final FencingGuard guard;

	JdbcRegister(HikariDataSource dataSource) {
		JdbcTransactionManager transactions = new JdbcTransactionManager(dataSource);
		CommitChecks checks = new CommitChecks();
		checks.listenTo(transactions);
		this.jdbc = new JdbcTemplate(dataSource);
		this.transaction = new TransactionTemplate(transactions);
		this.guard = FencingGuard.builder(dataSource, checks).namespace("faults").build();
	}

	/** Creates the tables. */
	static void create(HikariDataSource dataSource, List<String> keys) {
		new ResourceDatabasePopulator(new ClassPathResource(FencingGuard.schemaLocation(dataSource)))
			.execute(dataSource);
		JdbcTemplate jdbc = new JdbcTemplate(dataSource);
		jdbc.execute("CREATE TABLE register (id VARCHAR(40) NOT NULL PRIMARY KEY, number BIGINT NOT NULL)");
		keys.forEach((key) -> jdbc.update("INSERT INTO register (id, number) VALUES (?, 0)", key));
	}

	@Override
	public void write(Fenced holder, String key, long number, Runnable announced, Runnable write) {
		this.guard.call(holder, () -> {
			announced.run();
			this.transaction.executeWithoutResult((status) -> {
				write.run();
				this.jdbc.update("UPDATE register SET number = ? WHERE id = ?", number, key);
			});
			return null;
		});
	}

	@Override
	public long read(String key) {
		Long number = this.jdbc.queryForObject("SELECT number FROM register WHERE id = ?", Long.class, key);
		return (number != null) ? number : 0;
	}

	@Override
	public void close() {
		this.guard.close();
	}

}
