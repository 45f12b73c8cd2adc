package io.concord.sample.shop;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Component;

/**
 * Puts the configured products into the database before the first request comes in.
 */
@Component
class ProductSeeder implements SmartInitializingSingleton {

	private final ProductRepository products;

	private final ShopProperties properties;

	ProductSeeder(ProductRepository products, ShopProperties properties) {
		this.products = products;
		this.properties = properties;
	}

	@Override
	public void afterSingletonsInstantiated() {
		this.properties.products().forEach(this::addIfNew);
	}

	private void addIfNew(Product product) {
		try {
			this.products.add(product);
		}
		catch (DuplicateKeyException ex) {
			// Another copy, or an earlier run, was first: to look before would only leave
			// a gap in which two copies that start together both insert.
		}
	}

}
