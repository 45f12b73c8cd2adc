-- Leases of Concord, format 1, for PostgreSQL. Copy it into a migration of Flyway or Liquibase, or let
-- concord.jdbc.initialize-schema run it. It may be run again and again.
-- Names are compared byte by byte, hence the collation. Rows are changed in place, hence the room in their pages.

-- One row a name: who holds it alone. Changed by single conditional statements only.
CREATE TABLE IF NOT EXISTS concord_lease (
  res VARCHAR(200) COLLATE "C" NOT NULL PRIMARY KEY,
  owner VARCHAR(255) COLLATE "C",
  token BIGINT NOT NULL,
  until_us BIGINT NOT NULL,
  waiters INT NOT NULL,
  tail BIGINT NOT NULL,
  touched_us BIGINT NOT NULL
) WITH (fillfactor = 50);

-- Who waits for a name, in the order of seq. Below zero: an owner that is barred until alive_us.
CREATE TABLE IF NOT EXISTS concord_lease_waiter (
  res VARCHAR(200) COLLATE "C" NOT NULL,
  owner VARCHAR(255) COLLATE "C" NOT NULL,
  seq BIGINT NOT NULL,
  max_holders INT NOT NULL,
  alive_us BIGINT NOT NULL,
  PRIMARY KEY (res, owner),
  CONSTRAINT concord_lease_waiter_seq UNIQUE (res, seq)
) WITH (fillfactor = 50);

-- Who holds a name beside others, for claims that are not exclusive.
CREATE TABLE IF NOT EXISTS concord_lease_holder (
  res VARCHAR(200) COLLATE "C" NOT NULL,
  owner VARCHAR(255) COLLATE "C" NOT NULL,
  max_holders INT NOT NULL,
  token BIGINT NOT NULL,
  until_us BIGINT NOT NULL,
  PRIMARY KEY (res, owner)
) WITH (fillfactor = 50);
