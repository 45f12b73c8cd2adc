package io.concord.sample.shop;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.jdbc.support.KeyHolder;
import org.springframework.stereotype.Repository;

@Repository
class OrderRepository {

	private final JdbcClient jdbc;

	private final Clock clock;

	OrderRepository(JdbcClient jdbc, Clock clock) {
		this.jdbc = jdbc;
		this.clock = clock;
	}

	/**
	 * Returns all orders, the newest first. There can't be more than there was stock.
	 */
	List<Order> findAll() {
		return this.jdbc.sql("SELECT id, sku, quantity, customer, placed_at FROM orders ORDER BY id DESC")
			.query(Order.class)
			.list();
	}

	Order add(OrderRequest order) {
		Instant placedAt = this.clock.instant().truncatedTo(ChronoUnit.MILLIS);
		KeyHolder key = new GeneratedKeyHolder();
		this.jdbc.sql("""
				INSERT INTO orders (sku, quantity, customer, placed_at)
				VALUES (:sku, :quantity, :customer, :placedAt)""")
			.param("sku", order.sku())
			.param("quantity", order.quantity())
			.param("customer", order.customer())
			.param("placedAt", placedAt.atOffset(ZoneOffset.UTC))
			.update(key, "id");
		// Not of the same type with every driver.
		long id = Objects.requireNonNull(key.getKey()).longValue();
		return new Order(id, order.sku(), order.quantity(), order.customer(), placedAt);
	}

}
