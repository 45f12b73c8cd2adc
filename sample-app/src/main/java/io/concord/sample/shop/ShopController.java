package io.concord.sample.shop;

import java.util.List;

import jakarta.validation.Valid;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api")
class ShopController {

	private final ProductRepository products;

	private final OrderRepository orders;

	private final OrderService orderService;

	ShopController(ProductRepository products, OrderRepository orders, OrderService orderService) {
		this.products = products;
		this.orders = orders;
		this.orderService = orderService;
	}

	@GetMapping("/products")
	List<Product> products() {
		return this.products.findAll();
	}

	@GetMapping("/orders")
	List<Order> orders() {
		return this.orders.findAll();
	}

	@PostMapping("/orders")
	@ResponseStatus(HttpStatus.CREATED)
	Order order(@Valid @RequestBody OrderRequest order) {
		return this.orderService.place(order);
	}

}
