-- What ids of Concord need, format 1, for MySQL. Copy it into a migration of Flyway or Liquibase, or let
-- concord.jdbc.initialize-schema run it. It may be run again and again.
-- Names are ASCII and compared byte by byte; rows are locked one by one. Keep character set, collation and engine.

-- One row a space of worker ids: how its ids are built. Locked by who claims a worker id there.
CREATE TABLE IF NOT EXISTS concord_worker_layout (
  res VARCHAR(200) NOT NULL PRIMARY KEY,
  layout VARCHAR(255) NOT NULL
) ENGINE = InnoDB CHARACTER SET ascii COLLATE ascii_bin;

-- One row a worker id that was ever taken. Never delete one: high_ms is what its next holder begins after.
CREATE TABLE IF NOT EXISTS concord_worker (
  res VARCHAR(200) NOT NULL,
  worker_id INT NOT NULL,
  owner VARCHAR(64),
  holder VARCHAR(255) CHARACTER SET utf8mb4,
  epoch BIGINT NOT NULL,
  floor_ms BIGINT NOT NULL,
  high_ms BIGINT NOT NULL,
  PRIMARY KEY (res, worker_id),
  CONSTRAINT concord_worker_owner UNIQUE (res, owner)
) ENGINE = InnoDB CHARACTER SET ascii COLLATE ascii_bin;

-- One row a segment or sequence: the last number that was taken.
CREATE TABLE IF NOT EXISTS concord_id_counter (
  res VARCHAR(200) NOT NULL PRIMARY KEY,
  last_id BIGINT NOT NULL
) ENGINE = InnoDB CHARACTER SET ascii COLLATE ascii_bin;
