package io.concord.sample.shop;

class SoldOutException extends RuntimeException {

	SoldOutException(Product product) {
		super((product.stock() > 0) ? "Only %d of '%s' left".formatted(product.stock(), product.sku())
				: "'%s' is sold out".formatted(product.sku()));
	}

}
