package io.concord.sample.shop;

import java.util.List;
import java.util.Optional;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

@Repository
class ProductRepository {

	private final JdbcClient jdbc;

	ProductRepository(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	List<Product> findAll() {
		return this.jdbc.sql("SELECT sku, name, stock FROM product ORDER BY name, sku").query(Product.class).list();
	}

	Optional<Product> find(String sku) {
		return this.jdbc.sql("SELECT sku, name, stock FROM product WHERE sku = :sku")
			.param("sku", sku)
			.query(Product.class)
			.optional();
	}

	void add(Product product) {
		this.jdbc.sql("INSERT INTO product (sku, name, stock) VALUES (:sku, :name, :stock)")
			.paramSource(product)
			.update();
	}

	void setStock(String sku, int stock) {
		this.jdbc.sql("UPDATE product SET stock = :stock WHERE sku = :sku")
			.param("sku", sku)
			.param("stock", stock)
			.update();
	}

}
