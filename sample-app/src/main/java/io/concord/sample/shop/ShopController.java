package io.concord.sample.shop;

import java.util.List;

import jakarta.validation.Valid;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

import io.concord.election.LeaderElection;
import io.concord.election.LeaderElections;
import io.concord.ratelimit.RateLimited;

@RestController
@RequestMapping("/api")
class ShopController {

	private final ProductRepository products;

	private final OrderRepository orders;

	private final OrderService orderService;

	private final LeaderElections elections;

	ShopController(ProductRepository products, OrderRepository orders, OrderService orderService,
			LeaderElections elections) {
		this.products = products;
		this.orders = orders;
		this.orderService = orderService;
		this.elections = elections;
	}

	@GetMapping("/products")
	List<Product> products() {
		return this.products.findAll();
	}

	@GetMapping("/orders")
	List<Order> orders() {
		return this.orders.findAll();
	}

	/**
	 * Takes an order, unless this customer or all of them together order too fast. Asked
	 * before the lock of the product, so that nobody stands in its line for nothing.
	 */
	@PostMapping("/orders")
	@RateLimited(rule = "checkout", key = "#order.customer")
	@RateLimited(rule = "checkout-total")
	@ResponseStatus(HttpStatus.CREATED)
	Order order(@Valid @RequestBody OrderRequest order) {
		return this.orderService.place(order);
	}

	@PostMapping("/orders/{id}/payment")
	@ResponseStatus(HttpStatus.NO_CONTENT)
	void pay(@PathVariable long id) {
		this.orderService.pay(this.orders.find(id).orElseThrow(() -> new UnknownOrderException(id)));
	}

	/** Which copy of the shop gives up orders that are not paid. */
	@GetMapping("/leader")
	LeadingCopy leader() {
		LeaderElection election = this.elections.get(OrderExpiry.ELECTION);
		return election.leader()
			// JavaScript's numbers are too short for a term.
			.map((leader) -> new LeadingCopy(leader.id(), leader.address(), Long.toString(leader.term()),
					election.isLeader()))
			.orElse(LeadingCopy.NONE);
	}

	/**
	 * The copy that leads.
	 *
	 * @param id what it is called; null if none leads
	 * @param address where it is
	 * @param term its term
	 * @param here whether it is the one that answers
	 */
	record LeadingCopy(@Nullable String id, @Nullable String address, @Nullable String term, boolean here) {

		static final LeadingCopy NONE = new LeadingCopy(null, null, null, false);

	}

}
