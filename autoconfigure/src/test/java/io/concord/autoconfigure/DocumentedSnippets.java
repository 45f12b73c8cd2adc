package io.concord.autoconfigure;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

import io.concord.lock.DistributedLock;
import io.concord.lock.DistributedLocks;
import io.concord.lock.HeldLock;
import io.concord.testing.LocalConcord;

import static io.concord.testing.ConcordAssertions.assertThatLock;

/**
 * The Java examples of the documentation, so that they compile.
 * {@link DocumentationTests} finds them here line by line.
 */
final class DocumentedSnippets {

	private final DistributedLocks locks;

	private final Ledger ledger;

	DocumentedSnippets(DistributedLocks locks, Ledger ledger) {
		this.locks = locks;
		this.ledger = ledger;
	}

	void byHand(String sku, int amount) {
		try (HeldLock lock = locks.acquire("stock:" + sku, Duration.ofSeconds(2))) {
			ledger.write(sku, amount, lock.fencingToken());
		}
	}

	DistributedLocks labelled() {
		DistributedLocks stockLocks = locks.labelled("stock");
		return stockLocks;
	}

	@SpringBootTest
	@LocalConcord
	class OrderServiceTests {

		@Autowired
		DistributedLocks locks;

		@Test
		void waitsForTheStockTaking() {
			try (HeldLock lock = locks.acquire("stock:42", Duration.ZERO)) {
				assertThatLock(locks, "stock:42").isHeldByThisThread().hasFencingToken(lock.fencingToken());
			}
			assertThatLock(locks, "stock:42").isFree();
		}

	}

	@Service
	class OrderService {

		private final Stock stock;

		private final Receipts receipts;

		OrderService(Stock stock, Receipts receipts) {
			this.stock = stock;
			this.receipts = receipts;
		}

		@DistributedLock(name = "stock", key = "#order.sku", waitTime = "2s")
		@Transactional
		public Receipt place(OrderRequest order) {
			int left = stock.of(order.sku()) - order.quantity();
			stock.set(order.sku(), left);
			return receipts.add(order);
		}

	}

	record OrderRequest(String sku, int quantity) {
	}

	record Receipt(long number) {
	}

	interface Stock {

		int of(String sku);

		void set(String sku, int left);

	}

	interface Receipts {

		Receipt add(OrderRequest order);

	}

	interface Ledger {

		void write(String sku, int amount, long token);

	}

}
