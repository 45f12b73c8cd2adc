package io.concord.sample.shop;

import java.time.Clock;

import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

import io.concord.election.LeaderOnly;

/**
 * Gives up orders that are not paid in time. All copies of the shop are woken, one does
 * the work: that which leads the election. Should it stall and go on when another leads,
 * the guard keeps it from changing anything.
 */
@Component
class OrderExpiry {

	static final String ELECTION = "order-expiry";

	private final OrderRepository orders;

	private final OrderService orderService;

	private final ShopProperties properties;

	private final Clock clock;

	OrderExpiry(OrderRepository orders, OrderService orderService, ShopProperties properties, Clock clock) {
		this.orders = orders;
		this.orderService = orderService;
		this.properties = properties;
		this.clock = clock;
	}

	@Scheduled(fixedDelayString = "${shop.expiry-interval}")
	@LeaderOnly(value = ELECTION, fenced = true)
	public void giveUpUnpaidOrders() {
		this.orders.findUnpaid(this.clock.instant().minus(this.properties.paymentTime()))
			.forEach(this.orderService::giveUp);
	}

}
