package io.concord.sample.shop;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

import io.concord.lock.DistributedLock;

@Service
class OrderService {

	private final ProductRepository products;

	private final OrderRepository orders;

	private final ThinkingTime thinkingTime;

	OrderService(ProductRepository products, OrderRepository orders, ThinkingTime thinkingTime) {
		this.products = products;
		this.orders = orders;
		this.thinkingTime = thinkingTime;
	}

	/**
	 * Sells from the stock. It reads, thinks and writes what it has worked out: two
	 * orders of the same product at a time would sell the same units twice, in whichever
	 * processes they run. The lock lets them in one after the other. It is taken before
	 * the transaction begins and released after the commit, so the next order sees what
	 * this one has left.
	 * @param order the order to place
	 * @return the order as it was accepted
	 * @throws UnknownProductException if there is no such product
	 * @throws SoldOutException if fewer units than ordered are left
	 */
	@DistributedLock(name = "stock", key = "#order.sku", waitTime = "30s")
	@Transactional
	public Order place(OrderRequest order) {
		Product product = this.products.find(order.sku()).orElseThrow(() -> new UnknownProductException(order.sku()));
		int left = product.stock() - order.quantity();
		if (left < 0) {
			throw new SoldOutException(product);
		}
		this.thinkingTime.pass();
		this.products.setStock(product.sku(), left);
		return this.orders.add(order);
	}

	/**
	 * Takes the payment of an order. Under the lock of its product, so that it is either
	 * paid or given up.
	 * @param order the order
	 * @throws UnknownOrderException if it has been given up
	 */
	@DistributedLock(name = "stock", key = "#order.sku", waitTime = "30s")
	@Transactional
	public void pay(Order order) {
		Order found = this.orders.find(order.id()).orElseThrow(() -> new UnknownOrderException(order.id()));
		if (!found.paid()) {
			this.orders.pay(found.id());
		}
	}

	/**
	 * Gives up an order that is not paid, and puts its units back.
	 * @param order the order
	 */
	@DistributedLock(name = "stock", key = "#order.sku", waitTime = "30s")
	@Transactional
	public void giveUp(Order order) {
		this.orders.find(order.id()).filter((found) -> !found.paid()).ifPresent((found) -> {
			this.products.find(found.sku())
				.ifPresent((product) -> this.products.setStock(product.sku(), product.stock() + found.quantity()));
			this.orders.delete(found.id());
		});
	}

}
