package io.concord.integration.shop;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import io.concord.integration.shop.ShopProcess.Answer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The packaged shop in two processes, one of which starts from what was generated at
 * build time.
 */
class ShopAheadOfTimeIT {

	private static final String SKU = "mug";

	private static final int STOCK = 20;

	private static final int ORDERS = 60;

	@TempDir
	private Path dataDirectory;

	@Test
	void sellsEachUnitOnce() throws Exception {
		List<String> arguments = List.of("--shop.products[0].sku=" + SKU, "--shop.products[0].name=Mug",
				"--shop.products[0].stock=" + STOCK);
		try (ShopProcess generated = ShopProcess.start(this.dataDirectory, List.of("-Dspring.aot.enabled=true"),
				arguments); ShopProcess usual = ShopProcess.start(this.dataDirectory, arguments)) {
			generated.awaitReady();
			usual.awaitReady();
			assertThat(generated.output()).anyMatch((line) -> line.contains("Starting AOT-processed ShopApplication"))
				.anyMatch((line) -> line.contains("Distributed locks: backend jdbc"));
			assertThat(usual.output()).noneMatch((line) -> line.contains("AOT-processed"));
			List<Integer> statuses = order(List.of(generated, usual));
			assertThat(statuses).filteredOn((status) -> status == 201).as(generated::describe).hasSize(STOCK);
			assertThat(statuses).filteredOn((status) -> status == 409).hasSize(ORDERS - STOCK);
			assertThat(generated.orderIds(SKU)).hasSize(STOCK).allMatch((id) -> id.length() > 15);
			assertThat(generated.stock(SKU)).isZero();
			assertThat(generated.actuator("/concord").get("features").valueStream().map(JsonNode::asString))
				.contains("locks", "elections", "ids");
			assertThat(generated.actuator("/concord/locks").get("held")).isEmpty();
			assertThat(generated.actuator("/metrics/concord.lock.hold").get("name").asString())
				.isEqualTo("concord.lock.hold");
			assertThat(generated.actuator("/health").at("/components/concordStores/status").asString()).isEqualTo("UP");
		}
	}

	private static List<Integer> order(List<ShopProcess> shops) throws Exception {
		ExecutorService customers = Executors.newFixedThreadPool(16);
		try {
			List<Future<Answer>> orders = new ArrayList<>();
			for (int i = 0; i < ORDERS; i++) {
				ShopProcess shop = shops.get(i % shops.size());
				orders.add(customers.submit(() -> shop.order(SKU)));
			}
			List<Integer> statuses = new ArrayList<>();
			for (Future<Answer> order : orders) {
				statuses.add(order.get().status());
			}
			return statuses;
		}
		finally {
			customers.shutdownNow();
		}
	}

}
