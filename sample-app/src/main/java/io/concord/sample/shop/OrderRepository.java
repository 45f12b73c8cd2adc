package io.concord.sample.shop;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

import io.concord.idgen.LongIdGenerator;
import io.concord.idgen.Snowflake;

@Repository
class OrderRepository {

	private static final String SELECT = "SELECT o.id, o.sku, o.quantity, o.customer, o.placed_at,"
			+ " p.order_id IS NOT NULL AS paid FROM orders o LEFT JOIN payment p ON p.order_id = o.id";

	private final JdbcClient jdbc;

	private final LongIdGenerator ids;

	private final Clock clock;

	OrderRepository(JdbcClient jdbc, @Snowflake("orders") LongIdGenerator ids, Clock clock) {
		this.jdbc = jdbc;
		this.ids = ids;
		this.clock = clock;
	}

	/**
	 * Returns all orders, the newest first. There can't be more than there was stock.
	 */
	List<Order> findAll() {
		return this.jdbc.sql(SELECT + " ORDER BY o.id DESC").query(Order.class).list();
	}

	List<Order> findUnpaid(Instant placedBefore) {
		return this.jdbc.sql(SELECT + " WHERE p.order_id IS NULL AND o.placed_at < :placedBefore ORDER BY o.id")
			.param("placedBefore", placedBefore.atOffset(ZoneOffset.UTC))
			.query(Order.class)
			.list();
	}

	Optional<Order> find(long id) {
		return this.jdbc.sql(SELECT + " WHERE o.id = :id").param("id", id).query(Order.class).optional();
	}

	void pay(long id) {
		this.jdbc.sql("INSERT INTO payment (order_id) VALUES (:id)").param("id", id).update();
	}

	void delete(long id) {
		this.jdbc.sql("DELETE FROM orders WHERE id = :id").param("id", id).update();
	}

	Order add(OrderRequest order) {
		long id = this.ids.next();
		Instant placedAt = this.clock.instant().truncatedTo(ChronoUnit.MILLIS);
		this.jdbc.sql("""
				INSERT INTO orders (id, sku, quantity, customer, placed_at)
				VALUES (:id, :sku, :quantity, :customer, :placedAt)""")
			.param("id", id)
			.param("sku", order.sku())
			.param("quantity", order.quantity())
			.param("customer", order.customer())
			.param("placedAt", placedAt.atOffset(ZoneOffset.UTC))
			.update();
		return new Order(id, order.sku(), order.quantity(), order.customer(), placedAt, false);
	}

}
