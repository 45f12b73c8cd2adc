package io.concord.sample.shop;

class UnknownProductException extends RuntimeException {

	UnknownProductException(String sku) {
		super("There is no product '%s'".formatted(sku));
	}

}
