-- Copies that start together would trip over each other: "IF NOT EXISTS" does not keep two from creating a table.
SELECT pg_advisory_lock(20261);

CREATE TABLE IF NOT EXISTS product (
	sku VARCHAR(64) PRIMARY KEY,
	name VARCHAR(200) NOT NULL,
	stock INT NOT NULL CHECK (stock >= 0)
);

CREATE TABLE IF NOT EXISTS orders (
	id BIGINT PRIMARY KEY,
	sku VARCHAR(64) NOT NULL REFERENCES product (sku),
	quantity INT NOT NULL CHECK (quantity > 0),
	customer VARCHAR(100) NOT NULL,
	placed_at TIMESTAMP(3) WITH TIME ZONE NOT NULL
);

CREATE TABLE IF NOT EXISTS payment (
	order_id BIGINT PRIMARY KEY REFERENCES orders (id) ON DELETE CASCADE
);

SELECT pg_advisory_unlock(20261);
