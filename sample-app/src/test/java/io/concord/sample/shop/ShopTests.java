package io.concord.sample.shop;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;

import io.concord.election.LeaderElections;
import io.concord.ratelimit.RateLimits;
import io.concord.ratelimit.RateRule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

@SpringBootTest(properties = { "spring.datasource.url=jdbc:h2:mem:shop-tests", "shop.products[0].sku=mug",
		"shop.products[0].name=Enamel mug", "shop.products[0].stock=5", "shop.expiry-interval=1h" })
@AutoConfigureMockMvc
class ShopTests {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ProductRepository products;

	@Autowired
	private OrderRepository orders;

	@Autowired
	private ProductSeeder seeder;

	@BeforeEach
	void restock(@Autowired JdbcClient jdbc) {
		jdbc.sql("DELETE FROM orders").update();
		this.products.setStock("mug", 5);
	}

	@Test
	void listsProducts() {
		assertThat(this.mvc.get().uri("/api/products")).hasStatusOk().bodyJson().isStrictlyEqualTo("""
				[{"sku": "mug", "name": "Enamel mug", "stock": 5}]""");
	}

	@Test
	void sellsAndListsTheOrder() {
		assertThat(order("mug", 2, "Ann")).hasStatus(HttpStatus.CREATED).bodyJson().isLenientlyEqualTo("""
				{"sku": "mug", "quantity": 2, "customer": "Ann"}""").hasPath("$.id").hasPath("$.placedAt");
		order("mug", 1, "Bob");
		assertThat(this.mvc.get().uri("/api/orders")).hasStatusOk()
			.bodyJson()
			.extractingPath("$[*].customer")
			.isEqualTo(List.of("Bob", "Ann"));
		assertThat(stock()).isEqualTo(2);
	}

	@Test
	void answersWithTheOrderThatIsListed() throws Exception {
		String placed = order("mug", 2, "Ann").getResponse().getContentAsString();
		assertThat(this.mvc.get().uri("/api/orders")).bodyJson().isStrictlyEqualTo("[" + placed + "]");
	}

	/** Numbers would lose their last digits there. */
	@Test
	void givesPagesTheIdsOfOrdersAsStrings() {
		assertThat(order("mug", 2, "Ann")).hasStatus(HttpStatus.CREATED);
		Order placed = this.orders.findAll().get(0);
		assertThat(placed.id()).isGreaterThan(1L << 53);
		assertThat(this.mvc.get().uri("/api/orders")).bodyJson()
			.extractingPath("$[0].id")
			.isEqualTo(Long.toString(placed.id()));
		assertThat(this.mvc.post().uri("/api/orders/{id}/payment", placed.id())).hasStatus(HttpStatus.NO_CONTENT);
		assertThat(this.orders.find(placed.id())).get().extracting(Order::paid).isEqualTo(true);
	}

	@Test
	void allCustomersTogetherOrderNoFasterThanTheRule(@Autowired RateLimits limits) {
		RateRule rule = limits.rule("checkout-total").orElseThrow();
		try {
			limits.define(RateRule.builder("checkout-total").rate("2/h").build());
			// What others have ordered counts on.
			limits.reset("checkout-total", "");
			assertThat(order("mug", 1, "Ida")).hasStatus(HttpStatus.CREATED);
			assertThat(order("mug", 1, "Jon")).hasStatus(HttpStatus.CREATED);
			assertThat(order("mug", 1, "Kim")).hasStatus(HttpStatus.TOO_MANY_REQUESTS)
				.containsHeader("Retry-After")
				.hasHeader("RateLimit-Policy", "\"checkout-total\";q=2;w=3600");
			assertThat(stock()).isEqualTo(3);
		}
		finally {
			limits.define(rule);
			limits.reset("checkout-total", "");
		}
	}

	@Test
	void customersOrderNoFasterThanTheRule(@Autowired RateLimits limits) {
		RateRule rule = limits.rule("checkout").orElseThrow();
		try {
			limits.define(RateRule.builder("checkout").rate("1/h").build());
			assertThat(order("mug", 1, "Eve")).hasStatus(HttpStatus.CREATED);
			assertThat(order("mug", 1, "Eve")).hasStatus(HttpStatus.TOO_MANY_REQUESTS)
				.hasContentType(MediaType.APPLICATION_PROBLEM_JSON)
				.containsHeader("Retry-After")
				.hasHeader("RateLimit-Policy", "\"checkout\";q=1;w=3600");
			assertThat(order("mug", 1, "Zoe")).hasStatus(HttpStatus.CREATED);
			assertThat(stock()).isEqualTo(3);
		}
		finally {
			limits.define(rule);
		}
	}

	@Test
	void answersConflictWhenFewerAreLeft() {
		assertThat(order("mug", 6, "Ann")).hasStatus(HttpStatus.CONFLICT)
			.hasContentType(MediaType.APPLICATION_PROBLEM_JSON)
			.bodyJson()
			.extractingPath("$.detail")
			.isEqualTo("Only 5 of 'mug' left");
		assertThat(stock()).isEqualTo(5);
		assertThat(this.orders.findAll()).isEmpty();
	}

	@Test
	void answersConflictWhenSoldOut() {
		assertThat(order("mug", 5, "Ann")).hasStatus(HttpStatus.CREATED);
		assertThat(order("mug", 1, "Bob")).hasStatus(HttpStatus.CONFLICT)
			.bodyJson()
			.extractingPath("$.detail")
			.isEqualTo("'mug' is sold out");
	}

