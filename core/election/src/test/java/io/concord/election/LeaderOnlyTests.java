package io.concord.election;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import javax.sql.DataSource;

import org.h2.jdbcx.JdbcConnectionPool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;

import io.concord.election.ElectionNodes.Node;
import io.concord.invocation.InvalidAnnotationException;
import io.concord.invocation.Otherwise;
import io.concord.lease.FencedOutException;
import io.concord.lease.StoreDecorator;
import io.concord.lease.guard.CommitChecks;
import io.concord.lease.guard.FencingGuard;
import io.concord.lease.local.LocalLeaseStore;

import static io.concord.election.ElectionNodes.BOUND;
import static io.concord.election.ElectionNodes.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Methods that run on the leader only. The context is one of two nodes; the test makes it
 * lead or not.
 */
@Timeout(120)
class LeaderOnlyTests {

	/** So long that no stall of this process makes it suspect. */
	private static final Duration LEASE_TIME = Duration.ofMinutes(1);

	private static final AtomicInteger databases = new AtomicInteger();

	private final LocalLeaseStore store = new LocalLeaseStore();

	private final ElectionNodes nodes = new ElectionNodes(Duration.ofMillis(500));

	private final Node node = this.nodes.build("here", shared(), (builder) -> builder.leaseTime(LEASE_TIME), List.of());

	private final List<AnnotationConfigApplicationContext> contexts = new ArrayList<>();

	@AfterEach
	void close() {
		this.contexts.forEach(AnnotationConfigApplicationContext::close);
		this.nodes.close();
	}

	private StoreDecorator shared() {
		return new StoreDecorator(this.store) {

			@Override
			public void close() {
				// All nodes share it.
			}

		};
	}

