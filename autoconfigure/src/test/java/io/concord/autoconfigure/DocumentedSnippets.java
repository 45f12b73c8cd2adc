package io.concord.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;
import org.springframework.data.annotation.Id;
import org.springframework.data.redis.core.script.RedisScript;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

import io.concord.election.LeaderElection;
import io.concord.election.LeaderElections;
import io.concord.election.LeaderOnly;
import io.concord.election.LeadershipGrantedEvent;
import io.concord.hashing.CountedLoads;
import io.concord.hashing.LivePartitioner;
import io.concord.hashing.MovementReport;
import io.concord.hashing.Node;
import io.concord.hashing.Partitioner;
import io.concord.hashing.Partitioners;
import io.concord.idgen.LongIdGenerator;
import io.concord.idgen.Snowflake;
import io.concord.idgen.entity.EntityIds;
import io.concord.invocation.Otherwise;
import io.concord.lease.guard.FencingGuard;
import io.concord.lease.redis.RedisFencingGuard;
import io.concord.loadbalancer.RequestKeyResolver;
import io.concord.lock.DistributedLock;
import io.concord.lock.DistributedLocks;
import io.concord.lock.HeldLock;
import io.concord.lock.LockMode;
import io.concord.lock.LockRequest;
import io.concord.lock.OnLost;
import io.concord.ratelimit.RateDecision;
import io.concord.ratelimit.RateLimited;
import io.concord.ratelimit.RateLimits;
import io.concord.sharding.ShardBy;
import io.concord.sharding.Sharding;
import io.concord.sharding.jdbc.ShardedDataSource;
import io.concord.testing.LocalConcord;

import static io.concord.testing.ConcordAssertions.assertThatLock;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The Java examples of the documentation, so that they compile.
 * {@link DocumentationTests} finds them here line by line.
 */
final class DocumentedSnippets {

	private final DistributedLocks locks;

	private final Ledger ledger;

	private final FencingGuard guard;

	private final TransactionTemplate transactions;

