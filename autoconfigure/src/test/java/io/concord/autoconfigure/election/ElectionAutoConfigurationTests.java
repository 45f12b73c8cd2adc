package io.concord.autoconfigure.election;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.aop.support.AopUtils;
import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.GeneratedFiles.Kind;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.MapPropertySource;
import org.springframework.javapoet.ClassName;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.autoconfigure.StartupFailure;
import io.concord.autoconfigure.UnreachableStore;
import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.autoconfigure.lease.LeaseStores;
import io.concord.election.ElectionSettings;
import io.concord.election.ElectionStatus.State;
import io.concord.election.LeaderChangedEvent;
import io.concord.election.LeaderElection;
import io.concord.election.LeaderElections;
import io.concord.election.LeaderOnly;
import io.concord.election.LeaderOnlyBeanPostProcessor;
import io.concord.election.Leadership;
import io.concord.election.LeadershipGrantedEvent;
import io.concord.election.LeadershipRevokedEvent;
import io.concord.invocation.InvalidAnnotationException;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseStore;
import io.concord.lease.StoreCapabilities;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

@ExtendWith(OutputCaptureExtension.class)
public class ElectionAutoConfigurationTests {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private final ApplicationContextRunner unconfigured = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class, ElectionAutoConfiguration.class));

	private final ApplicationContextRunner runner = this.unconfigured.withPropertyValues("concord.backend=local");

	private static LeaderElection awaitLeader(AssertableApplicationContext context) {
		LeaderElection election = context.getBean(LeaderElections.class).get("reports");
		assertThat(election.awaitLeadership(BOUND)).isTrue();
		return election;
	}

	@Test
	void runsMethodsOnTheLeader() {
		this.runner.withBean(Reports.class).run((context) -> {
			assertThat(AopUtils.isCglibProxy(context.getBean(Reports.class))).isTrue();
			LeaderElection election = awaitLeader(context);
			assertThat(context.getBean(Reports.class).send(null)).isEqualTo("sent in " + election.term());
			election.stepDown(Duration.ofHours(1));
			assertThat(context.getBean(Reports.class).send(null)).isNull();
		});
	}

	@Test
	void saysAtStartWhatIsUsed(CapturedOutput output) {
		this.runner.withPropertyValues("concord.election.lease-time=20s")
			.run((context) -> assertThat(output).containsOnlyOnce(
					"Leader election: backend local, which no other process sees, store memory of this JVM, lease time 20000 ms"));
	}

	@Test
	void configuredElectionsAreBeansByName() {
		this.runner
			.withPropertyValues("concord.election.elections.reports.spread=true",
					"concord.election.elections.clean-up.auto-start=false",
					"concord.election.elections.clean-up.lease-time=10s")
			.withBean(Jobs.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				Jobs jobs = context.getBean(Jobs.class);
				assertThat(jobs.reports).isSameAs(context.getBean(LeaderElections.class).get("reports"));
				assertThat(jobs.cleanUp.name()).isEqualTo("clean-up");
				assertThat(jobs.cleanUp.status().state()).isEqualTo(State.OUT);
				assertThat(context.getBean("reportsLeaderElection")).isSameAs(jobs.reports);
				awaitLeader(context);
			});
	}

	@Test
	void leaseTimeIsThatOfTheElectionOrOfAll() {
		this.runner
			.withPropertyValues("concord.election.lease-time=50s", "concord.election.elections.clean-up.lease-time=30s")
			.withBean(Reports.class)
			.run((context) -> {
				awaitLeader(context);
				assertThat(context.getBean(LeaderElections.class).get("clean-up").awaitLeadership(BOUND)).isTrue();
				assertThat(remaining(context, "reports")).isBetween(Duration.ofSeconds(31), Duration.ofSeconds(50));
				assertThat(remaining(context, "clean-up")).isBetween(Duration.ofSeconds(16), Duration.ofSeconds(30));
			});
		this.runner.withBean(Reports.class).run((context) -> {
			awaitLeader(context);
			assertThat(remaining(context, "reports")).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(15));
		});
	}

	private static Duration remaining(AssertableApplicationContext context, String election) {
		return engine(context).held()
			.stream()
			.filter((lease) -> lease.resource().equals("election:" + election))
			.findFirst()
			.orElseThrow()
			.remaining();
	}

	private static LeaseEngine engine(AssertableApplicationContext context) {
		return context.getBean(LeaseStores.class).engine("election", null);
	}

	@Test
	void electionsWithTheFlagAreSpreadOverTheNodes() {
		List<String> names = List.of("a", "b", "c", "d");
		this.runner
			.withPropertyValues(names.stream()
				.map((name) -> "concord.election.elections." + name + ".spread=true")
				.toArray(String[]::new))
			.withPropertyValues("concord.store-timeout=1s", "concord.election.lease-time=2s")
			.run((context) -> {
				LeaderElections here = context.getBean(LeaderElections.class);
				await(() -> led(here) == 4);
				try (LeaseEngine engine = LeaseEngine.builder(engine(context).store())
					.storeTimeout(Duration.ofSeconds(1))
					.build();
						LeaderElections elsewhere = LeaderElections.builder(() -> engine)
							.elections(names.stream()
								.map((name) -> new ElectionSettings(name, Duration.ofSeconds(2), true, true))
								.toList())
							.build()) {
					elsewhere.start();
					await(() -> led(here) == 2 && led(elsewhere) == 2);
				}
			});
	}

	private static long led(LeaderElections elections) {
		return elections.all().stream().filter(LeaderElection::isLeader).count();
	}

	@Test
	void publishesEvents() {
		this.runner.withBean(Reports.class).withBean(Events.class).run((context) -> {
			Leadership leadership = awaitLeader(context).leadership().orElseThrow();
			List<Object> events = context.getBean(Events.class).events;
			context.getBean(LeaderElections.class).stop().get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
			assertThat(events).hasSize(3)
				.startsWith(new LeadershipGrantedEvent(leadership))
				.endsWith(new LeadershipRevokedEvent(leadership, "the application shuts down"));
			assertThat(events.get(1)).isInstanceOf(LeaderChangedEvent.class);
		});
	}

	@Test
	void tellsOthersWhatTheNodeIsCalled() {
		this.runner.withBean(Reports.class)
			.withPropertyValues("concord.election.node.id=shop-1", "concord.election.node.address=10.0.0.7:80")
			.run((context) -> assertThat(awaitLeader(context).leader()).hasValueSatisfying((leader) -> {
				assertThat(leader.id()).isEqualTo("shop-1");
				assertThat(leader.address()).isEqualTo("10.0.0.7:80");
			}));
	}

	@Test
	void electionCanHaveAnAddressOfItsOwn() {
		this.runner.withBean(Reports.class)
			.withPropertyValues("concord.election.node.id=shop-1", "concord.election.node.address=10.0.0.7:80",
					"concord.election.elections.reports.address=10.0.0.7:9090")
			.run((context) -> assertThat(awaitLeader(context).leader()).hasValueSatisfying((leader) -> {
				assertThat(leader.id()).isEqualTo("shop-1");
				assertThat(leader.address()).isEqualTo("10.0.0.7:9090");
			}));
		this.runner.withPropertyValues("concord.election.elections.reports.address=two words")
			.run((context) -> assertThat(StartupFailure.of(context))
				.hasMessageContaining("The property 'concord.election.elections.reports.address' is 'two words'")
				.hasMessageContaining("spaces"));
	}

	@ParameterizedTest
	@CsvSource(nullValues = "none",
			value = { "shop-7d9f, none, none, shop-7d9f, none", "shop-7d9f, 8080, none, shop-7d9f, shop-7d9f:8080",
					"shop-7d9f, 8080, 10.0.0.7, shop-7d9f, 10.0.0.7:8080",
					"two words, 8080, none, pid, localhost:8080" })
	void nodeIsCalledByItsHostAndPort(String host, @Nullable String port, @Nullable String bound, String id,
			@Nullable String address) {
		this.runner.withBean(Reports.class)
			.withPropertyValues("HOSTNAME=" + host, (port != null) ? "local.server.port=" + port : "none",
					(bound != null) ? "server.address=" + bound : "none")
			.run((context) -> assertThat(awaitLeader(context).leader()).hasValueSatisfying((leader) -> {
				assertThat(leader.id()).isEqualTo(id.equals("pid") ? "pid-" + ProcessHandle.current().pid() : id);
				assertThat(leader.address()).isEqualTo(address);
			}));
	}

	@Test
	void closeOfTheContextWaitsForBodies() throws Exception {
		CountDownLatch inside = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		AtomicReference<@Nullable Object> result = new AtomicReference<>();
		Thread[] worker = new Thread[1];
		Leadership[] leadership = new Leadership[1];
		this.runner.withBean(Reports.class).withPropertyValues("concord.shutdown-timeout=20s").run((context) -> {
			leadership[0] = awaitLeader(context).leadership().orElseThrow();
			Reports reports = context.getBean(Reports.class);
			worker[0] = new Thread(() -> result.set(reports.during(() -> {
				inside.countDown();
				awaitLatch(goOn);
				return leadership[0].isHeld();
			})));
			worker[0].start();
			awaitLatch(inside);
			LeaderElections elections = context.getBean(LeaderElections.class);
			Thread closing = new Thread(() -> context.getSourceApplicationContext().close());
			closing.start();
			await(() -> !elections.get("reports").isLeader());
			assertThat(closing.isAlive()).isTrue();
			goOn.countDown();
			closing.join(BOUND.toMillis());
			assertThat(closing.isAlive()).isFalse();
		});
		worker[0].join(BOUND.toMillis());
		assertThat(result.get()).isEqualTo(true);
		assertThat(leadership[0].isHeld()).isFalse();
	}

	@Test
	void handsOverWhileTheWebServerStillFinishesRequests() {
		this.runner.withBean(Reports.class).withBean(WebServer.class).run((context) -> {
			awaitLeader(context);
			try (LeaseEngine engine = LeaseEngine.builder(engine(context).store()).build();
					LeaderElections elsewhere = LeaderElections.builder(() -> engine)
						.elections(List.of(new ElectionSettings("reports", Duration.ofSeconds(15))))
						.build()) {
				elsewhere.start();
				await(() -> elsewhere.inspect("reports").orElseThrow().waiting() == 1);
				context.getBean(WebServer.class).finished = elsewhere.get("reports")::isLeader;
				context.getSourceApplicationContext().stop();
				assertThat(elsewhere.get("reports").isLeader()).isTrue();
			}
		});
	}

	@Test
	void leadsAgainAfterRestart() {
		this.runner.withBean(Reports.class).run((context) -> {
			long term = awaitLeader(context).term();
			context.getSourceApplicationContext().stop();
			assertThat(context.getBean(Reports.class).send(null)).isNull();
			context.getSourceApplicationContext().start();
			assertThat(awaitLeader(context).term()).isGreaterThan(term);
		});
	}

	@Test
	void worksOnTheDatabaseOfTheApplicationUnderItsGuard() {
		this.unconfigured
			.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class,
					DataSourceTransactionManagerAutoConfiguration.class))
			.withUserConfiguration(Transactions.class)
			.withPropertyValues("spring.application.name=shop", "spring.datasource.generate-unique-name=true")
			.withBean(Books.class)
			.run((context) -> {
				LeaderElection election = awaitLeader(context);
				JdbcTemplate jdbc = new JdbcTemplate(context.getBean(DataSource.class));
				jdbc.execute("CREATE TABLE book (id INT)");
				context.getBean(Books.class).write(jdbc);
				assertThat(jdbc.queryForObject("SELECT token FROM concord_fence WHERE res = 'shop/election:reports'",
						Long.class))
					.isEqualTo(election.term());
			});
	}

	@Test
	void runsOnEveryNodeAndWarnsIfSwitchedOff(CapturedOutput output) {
		this.unconfigured
			.withPropertyValues("concord.election.enabled=false", "concord.election.elections.reports.spread=true")
			.withBean(Reports.class)
			.run((context) -> {
				assertThat(context).doesNotHaveBean(LeaderElections.class)
					.doesNotHaveBean(LeaderElection.class)
					.doesNotHaveBean(LeaderOnlyBeanPostProcessor.class);
				assertThat(context.getBean(Reports.class).send(null)).isEqualTo("sent in no term");
				assertThat(output).containsOnlyOnce("switched off by 'concord.election.enabled=false'");
			});
	}

	@Test
	void annotationNeedsAStore() {
		this.unconfigured.withBean(Reports.class)
			.run((context) -> assertThat(StartupFailure.of(context))
				.hasMessageContaining("'concord.election' needs a store, but 'concord.backend' is not set"));
	}

	@Test
	void needsBackendAtStartAlsoIfBeansAreLazy() {
		ApplicationContextRunner lazy = this.unconfigured.withInitializer(
				(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()));
		lazy.run((context) -> assertThat(StartupFailure.of(context))
			.hasMessageContaining("'concord.election' needs a store"));
		lazy.withPropertyValues("concord.backend=local", "concord.election.elections.reports.auto-start=true")
			.run(ElectionAutoConfigurationTests::awaitLeader);
	}

	@Test
	void featureOverridesBackend() {
		this.unconfigured.withPropertyValues("concord.backend=redis", "concord.election.backend=local")
			.run((context) -> assertThat(context).hasNotFailed());
		this.unconfigured.withPropertyValues("concord.election.backend=zookeeper")
			.run((context) -> assertThat(StartupFailure.of(context)).hasMessageContaining(
					"The backend 'zookeeper' was chosen, but the application has no CuratorFramework bean"));
	}

	@Test
	void startsWhileTheStoreIsDown() {
		this.unconfigured.withBean(UnreachableStore.class).withBean(Reports.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(Reports.class).send(null)).isNull();
		});
	}

	@ParameterizedTest
	@CsvSource({ "concord.election.lease-time, 0s", "concord.election.lease-time, 3999ms",
			"concord.election.elections.reports.lease-time, 3s", "concord.election.elections.reports.lease-time, -1s" })
	void refusesALeaseTooShortForTheStore(String property, String leaseTime) {
		this.runner.withPropertyValues(property + "=" + leaseTime).run((context) -> {
			InvalidConcordConfigurationException failure = StartupFailure.of(context);
			assertThat(failure).hasMessageContaining("The property '" + property + "' is '" + leaseTime + "'")
				.hasMessageContaining("must be at least 4000 ms, twice the time-out of the store");
			assertThat(failure.getAction()).contains("Set '" + property + "' to at least '4000ms'");
		});
		this.runner.withPropertyValues("concord.election.lease-time=3s", "concord.store-timeout=1500ms")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void refusesNamesThatCantBeToldApart() {
		this.runner
			.withPropertyValues("concord.election.elections.reports.spread=true",
					"concord.election.elections.Reports.spread=true")
			.run((context) -> {
				assertThat(StartupFailure.of(context))
					.hasMessageContaining("The elections under 'concord.election.elections' can't be: ")
					.hasMessageContaining("'reports'")
					.hasMessageContaining("'Reports'")
					.hasMessageContaining("differ in upper and lower case only");
				assertThat(StartupFailure.of(context).getAction()).isEqualTo("Rename or remove one of them.");
			});
		this.runner.withPropertyValues("concord.election.elections.[" + "n".repeat(201) + "].spread=true")
			.run((context) -> assertThat(StartupFailure.of(context))
				.hasMessageContaining("is called so that it can't be: ")
				.hasMessageContaining("1 to 200 characters"));
	}

	@Test
	void refusesAnAnnotationThatDiffersFromTheConfigurationInCase() {
		this.runner.withPropertyValues("concord.election.elections.Reports.spread=true")
			.withBean(Reports.class)
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.isInstanceOf(InvalidAnnotationException.class)
				.hasMessageContaining("@LeaderOnly on " + Reports.class.getName()));
	}

	@ParameterizedTest
	@CsvSource({ "id, two words", "address, two words", "id, ''" })
	void refusesLabelsThatNoStoreTakes(String label, String value) {
		this.runner.withPropertyValues("concord.election.node." + label + "=" + value)
			.run((context) -> assertThat(StartupFailure.of(context)).hasMessageContaining(
					"The property 'concord.election.node." + label + "' is '" + value + "', but The " + label));
	}

	@Test
	void refusesLabelsThatAreTooLongTogether() {
		this.runner
			.withPropertyValues("concord.election.node.id=" + "a".repeat(150),
					"concord.election.node.address=" + "b".repeat(150))
			.run((context) -> assertThat(StartupFailure.of(context)).hasMessageContaining("too long"));
	}

	@Test
	void refusesAStoreWithoutTokens() {
		LeaseStore store = mock();
		given(store.capabilities()).willReturn(new StoreCapabilities(true, false, true, true, Duration.ZERO));
		given(store.describe()).willReturn("tokenless");
		this.unconfigured.withBean(LeaseStore.class, () -> store)
			.run((context) -> assertThat(StartupFailure.of(context))
				.hasMessageContaining("Elections need fencing tokens, and the store has none: ")
				.hasMessageContaining("tokenless"));
	}

	@Test
	void backsOffWhenUserDefinesElections() {
		this.unconfigured.withBean("own", LeaderElections.class, () -> mock(LeaderElections.class, (call) -> null))
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(LeaderElections.class).hasBean("own"));
	}

	@Test
	void addsNothingWithoutElectionLibrary() {
		this.runner.withClassLoader(new FilteredClassLoader("io.concord.election"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(LeaseStores.class)
				.doesNotHaveBean(ElectionAutoConfiguration.class));
	}

	@Test
	void addsNothingWithoutLeaseLibrary() {
		this.runner.withClassLoader(new FilteredClassLoader("io.concord.lease"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("concordLeaderElections"));
	}

	@Test
	void worksWithoutTransactions() {
		this.runner.withClassLoader(new FilteredClassLoader("org.springframework.transaction"))
			.run((context) -> assertThat(context).hasNotFailed().hasBean("concordLeaderElections"));
	}

	@Test
	void keepsBeansEligibleForAllPostProcessors(CapturedOutput output) {
		this.runner.withBean(Reports.class)
			.withPropertyValues("concord.election.elections.reports.spread=true")
			.run((context) -> assertThat(output).doesNotContain("is not eligible for getting processed"));
	}

	@Test
	void isProcessedAheadOfTime() {
		InMemoryGeneratedFiles files = new InMemoryGeneratedFiles();
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			context.getEnvironment()
				.getPropertySources()
				.addFirst(new MapPropertySource("test", Map.of("concord.election.elections.reports.spread", "true")));
			context.register(LeaseAutoConfiguration.class, ElectionAutoConfiguration.class);
			DefaultGenerationContext generation = new DefaultGenerationContext(
					new ClassNameGenerator(ClassName.get(ElectionAutoConfigurationTests.class)), files);
			new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
			generation.writeGeneratedContent();
		}
		assertThat(files.getGeneratedFiles(Kind.SOURCE).values()).anySatisfy((source) -> {
			StringBuilder text = new StringBuilder();
			try (InputStream stream = source.getInputStream()) {
				text.append(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
			}
			assertThat(text).contains("reportsLeaderElection");
		});
	}

	private static void awaitLatch(CountDownLatch latch) {
		try {
			assertThat(latch.await(BOUND.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new AssertionError(ex);
		}
	}

	private static void await(BooleanSupplier condition) {
		long end = System.nanoTime() + BOUND.toNanos();
		while (!condition.getAsBoolean()) {
			assertThat(System.nanoTime()).isLessThan(end);
			Thread.onSpinWait();
		}
	}

	public static class Reports {

		@LeaderOnly("reports")
		public @Nullable String send(@Nullable Leadership leadership) {
			return "sent in " + ((leadership != null) ? leadership.term() : "no term");
		}

		@LeaderOnly("reports")
		public <T> @Nullable T during(Supplier<T> work) {
			return work.get();
		}

	}

	public static class Books {

		@LeaderOnly(value = "reports", fenced = true)
		@Transactional
		public void write(JdbcTemplate jdbc) {
			jdbc.update("INSERT INTO book VALUES (1)");
		}

	}

	/** One that stops as a web server does that finishes its requests. */
	static class WebServer implements SmartLifecycle {

		private volatile BooleanSupplier finished = () -> true;

		private volatile boolean running;

		@Override
		public void start() {
			this.running = true;
		}

		@Override
		public void stop() {
			await(this.finished);
			this.running = false;
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

		@Override
		public int getPhase() {
			// Where Spring Boot has it.
			return SmartLifecycle.DEFAULT_PHASE - 1024;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(proxyTargetClass = true)
	static class Transactions {

	}

	static class Jobs {

		private final LeaderElection reports;

		private final LeaderElection cleanUp;

		Jobs(@Qualifier("reports") LeaderElection reports, @Qualifier("clean-up") LeaderElection cleanUp) {
			this.reports = reports;
			this.cleanUp = cleanUp;
		}

	}

	static class Events {

		private final List<Object> events = new CopyOnWriteArrayList<>();

		@EventListener
		void granted(LeadershipGrantedEvent event) {
			this.events.add(event);
		}

		@EventListener
		void revoked(LeadershipRevokedEvent event) {
			this.events.add(event);
		}

		@EventListener
		void changed(LeaderChangedEvent event) {
			this.events.add(event);
		}

	}

}