	private AnnotationConfigApplicationContext context(Map<String, Object> properties, Class<?>... beans) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", properties));
		context.registerBean("postProcessor", LeaderOnlyBeanPostProcessor.class, () -> {
			LeaderOnlyBeanPostProcessor postProcessor = new LeaderOnlyBeanPostProcessor(() -> this.node.elections);
			postProcessor.setProxyTargetClass(true);
			postProcessor.setCommitChecks(() -> context.getBeanProvider(CommitChecks.class).getIfAvailable());
			postProcessor.setFencingGuard(() -> context.getBeanProvider(FencingGuard.class).getIfAvailable());
			return postProcessor;
		});
		for (Class<?> bean : beans) {
			context.register(bean);
		}
		this.contexts.add(context);
		context.refresh();
		return context;
	}

	private Reports leading() {
		Reports reports = following();
		this.node.elections.start();
		assertThat(this.node.election("reports").awaitLeadership(BOUND)).isTrue();
		return reports;
	}

	private Reports following() {
		return context(Map.of(), Reports.class).getBean(Reports.class);
	}

	private void lose() {
		Leadership leadership = this.node.election("reports").leadership().orElseThrow();
		this.node.engine.forceRelease("election:reports");
		await(() -> ((HeldLeadership) leadership).lossReason() != null, "that the loss is told");
	}

	@Test
	void runsOnTheLeaderOnly() {
		Reports reports = following();
		assertThat(reports.send()).isNull();
		assertThat(reports.count()).isZero();
		this.node.elections.start();
		assertThat(this.node.election("reports").awaitLeadership(BOUND)).isTrue();
		assertThat(reports.send()).isEqualTo("sent");
		this.node.election("reports").stepDown(Duration.ofHours(1));
		assertThat(reports.send()).isNull();
		assertThat(reports.count()).isEqualTo(1);
	}

	@Test
	void skipsThrowsOrFallsBackElsewhere() {
		Reports reports = following();
		assertThat(reports.optional()).isEmpty();
		assertThatExceptionOfType(NotLeaderException.class).isThrownBy(reports::strict)
			.withMessage("This node does not lead the election 'reports', and no leader is known");
		assertThat(reports.withFallback("daily")).isEqualTo("daily is for the leader of reports");
		assertThat(leading().withFallback("daily")).isEqualTo("daily sent");
	}

	@Test
	void givesTheLeadershipToTheMethod() {
		assertThat(leading().term(null)).isEqualTo(this.node.election("reports").term());
	}

	@Test
	void nameTakesPlaceholdersAndComposedAnnotations() {
		context(Map.of("job", "nightly"), Named.class);
		assertThat(this.node.elections.all()).extracting(LeaderElection::name).containsExactly("composed", "nightly");
	}

	@Test
	void electionOfABeanThatComesLaterBeginsAtOnce() {
		AnnotationConfigApplicationContext context = context(Map.of());
		this.node.elections.start();
		assertThat(this.node.elections.all()).isEmpty();
		context.registerBean(Reports.class);
		Reports reports = context.getBean(Reports.class);
		assertThat(this.node.election("reports").awaitLeadership(BOUND)).isTrue();
		assertThat(reports.send()).isEqualTo("sent");
	}

	@Test
	void callEndsWithTheLossOfTheLeadership() {
		Reports reports = leading();
		assertThatExceptionOfType(LeadershipLostException.class).isThrownBy(() -> reports.run(this::lose))
			.withMessageContaining("has ended: it was released by force");
	}

	@Test
	void interruptsTheMethodIfToldSo() {
		Reports reports = leading();
		assertThatExceptionOfType(LeadershipLostException.class)
			.isThrownBy(() -> reports.interrupted(() -> this.node.election("reports").stepDown(Duration.ofHours(1))))
			.withMessageContaining("it steps down")
			.satisfies((ex) -> assertThat(ex.getSuppressed()).hasOnlyElementsOfType(InterruptedException.class));
		assertThat(Thread.interrupted()).as("is not left behind").isFalse();
	}

	@Test
	void appliesToAllMethodsOfAClassOrAnInterface() {
		AnnotationConfigApplicationContext context = context(Map.of(), OfClass.class, OfInterface.class);
		OfClass ofClass = context.getBean(OfClass.class);
		OfInterface ofInterface = context.getBean(OfInterface.class);
		assertThat(ofClass.one()).isNull();
		assertThat(ofClass.other()).isNull();
		assertThat(ofInterface.run()).isNull();
		this.node.elections.start();
		assertThat(this.node.election("class").awaitLeadership(BOUND)).isTrue();
		assertThat(this.node.election("interface").awaitLeadership(BOUND)).isTrue();
		assertThat(ofClass.one()).isEqualTo("one");
		assertThat(ofClass.other()).isEqualTo("other");
		assertThat(ofInterface.run()).isEqualTo("run");
	}

	@Test
	void failureOfTheMethodBearsTheLoss() {
		Reports reports = leading();
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> reports.run(() -> {
			lose();
			throw new IllegalStateException("no paper");
		}))
			.satisfies((ex) -> assertThat(ex.getSuppressed()).hasOnlyElementsOfType(LeadershipLostException.class)
				.hasSize(1));
	}

	@Test
	void methodMayStepDown() {
		Reports reports = leading();
		reports.run(() -> this.node.election("reports").stepDown(Duration.ZERO));
		assertThat(this.node.election("reports").awaitLeadership(BOUND)).isTrue();
	}

	@Test
	void holdsUntilAStageHasCompleted() {
		Reports reports = following();
		assertThat(reports.stage(new CompletableFuture<>())).isCompletedWithValue(null);
		leading();
		CompletableFuture<String> work = new CompletableFuture<>();
		CompletableFuture<String> result = reports.stage(work);
		CompletableFuture<Void> stopped = this.node.elections.stop();
		assertThat(result).isNotDone();
		assertThat(stopped).isNotDone();
		work.complete("sent");
		assertThat(result.join()).isEqualTo("sent");
		stopped.join();
	}

	@Test
	void stageFailsWithTheLossOrWithItsFailure() {
		Reports reports = leading();
		CompletableFuture<String> work = new CompletableFuture<>();
		CompletableFuture<String> result = reports.stage(work);
		CompletableFuture<String> failing = reports.stage(CompletableFuture.failedFuture(new IllegalStateException()));
		assertThatException().isThrownBy(failing::join).withCauseInstanceOf(IllegalStateException.class);
		lose();
		work.complete("sent");
		assertThatExceptionOfType(CompletionException.class).isThrownBy(result::join)
			.withCauseInstanceOf(LeadershipLostException.class);
	}

	@Test
	void cancelledStageCancelsTheWork() {
		Reports reports = leading();
		CompletableFuture<String> work = new CompletableFuture<>();
		reports.stage(work).cancel(true);
		assertThat(work).isCancelled();
		this.node.elections.stop().join();
	}

	@Test
	void looksAtEachSubscription() {
		Reports reports = following();
		Mono<String> mono = reports.mono();
		Flux<String> flux = reports.flux();
		assertThat(mono.blockOptional()).isEmpty();
		assertThatExceptionOfType(NotLeaderException.class).isThrownBy(flux::blockLast);
		this.node.elections.start();
		assertThat(this.node.election("reports").awaitLeadership(BOUND)).isTrue();
		assertThat(mono.block()).isEqualTo("sent");
		assertThat(flux.collectList().block()).containsExactly("one", "two");
		assertThatExceptionOfType(LeadershipLostException.class)
			.isThrownBy(() -> flux.doOnNext((one) -> loseOnce()).blockLast());
		this.node.elections.stop().join();
	}

	private void loseOnce() {
		if (this.node.election("reports").isLeader()) {
			lose();
		}
	}

	@Test
	void cancelledSubscriptionIsNotWaitedFor() {
		Reports reports = leading();
		reports.flux().blockFirst();
		reports.mono().subscribe().dispose();
		this.node.elections.stop().join();
	}

	// Transactions

	private AnnotationConfigApplicationContext withDatabase() {
		AnnotationConfigApplicationContext context = context(Map.of(), Database.class, Books.class);
		this.node.elections.start();
		assertThat(this.node.election("reports").awaitLeadership(BOUND)).isTrue();
		return context;
	}

	@Test
	void transactionUnderALostLeadershipRollsBack() {
		AnnotationConfigApplicationContext context = withDatabase();
		Books books = context.getBean(Books.class);
		books.write((leadership) -> {
		});
		assertThatExceptionOfType(LeadershipLostException.class).isThrownBy(() -> books.write((leadership) -> lose()))
			.withMessageContaining("the transaction is rolled back");
		assertThat(books.written()).isEqualTo(1);
		assertThat(this.node.election("reports").awaitLeadership(BOUND)).isTrue();
		books.carryOn((leadership) -> lose());
		assertThat(books.written()).isEqualTo(2);
	}

	@Test
	void guardKeepsWritesOfOldLeadersOut() {
		AnnotationConfigApplicationContext context = withDatabase();
		Books books = context.getBean(Books.class);
		JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
		books.guarded(null, (leadership) -> {
		});
		assertThat(jdbc.queryForObject("SELECT token FROM concord_fence", Long.class))
			.isEqualTo(this.node.election("reports").term());
		assertThatExceptionOfType(FencedOutException.class).isThrownBy(() -> books.guarded(null, (leadership) -> {
			// What the guard of the next leader does.
			jdbc.update("UPDATE concord_fence SET token = token + 1024");
		}));
		assertThat(books.written()).isEqualTo(1);
	}

	@Test
	void fencedMethodNeedsAGuard() {
		assertThatExceptionOfType(InvalidAnnotationException.class).isThrownBy(() -> context(Map.of(), Fenced.class))
			.withMessageContaining("has fenced = true, but there is no FencingGuard");
	}

	static class Reports {

		private final AtomicInteger sent = new AtomicInteger();

		int count() {
			return this.sent.get();
		}

		@LeaderOnly("reports")
		@Nullable String send() {
			this.sent.incrementAndGet();
			return "sent";
		}

		@LeaderOnly("reports")
		Optional<String> optional() {
			return Optional.of("sent");
		}

		@LeaderOnly(value = "reports", otherwise = Otherwise.THROW)
		int strict() {
			return 1;
		}

		@LeaderOnly(value = "reports", otherwise = Otherwise.FALLBACK, fallback = "refer")
		String withFallback(String report) {
			return report + " sent";
		}

		private String refer(String report, NotLeaderException why) {
			return report + " is for the leader of " + why.getElection();
		}

		@LeaderOnly(value = "reports", otherwise = Otherwise.THROW)
		long term(@Nullable Leadership leadership) {
			return (leadership != null) ? leadership.term() : -1;
		}

		@LeaderOnly(value = "reports", otherwise = Otherwise.THROW)
		void run(Runnable work) {
			work.run();
		}

		@LeaderOnly(value = "reports", onRevoked = OnRevoked.INTERRUPT)
		void interrupted(Runnable work) throws InterruptedException {
			work.run();
			new CountDownLatch(1).await(BOUND.toMillis(), TimeUnit.MILLISECONDS);
		}

		@LeaderOnly("reports")
		CompletableFuture<String> stage(CompletableFuture<String> work) {
			return work;
		}

		@LeaderOnly("reports")
		Mono<String> mono() {
			return Mono.just("sent");
		}

		@LeaderOnly(value = "reports", otherwise = Otherwise.THROW)
		Flux<String> flux() {
			return Flux.just("one", "two");
		}

	}

	@LeaderOnly("class")
	public static class OfClass {

		public @Nullable String one() {
			return "one";
		}

		public @Nullable String other() {
			return "other";
		}

	}

	@LeaderOnly("interface")
	public interface Runs {

		@Nullable String run();

	}

	public static class OfInterface implements Runs {

		@Override
		public @Nullable String run() {
			return "run";
		}

	}

	@Target(ElementType.METHOD)
	@Retention(RetentionPolicy.RUNTIME)
	@LeaderOnly("composed")
	@interface Composed {

	}

	static class Named {

		@LeaderOnly("${job}")
		void nightly() {
		}

		@Composed
		void composed() {
		}

	}

	static class Fenced {

		@LeaderOnly(value = "reports", fenced = true)
		void write() {
		}

	}

	static class Books {

		private final JdbcTemplate jdbc;

		Books(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		private void insert() {
			this.jdbc.update("INSERT INTO book VALUES (1)");
		}

		int written() {
			Integer count = this.jdbc.queryForObject("SELECT COUNT(*) FROM book", Integer.class);
			return (count != null) ? count : -1;
		}

		@LeaderOnly("reports")
		@Transactional
		void write(Consumer<@Nullable Leadership> meanwhile) {
			insert();
			meanwhile.accept(null);
		}

		@LeaderOnly(value = "reports", onRevoked = OnRevoked.CONTINUE)
		@Transactional
		void carryOn(Consumer<@Nullable Leadership> meanwhile) {
			insert();
			meanwhile.accept(null);
		}

		@LeaderOnly(value = "reports", fenced = true)
		@Transactional
		void guarded(@Nullable Leadership leadership, Consumer<@Nullable Leadership> meanwhile) {
			insert();
			meanwhile.accept(leadership);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(proxyTargetClass = true)
	static class Database {

		@Bean(destroyMethod = "dispose")
		JdbcConnectionPool dataSource() {
			JdbcConnectionPool dataSource = JdbcConnectionPool
				.create("jdbc:h2:mem:leader-only" + databases.incrementAndGet() + ";DB_CLOSE_DELAY=-1", "sa", "");
			new ResourceDatabasePopulator(new ClassPathResource(FencingGuard.schemaLocation(dataSource)))
				.execute(dataSource);
			return dataSource;
		}

		@Bean
		JdbcTemplate jdbcTemplate(DataSource dataSource) {
			JdbcTemplate jdbc = new JdbcTemplate(dataSource);
			jdbc.execute("CREATE TABLE book (id INT NOT NULL)");
			return jdbc;
		}

		@Bean
		JdbcTransactionManager transactionManager(DataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

		@Bean
		static CommitChecks commitChecks() {
			return new CommitChecks();
		}

		@Bean
		FencingGuard fencingGuard(DataSource dataSource, CommitChecks commitChecks) {
			return FencingGuard.builder(dataSource, commitChecks).namespace("test").build();
		}

	}

}