	@Test
	void answersNotFoundForAnUnknownProduct() {
		assertThat(order("cup", 1, "Ann")).hasStatus(HttpStatus.NOT_FOUND)
			.hasContentType(MediaType.APPLICATION_PROBLEM_JSON)
			.bodyJson()
			.extractingPath("$.detail")
			.isEqualTo("There is no product 'cup'");
	}

	@Test
	void namesEveryFieldThatIsWrong() {
		assertThat(order(" ", 0, "a".repeat(101))).hasStatus(HttpStatus.BAD_REQUEST)
			.hasContentType(MediaType.APPLICATION_PROBLEM_JSON)
			.bodyJson()
			.extractingPath("$.errors")
			.asMap()
			.containsOnlyKeys("sku", "quantity", "customer");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "{oops", "[]", "{}", "{\"sku\": \"mug\", \"customer\": \"Ann\"}",
			"{\"sku\": \"mug\", \"quantity\": -1, \"customer\": \"Ann\"}",
			"{\"sku\": \"mug\", \"quantity\": 1.5, \"customer\": \"Ann\"}",
			"{\"sku\": \"mug\", \"quantity\": 4294967297, \"customer\": \"Ann\"}",
			"{\"sku\": \"mug\", \"quantity\": \"some\", \"customer\": \"Ann\"}",
			"{\"sku\": \"mug\", \"quantity\": 1, \"customer\": null}" })
	void refusesBadInput(String body) {
		assertThat(order(body)).hasStatus(HttpStatus.BAD_REQUEST).hasContentType(MediaType.APPLICATION_PROBLEM_JSON);
		assertThat(stock()).isEqualTo(5);
	}

	@Test
	void sellsEachUnitOnceToManyCustomers() throws Exception {
		ExecutorService customers = Executors.newFixedThreadPool(16);
		try {
			Callable<Integer> customer = () -> order("mug", 1, "Ann").getResponse().getStatus();
			List<Integer> answers = customers.invokeAll(Collections.nCopies(40, customer))
				.stream()
				.map(ShopTests::get)
				.toList();
			assertThat(answers).containsOnly(201, 409);
			assertThat(answers).filteredOn((status) -> status == 201).hasSize(5);
		}
		finally {
			customers.shutdownNow();
		}
		assertThat(stock()).isZero();
		assertThat(this.orders.findAll()).hasSize(5);
	}

	@Test
	void keepsTheStockWhenStartedAgain() {
		order("mug", 2, "Ann");
		this.seeder.afterSingletonsInstantiated();
		assertThat(stock()).isEqualTo(3);
	}

	@Test
	void givesUpOrdersThatAreNotPaidInTime(@Autowired OrderExpiry expiry, @Autowired JdbcClient jdbc,
			@Autowired LeaderElections elections) {
		order("mug", 2, "Ann");
		order("mug", 1, "Bob");
		jdbc.sql("UPDATE orders SET placed_at = DATEADD(HOUR, -1, placed_at)").update();
		List<Order> placed = this.orders.findAll();
		long paid = placed.get(0).id();
		long unpaid = placed.get(1).id();
		assertThat(this.mvc.post().uri("/api/orders/{id}/payment", paid)).hasStatus(HttpStatus.NO_CONTENT);
		assertThat(this.mvc.post().uri("/api/orders/{id}/payment", paid)).hasStatus(HttpStatus.NO_CONTENT);
		order("mug", 1, "Cid");
		assertThat(elections.get("order-expiry").awaitLeadership(Duration.ofSeconds(20))).isTrue();
		expiry.giveUpUnpaidOrders();
		assertThat(this.orders.findAll()).extracting(Order::customer, Order::paid)
			.containsExactly(tuple("Cid", false), tuple("Bob", true));
		assertThat(stock()).isEqualTo(3);
		assertThat(this.mvc.post().uri("/api/orders/{id}/payment", unpaid)).hasStatus(HttpStatus.NOT_FOUND)
			.bodyJson()
			.extractingPath("$.detail")
			.isEqualTo("There is no order " + unpaid);
	}

	@Test
	void tellsWhichCopyLeads(@Autowired LeaderElections elections) {
		assertThat(elections.get("order-expiry").awaitLeadership(Duration.ofSeconds(20))).isTrue();
		assertThat(this.mvc.get().uri("/api/leader")).hasStatusOk()
			.bodyJson()
			.hasPathSatisfying("$.here", (here) -> here.assertThat().isEqualTo(true))
			.hasPathSatisfying("$.id", (id) -> id.assertThat().isNotNull());
	}

	@Test
	void servesThePage() {
		assertThat(this.mvc.get().uri("/")).hasStatusOk().hasForwardedUrl("index.html");
		assertThat(this.mvc.get().uri("/index.html")).hasStatusOk()
			.hasContentTypeCompatibleWith(MediaType.TEXT_HTML)
			.bodyText()
			.contains("shop.js", "shop.css");
		assertThat(this.mvc.get().uri("/shop.js")).hasStatusOk()
			.bodyText()
			.contains("getJson(\"api/products\")", "getJson(\"api/orders\")", "showProducts(products, orders)",
					"showOrders(products, orders)");
		assertThat(this.mvc.get().uri("/shop.css")).hasStatusOk();
	}

	private int stock() {
		return this.products.find("mug").orElseThrow().stock();
	}

	private MvcTestResult order(String sku, int quantity, String customer) {
		return order("""
				{"sku": "%s", "quantity": %d, "customer": "%s"}""".formatted(sku, quantity, customer));
	}

	private MvcTestResult order(String body) {
		return this.mvc.post().uri("/api/orders").contentType(MediaType.APPLICATION_JSON).content(body).exchange();
	}

	private static int get(Future<Integer> answer) {
		try {
			return answer.get();
		}
		catch (Exception ex) {
			throw new AssertionError(ex);
		}
	}

}
