-- What rate limits of Concord need, format 1, for MariaDB. Copy it into a migration of Flyway or Liquibase, or let
-- concord.jdbc.initialize-schema run it. It may be run again and again.
-- Names are ASCII and compared byte by byte; rows are locked one by one. Keep character set, collation and engine.

-- One row a rule and key, which says nothing any more after idle_us and is then deleted. Times are us since 1970.
-- permits, max_wait_us and verdict are of the last call: its one statement decides by them.
CREATE TABLE IF NOT EXISTS concord_rate (
  res VARCHAR(200) NOT NULL PRIMARY KEY,
  at_us BIGINT NOT NULL,
  permits BIGINT NOT NULL,
  max_wait_us BIGINT NOT NULL,
  verdict BIGINT NOT NULL,
  p1 BIGINT DEFAULT 1 NOT NULL,
  d1 BIGINT DEFAULT 0 NOT NULL,
  p2 BIGINT DEFAULT 1 NOT NULL,
  d2 BIGINT DEFAULT 0 NOT NULL,
  p3 BIGINT DEFAULT 1 NOT NULL,
  d3 BIGINT DEFAULT 0 NOT NULL,
  p4 BIGINT DEFAULT 1 NOT NULL,
  d4 BIGINT DEFAULT 0 NOT NULL,
  state VARCHAR(1200),
  idle_us BIGINT NOT NULL,
  INDEX concord_rate_idle (idle_us)
) ENGINE = InnoDB CHARACTER SET ascii COLLATE ascii_bin;
