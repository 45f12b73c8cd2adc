package io.concord.autoconfigure.lease;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.datasource.init.DatabasePopulatorUtils;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import io.concord.autoconfigure.ConcordProperties;
import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.jdbc.JdbcDatabase;
import io.concord.lease.jdbc.JdbcLeaseStore;

/**
 * The tables of the leases, of the guard or of another feature: creates them, if that is
 * wanted. For the features of Concord; may change at any time. Thread-safe.
 */
public final class LeaseSchema {

	private static final Logger logger = LoggerFactory.getLogger(LeaseSchema.class);

	/** More than there are tables: each can be created by another process meanwhile. */
	private static final int ATTEMPTS = 6;

	private static final Pattern NAME = Pattern
		.compile("((?:CONSTRAINT|INDEX|INDEX IF NOT EXISTS)\\s+)?" + JdbcLeaseStore.DEFAULT_TABLE_PREFIX);

	private final DataSource dataSource;

	private final ConcordProperties.Jdbc properties;

	private final Function<DataSource, String> location;

	/**
	 * Creates the description of what is to be created.
	 * @param dataSource where
	 * @param properties what the user wants
	 * @param location finds the script for the kind of a database
	 */
	public LeaseSchema(DataSource dataSource, ConcordProperties.Jdbc properties, Function<DataSource, String> location) {
		this.dataSource = dataSource;
		this.properties = properties;
		this.location = location;
	}

	/**
	 * Creates what is missing, and opens the store of it.
	 * @param <T> type of the store
	 * @param opening opens it
	 * @return the store
	 * @throws InvalidConcordConfigurationException if the prefix of the tables is none,
	 * or the database can't be used
	 */
	public <T> T open(Supplier<T> opening) {
		String prefix = this.properties.getTablePrefix();
		try {
			JdbcDatabase.checkTablePrefix(prefix);
		}
		catch (IllegalArgumentException ex) {
			throw InvalidConcordConfigurationException.ofProperty("concord.jdbc.table-prefix", prefix,
					"but " + ex.getMessage(), "Correct it, or remove it for the default.");
		}
		try {
			initialize();
			return opening.get();
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidConcordConfigurationException(String.valueOf(ex.getMessage()),
					"Name a DataSource bean of another database by 'concord.jdbc.data-source', or choose another backend by 'concord.backend'.",
					ex);
		}
		catch (LeaseStoreException ex) {
			throw new InvalidConcordConfigurationException(String.valueOf(ex.getMessage()),
					"Start the database, or correct the DataSource: its URL, user and password.", ex);
		}
	}

	/**
	 * Creates what is missing. May run in several processes at once.
	 */
	void initialize() {
		if (!isWanted()) {
			return;
		}
		ResourceDatabasePopulator populator = new ResourceDatabasePopulator(
				new ByteArrayResource(script().getBytes(StandardCharsets.UTF_8), "tables of Concord"));
		populator.setSqlScriptEncoding(StandardCharsets.UTF_8.name());
		for (int attempt = 1;; attempt++) {
			try {
				DatabasePopulatorUtils.execute(populator, this.dataSource);
				return;
			}
			catch (DataAccessException ex) {
				// "IF NOT EXISTS" doesn't keep two processes from creating a table at the
				// same
				// time; the one that came second finds it there when it tries again.
				if (attempt == ATTEMPTS) {
					throw new InvalidConcordConfigurationException(
							"The tables of Concord could not be created: " + ex.getMostSpecificCause().getMessage(),
							"Allow the user of the database to create tables, or create them by a migration from '"
									+ this.location.apply(this.dataSource)
									+ "' and set 'concord.jdbc.initialize-schema=never'.",
							ex);
				}
				logger.debug("Creating the tables failed, trying again", ex);
			}
		}
	}

	private boolean isWanted() {
		return switch (this.properties.getInitializeSchema()) {
			case ALWAYS -> true;
			case NEVER -> false;
			case EMBEDDED -> isEmbedded();
		};
	}

	/**
	 * Spring Boot counts databases in memory only. A file of H2 is no less part of the
	 * application, also if its first process serves it to the others.
	 */
	private boolean isEmbedded() {
		try (Connection connection = this.dataSource.getConnection()) {
			String url = connection.getMetaData().getURL();
			return url != null && url.startsWith("jdbc:h2:") && !url.startsWith("jdbc:h2:tcp:")
					&& !url.startsWith("jdbc:h2:ssl:");
		}
		catch (SQLException ex) {
			throw new LeaseStoreException("The database can't be asked for its kind: " + ex.getMessage(), ex);
		}
	}

	/**
	 * Puts the prefix in place of the default. A schema in it goes with the names of
	 * tables only: constraints and indexes are in the schema of their table.
	 */
	private String script() {
		String prefix = this.properties.getTablePrefix();
		String unqualified = prefix.substring(prefix.indexOf('.') + 1);
		try {
			String script = new ClassPathResource(this.location.apply(this.dataSource))
				.getContentAsString(StandardCharsets.UTF_8);
			return NAME.matcher(script).replaceAll((name) -> {
				String before = name.group(1);
				return (before != null) ? before + unqualified : prefix;
			});
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
