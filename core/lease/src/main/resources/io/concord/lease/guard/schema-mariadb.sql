-- Guard of Concord, for MariaDB. It goes into the database whose transactions are guarded. Copy it into a
-- migration of Flyway or Liquibase, or let concord.jdbc.initialize-schema run it. It may be run again and
-- again.

-- One row a name: the newest holder that has announced itself. Only ever takes a larger token; to delete a
-- row that is in use lets the transactions of its holder fail.
CREATE TABLE IF NOT EXISTS concord_fence (
  res VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  token BIGINT NOT NULL,
  owner VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
) ENGINE = InnoDB;