	DocumentedSnippets(DistributedLocks locks, Ledger ledger, FencingGuard guard, TransactionTemplate transactions) {
		this.locks = locks;
		this.ledger = ledger;
		this.guard = guard;
		this.transactions = transactions;
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

	void byRequest() {
		locks.acquire(LockRequest.of("import").limit(4).waitTime(Duration.ofSeconds(10)));
		locks.acquire(LockRequest.allOf(List.of("account:1", "account:2")));
		locks.acquire(LockRequest.of("catalogue").mode(LockMode.READ));
	}

	class Recipes {

		private final Reports reports;

		private final Importer importer;

		private final Catalogue catalogue;

		private final Accounts accounts;

		private final Payments payments;

		Recipes(Reports reports, Importer importer, Catalogue catalogue, Accounts accounts, Payments payments) {
			this.reports = reports;
			this.importer = importer;
			this.catalogue = catalogue;
			this.accounts = accounts;
			this.payments = payments;
		}

		@Scheduled(cron = "0 0 3 * * *")
		@DistributedLock(name = "nightly", waitTime = "0", otherwise = Otherwise.SKIP, minHold = "1m")
		public void nightly() {
			reports.send();
		}

		@DistributedLock(name = "import", limit = 4, waitTime = "10m")
		public void importFile(Path file) {
			importer.run(file);
		}

		@DistributedLock(name = "catalogue", mode = LockMode.READ)
		public List<Item> items() {
			return catalogue.all();
		}

		@DistributedLock(name = "catalogue", mode = LockMode.WRITE)
		public void replace(List<Item> items) {
			catalogue.replace(items);
		}

		@DistributedLock(name = "account", key = "{#from, #to}")
		@Transactional
		public void transfer(String from, String to, long cents) {
			accounts.move(from, to, cents);
		}

		@DistributedLock(name = "payment", key = "#orderId", fenced = true)
		@Transactional
		public void pay(String orderId, long cents) {
			if (!payments.isPaid(orderId)) {
				payments.record(orderId, cents);
			}
		}

	}

	int guardedByHand(String sku) {
		try (HeldLock lock = locks.acquire("stock:" + sku, Duration.ofSeconds(2))) {
			return guard.call(lock, () -> transactions.execute((status) -> reserveIn(status, sku)));
		}
	}

	private int reserveIn(TransactionStatus status, String sku) {
		return status.isNewTransaction() ? sku.length() : 0;
	}

	@Service
	class FileImporter {

		private final BlockingIterator files;

		FileImporter(BlockingIterator files) {
			this.files = files;
		}

		@DistributedLock(name = "import", onLost = OnLost.INTERRUPT)
		public void importFiles() throws InterruptedException {
			while (files.hasNext()) {
				files.take();
			}
		}

	}

	@Service
	class FencedService {

		private final Stock stock;

		FencedService(Stock stock) {
			this.stock = stock;
		}

		@DistributedLock(name = "stock", key = "#sku", fenced = true)
		@Transactional
		public void reserve(String sku, int quantity) {
			stock.set(sku, stock.of(sku) - quantity);
		}

	}

	@Service
	static class RedisService {

		private static final RedisScript<Long> RESERVE = RedisScript.of("return redis.call('DECRBY', KEYS[1], ARGV[1])",
				Long.class);

		private final RedisFencingGuard redisGuard;

		RedisService(RedisFencingGuard redisGuard) {
			this.redisGuard = redisGuard;
		}

		@Nullable Long reserve(HeldLock lock, String sku, int quantity) {
			return redisGuard.execute(lock, RESERVE, List.of("{stock}:" + sku), Integer.toString(quantity));
		}

	}

	@Service
	static class LeaderService {

		private final Logger log = LoggerFactory.getLogger(LeaderService.class);

		private final LeaderElections elections;

		private final Reports reports;

		private final Ledger ledger;

		LeaderService(LeaderElections elections, Reports reports, Ledger ledger) {
			this.elections = elections;
			this.reports = reports;
			this.ledger = ledger;
		}

		@Scheduled(fixedDelay = 60_000)
		@LeaderOnly("reports")
		public void sendReports() {
			reports.send();
		}

		void byHand() {
			LeaderElection election = elections.get("reports");
			if (election.isLeader()) {
				ledger.write("reports", 1, election.term());
			}
		}

		@EventListener
		void leads(LeadershipGrantedEvent event) {
			log.info("This node leads {} in term {}", event.leadership().election(), event.leadership().term());
		}

		void inTests() {
			assertThat(elections.get("reports").awaitLeadership(Duration.ofSeconds(5))).isTrue();
		}

	}

	class Identified {

		@Id
		@Snowflake("orders")
		private @Nullable Long id;

		boolean isNew() {
			return this.id == null;
		}

	}

	record Purchase(@Id @Snowflake("orders") @Nullable Long id, List<PurchaseLine> lines) {
	}

	record PurchaseLine(@Id @Snowflake("lines") long id, String sku) {
	}

	record Ticket(@Snowflake long number, String seat) {
	}

	Ticket numbered(EntityIds entityIds, Ticket ticket) {
		Ticket numbered = entityIds.assign(ticket);
		return numbered;
	}

	interface BlockingIterator {

		boolean hasNext();

		void take() throws InterruptedException;

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

	record Item(String name) {
	}

	interface Reports {

		void send();

	}

	interface Importer {

		void run(Path file);

	}

	interface Catalogue {

		List<Item> all();

		void replace(List<Item> items);

	}

	interface Accounts {

		void move(String from, String to, long cents);

	}

	interface Payments {

		boolean isPaid(String orderId);

		void record(String orderId, long cents);

	}

	interface Ledger {

		void write(String sku, int amount, long token);

	}

	/** Of ids. */
	@SuppressWarnings("NullAway.Init")
	static class OrderIds {

		@Snowflake("orders")
		private LongIdGenerator orders;

		Instant issue(long[] batch) {
			long id = orders.next();
			orders.next(batch);
			String text = orders.nextString();
			Instant placedAt = orders.decode(id).time();
			return text.isEmpty() ? Instant.EPOCH : placedAt;
		}

	}

	/** Of flow control. */
	static class Checkout {

		private final RateLimits rateLimits;

		private final Receipts receipts;

		Checkout(RateLimits rateLimits, Receipts receipts) {
			this.rateLimits = rateLimits;
			this.receipts = receipts;
		}

		@RateLimited(rule = "checkout", key = "#order.customer")
		public Receipt checkOut(Order order) {
			return receipts.add(order.request());
		}

		@RateLimited(rate = "5/s", otherwise = Otherwise.SKIP)
		public void refresh() {
			receipts.add(new OrderRequest("none", 0));
		}

		Duration byHand(String customer) {
			rateLimits.tryAcquire("checkout", customer).orElseThrow();
			RateDecision decision = rateLimits.acquire("checkout-total", "", 1, Duration.ofSeconds(2));
			return decision.waited();
		}

		record Order(String customer, OrderRequest request) {
		}

	}

	/** Of data distribution. */
	static class Invoices {

		private static final Logger logger = LoggerFactory.getLogger(Invoices.class);

		private final Sharding customers;

		private final Partitioner<String> partitioner;

		Invoices(Sharding customers, @Qualifier("customers") Partitioner<String> partitioner) {
			this.customers = customers;
			this.partitioner = partitioner;
		}

		@ShardBy("#order.customer")
		@Transactional
		public void save(Order order) {
			logger.info("{}", order);
		}

		List<String> inCode(String customer) throws InterruptedException {
			String shard = partitioner.nodeFor(customer).name();
			List<String> copies = partitioner.nodesFor(customer, 3).stream().map(Node::name).toList();
			int open = customers.call(customer, () -> countOpen());
			Map<String, Integer> all = customers.callAll(Duration.ofSeconds(5), () -> countOpen());
			return List.of(shard, copies + " " + open + all);
		}

		private int countOpen() {
			return 0;
		}

		void createTables(ShardedDataSource dataSource, String schema) {
			for (String shard : customers.shards()) {
				new JdbcTemplate(dataSource.dataSourceOf(shard)).execute(schema);
			}
		}

		void whatMoves(List<Node<String>> moreNodes, Stream<String> keys) {
			MovementReport report = MovementReport.between(partitioner, partitioner.withNodes(moreNodes), keys);
			report.moves().forEach((move) -> logger.info("{} keys from {} to {}", move.keys(), move.from(), move.to()));
		}

		LivePartitioner<String> withoutSpring() {
			List<Node<String>> nodes = List.of(Node.of("cache-a"), Node.of("cache-b"), Node.of("cache-c", 2));
			Partitioner<String> fixed = Partitioners.rendezvous(nodes);
			LivePartitioner<String> live = new LivePartitioner<>(fixed);
			live.update((present) -> present.stream().filter((node) -> !node.name().equals("cache-b")).toList());
			return live;
		}

		String bounded(List<Node<String>> nodes, CountedLoads<String> loads, String key) {
			Partitioner<String> bounded = Partitioners.boundedLoad(Partitioners.maglev(nodes), 1.25, loads);
			Node<String> node = bounded.nodeFor(key);
			loads.begin(node);
			try {
				return fetch(node.value(), key);
			}
			finally {
				loads.end(node);
			}
		}

		private static String fetch(String cache, String key) {
			return cache + key;
		}

		record Order(String customer) {
		}

	}

	/** Of load balancing. */
	static class Keys {

		@Bean
		RequestKeyResolver customers() {
			return (request) -> request.header("X-Customer");
		}

	}

}
