package io.concord.autoconfigure.idgen;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.autoconfigure.StartupFailure;
import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.idgen.IdRange;
import io.concord.idgen.IdsUnavailableException;
import io.concord.idgen.LongIdGenerator;
import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.SegmentStore;
import io.concord.idgen.Snowflake;
import io.concord.idgen.UnknownGeneratorException;
import io.concord.idgen.WorkerIdAnswer;
import io.concord.idgen.WorkerIdClaim;
import io.concord.idgen.WorkerIdTakenEvent;
import io.concord.idgen.local.LocalSequenceStore;
import io.concord.idgen.local.LocalWorkerIdStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class IdgenAutoConfigurationTests {

	private static final String ORDERS = "concord.idgen.generators.orders.";

	private final ApplicationContextRunner unconfigured = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class, IdgenAutoConfiguration.class));

	private final ApplicationContextRunner runner = this.unconfigured.withPropertyValues("concord.backend=local");

	@Test
	void defaultGeneratorIsThereWithoutBeingConfiguredAndStartsWhenItIsUsed() {
		this.runner.withBean(TakesDefault.class).run((context) -> {
			DefaultLongIdGenerators generators = context.getBean(DefaultLongIdGenerators.class);
			assertThat(generators.names()).containsExactly("default");
			assertThat(generators.allStarted()).isEmpty();
			long id = context.getBean(TakesDefault.class).ids.next();
			assertThat(id).isPositive();
			assertThat(generators.allStarted()).hasSize(1);
			assertThat(generators.get("default").decode(id).time()).isBetween(Instant.now().minusSeconds(60),
					Instant.now().plusSeconds(60));
		});
	}

	@Test
	void needsNoStoreIfNothingUsesIds() {
		this.unconfigured.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void injectsGeneratorsWhereSnowflakeNamesThem() {
		this.runner
			.withPropertyValues(ORDERS + "type=segment", "concord.idgen.generators.invoices.type=sequence",
					"concord.idgen.generators.invoices.least=500")
			.withUserConfiguration(Shop.class)
			.run((context) -> {
				Fields fields = context.getBean(Fields.class);
				assertThat(fields.orders.next()).isEqualTo(1);
				assertThat(fields.invoices.getAsLong()).isEqualTo(500);
				assertThat(fields.unnamed.name()).isEqualTo("default");
				Parameters parameters = context.getBean(Parameters.class);
				assertThat(parameters.orders().name()).isEqualTo("orders");
				assertThat(parameters.invoices().getAsLong()).isEqualTo(501);
				assertThat(context.getBean("invoiceNumber")).isEqualTo(502L);
			});
	}

	@Test
	void injectsNothingWhereTheApplicationHasASupplierOfItsOwn() {
		LongSupplier own = () -> 42;
		this.runner.withPropertyValues(ORDERS + "type=segment")
			.withBean("own", LongSupplier.class, () -> own)
			.withBean(TakesSupplier.class)
			.run((context) -> assertThat(context.getBean(TakesSupplier.class).numbers).isSameAs(own));
	}

	@Test
	void saysThatNoGeneratorHasTheName() {
		this.runner.withPropertyValues(ORDERS + "type=segment").withBean(TakesUnknown.class).run((context) -> {
			assertThat(context).hasFailed();
			FailureAnalysis analysis = analyze(context);
			assertThat(analysis.getDescription()).contains("@Snowflake(\"ordres\")")
				.contains("ids")
				.contains("There are: 'default', 'orders'");
			assertThat(analysis.getAction()).contains("concord.idgen.generators.ordres");
		});
	}

	@Test
	void saysThatAFieldCannotHoldAGenerator() {
		this.runner.withPropertyValues(ORDERS + "type=segment").withBean(TakesLong.class).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(analyze(context).getDescription()).contains("@Snowflake(\"orders\")")
				.contains("asks for a java.lang.Long")
				.contains("LongIdGenerator or LongSupplier");
		});
	}

	private static FailureAnalysis analyze(AssertableApplicationContext context) {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources().addFirst(new MapPropertySource("test", Map.of(ORDERS + "type", "segment")));
		FailureAnalysis analysis = new SnowflakeInjectionFailureAnalyzer(environment)
			.analyze(Objects.requireNonNull(context.getStartupFailure()));
		return Objects.requireNonNull(analysis);
	}

	@Test
	void registryKnowsItsNames() {
		this.runner.withPropertyValues(ORDERS + "type=segment").run((context) -> {
			LongIdGenerators generators = context.getBean(LongIdGenerators.class);
			assertThat(generators.names()).containsExactlyInAnyOrder("default", "orders");
			assertThat(generators.get("orders")).isSameAs(context.getBean("concordIdGenerator.orders"));
			assertThatExceptionOfType(UnknownGeneratorException.class).isThrownBy(() -> generators.get("ordres"))
				.withMessageContaining("'ordres', only: default, orders");
		});
	}

	@Test
	void layoutIsAsConfigured() {
		this.runner
			.withPropertyValues(ORDERS + "snowflake.epoch=2026-01-01T00:00:00Z", ORDERS + "snowflake.unit=s",
					ORDERS + "snowflake.timestamp-bits=32", ORDERS + "snowflake.datacenter-bits=2",
					ORDERS + "snowflake.machine-bits=6", ORDERS + "snowflake.sequence-bits=20",
					ORDERS + "snowflake.datacenter=3", ORDERS + "snowflake.lead=20s")
			.run((context) -> {
				LongIdGenerator orders = context.getBean(LongIdGenerators.class).get("orders");
				assertThat(orders.decode(orders.next())).satisfies((id) -> {
					assertThat(id.datacenter()).isEqualTo(3);
					assertThat(id.time()).isAfter(Instant.parse("2026-01-01T00:00:00Z"));
				});
				assertThat(orders.status().worker()).isNotNull().satisfies((worker) -> {
					assertThat(worker.leadMillis()).isBetween(5_000L, 20_000L);
					assertThat(worker.runsOut()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z").plusSeconds(1L << 32));
				});
			});
	}

	@Test
	void javascriptPresetStaysWithin53Bits() {
		this.runner.withPropertyValues(ORDERS + "snowflake.preset=javascript")
			.run((context) -> assertThat(context.getBean(LongIdGenerators.class).get("orders").next()).isBetween(1L,
					(1L << 53) - 1));
	}

	@Test
	void manualWorkerIdNeedsNoStore() {
		this.unconfigured
			.withPropertyValues(ORDERS + "snowflake.worker-source=manual", ORDERS + "snowflake.worker-id=77")
			.run((context) -> {
				LongIdGenerator orders = context.getBean(LongIdGenerators.class).get("orders");
				assertThat(orders.decode(orders.next()).worker()).isEqualTo(77);
			});
	}

	@Test
	void writesIdsInTheFormatThatIsConfigured() {
		this.runner
			.withPropertyValues(ORDERS + "type=sequence", ORDERS + "format=crockford", ORDERS + "prefix=ORD-",
					ORDERS + "date-pattern=yyyy-", ORDERS + "zone=Europe/Berlin")
			.run((context) -> {
				LongIdGenerator orders = context.getBean(LongIdGenerators.class).get("orders");
				String text = orders.nextString();
				assertThat(text).matches("ORD-\\d{4}-0000000000001");
				assertThat(orders.format().parse(text)).isEqualTo(1);
			});
		this.runner.withPropertyValues(ORDERS + "type=sequence", ORDERS + "format=base62")
			.run((context) -> assertThat(context.getBean(LongIdGenerators.class).get("orders").nextString())
				.isEqualTo("00000000001"));
	}

	@Test
	void segmentIsAsConfigured() {
		this.runner
			.withPropertyValues(ORDERS + "type=segment", ORDERS + "least=1000", ORDERS + "segment.min-size=7",
					ORDERS + "segment.max-size=7", ORDERS + "max-wait=5s")
			.run((context) -> {
				LongIdGenerator orders = context.getBean(LongIdGenerators.class).get("orders");
				assertThat(orders.next()).isEqualTo(1000);
				assertThat(orders.status().segment()).isNotNull()
					.satisfies((segment) -> assertThat(segment.size()).isEqualTo(7));
			});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					snowflake.timestamp-bits=45     | add up to 67           | snowflake.timestamp-bits'
					snowflake.sequence-bits=0       | at least 1             | snowflake.sequence-bits'
					snowflake.worker-id=1024        | 1024 is not between    | 'concord.idgen.generators.orders.snowflake.worker-id'
					snowflake.datacenter=32         | 32 is not between      | 'concord.idgen.generators.orders.snowflake.datacenter'
					snowflake.epoch=2999-01-01T00:00:00Z | in the future     | 'concord.idgen.generators.orders.snowflake.epoch'
					snowflake.worker-source=manual  | has to be given        | 'concord.idgen.generators.orders.snowflake.worker-id'
					snowflake.lead=10ms             | not 10                 | 'concord.idgen.generators.orders.snowflake.lead'
					snowflake.max-clock-lead=1h     | not 3600000 ms         | 'concord.idgen.generators.orders.snowflake.max-clock-lead'
					snowflake.max-skew=1h           | not 3600000 ms         | 'concord.idgen.generators.orders.snowflake.max-skew'
					max-wait=-1s                    | must not be negative   | 'concord.idgen.generators.orders.max-wait'
					date-pattern=MMMM               | 'MMMM'                 | 'concord.idgen.generators.orders.date-pattern'
					""")
	void badValuesFailAtStartAndNameTheProperty(String property, String reason, String action) {
		this.runner.withPropertyValues(ORDERS + property).run((context) -> {
			InvalidConcordConfigurationException failure = StartupFailure.of(context);
			assertThat(failure).hasMessageContaining("'orders'").hasMessageContaining(reason);
			assertThat(failure.getAction()).contains(action);
		});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			segment  | least=0            | not 0          | 'concord.idgen.generators.orders.least'
			segment  | segment.min-size=0 | from 0         | 'concord.idgen.generators.orders.segment.min-size'
			sequence | least=-5           | not -5         | 'concord.idgen.generators.orders.least'
			sequence | max-wait=0         | at least 1 ms  | 'concord.idgen.generators.orders.max-wait'
			""")
	void badValuesOfNumbersFailAtStart(String type, String property, String reason, String action) {
		this.runner.withPropertyValues(ORDERS + "type=" + type, ORDERS + property).run((context) -> {
			assertThat(StartupFailure.of(context)).hasMessageContaining(reason);
			assertThat(StartupFailure.of(context).getAction()).contains(action);
		});
	}

	@Test
	void badValuesFailAtStartAlsoIfBeansAreLazy() {
		this.runner
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.withPropertyValues(ORDERS + "snowflake.worker-id=-1")
			.run((context) -> assertThat(StartupFailure.of(context)).hasMessageContaining("-1 is not between"));
	}

	@Test
	void needsABackendForConfiguredGenerators() {
		this.unconfigured.withPropertyValues(ORDERS + "type=snowflake")
			.run((context) -> assertThat(StartupFailure.of(context))
				.hasMessageContaining("'concord.idgen' needs a store, but 'concord.backend' is not set"));
	}

	@Test
	void backendOfAGeneratorComesFirst() {
		this.unconfigured
			.withPropertyValues("concord.backend=redis", "concord.idgen.backend=zookeeper", ORDERS + "backend=local")
			.run((context) -> assertThat(context.getBean(LongIdGenerators.class).get("orders").next()).isPositive());
		this.unconfigured
			.withPropertyValues("concord.backend=redis", "concord.idgen.backend=local", ORDERS + "type=snowflake")
			.run((context) -> assertThat(context.getBean(LongIdGenerators.class).get("orders").next()).isPositive());
		this.unconfigured.withPropertyValues("concord.backend=redis", ORDERS + "type=snowflake")
			.run((context) -> assertThat(StartupFailure.of(context))
				.hasMessageContaining("The backend 'redis' was chosen, but the application has no"));
	}

	@Test
	void usesStoresOfTheApplication() {
		LocalWorkerIdStore workers = new LocalWorkerIdStore();
		this.unconfigured.withBean("workers", LocalWorkerIdStore.class, () -> workers)
			.withBean(LocalSequenceStore.class)
			.withBean(OddNumbers.class)
			.withPropertyValues(ORDERS + "type=snowflake", "concord.idgen.generators.odd.type=segment",
					"concord.idgen.generators.numbers.type=sequence", "spring.application.name=shop")
			.run((context) -> {
				LongIdGenerators generators = context.getBean(LongIdGenerators.class);
				assertThat(generators.get("odd").next()).isEqualTo(7_001);
				assertThat(generators.get("numbers").next()).isEqualTo(1);
				assertThat(workers.holders("orders", Duration.ZERO)).singleElement()
					.satisfies((holder) -> assertThat(holder.holder())
						.matches("shop on .+, pid " + ProcessHandle.current().pid()));
			});
		assertThat(workers.holders("orders", Duration.ZERO)).isEmpty();
	}

	@Test
	void refusesToStartBesideAnotherLayoutAndWithoutAFreeWorkerId() {
		LocalWorkerIdStore workers = new LocalWorkerIdStore();
		claim(workers, "one", 0);
		ApplicationContextRunner shared = this.unconfigured.withBean("workers", LocalWorkerIdStore.class,
				() -> workers);
		shared.withPropertyValues(ORDERS + "snowflake.preset=javascript").run((context) -> {
			assertThat(StartupFailure.of(context)).hasMessageContaining("bits=41+0+6+6")
				.hasMessageContaining("bits=41+5+5+12");
			assertThat(StartupFailure.of(context).getAction()).contains(ORDERS + "snowflake");
		});
		for (int i = 0; i < 32; i++) {
			claim(workers, "other-" + i, 32 + i);
		}
		shared.withPropertyValues(ORDERS + "snowflake.datacenter=1")
			.run((context) -> assertThat(StartupFailure.of(context)).hasMessageContaining("from 32 to 63 are taken")
				.hasMessageContaining("63: other-31"));
	}

	private static void claim(LocalWorkerIdStore workers, String owner, int worker) {
		assertThat(workers.claim(new WorkerIdClaim("orders", "epoch=2025-01-01T00:00:00Z unit=ms bits=41+5+5+12",
				worker, worker, owner, owner, Duration.ofMinutes(5)), Duration.ZERO))
			.isInstanceOf(WorkerIdAnswer.Granted.class);
	}

	@Test
	void idsGoOnAfterTheContextWasStoppedAndStarted() {
		this.runner.withPropertyValues(ORDERS + "type=snowflake", "concord.idgen.generators.numbers.type=segment")
			.run((context) -> {
				LongIdGenerator orders = context.getBean(LongIdGenerators.class).get("orders");
				LongIdGenerator numbers = context.getBean(LongIdGenerators.class).get("numbers");
				long id = orders.next();
				long number = numbers.next();
				context.getSourceApplicationContext().stop();
				assertThatExceptionOfType(IdsUnavailableException.class).isThrownBy(orders::next)
					.withMessageContaining("shuts down");
				context.getSourceApplicationContext().start();
				assertThat(orders.next()).isGreaterThan(id);
				assertThat(numbers.next()).isGreaterThan(number);
			});
	}

	@Test
	void publishesEventsOfWorkerIds() {
		this.runner.withPropertyValues(ORDERS + "type=snowflake")
			.withBean(Listener.class)
			.run((context) -> assertThat(context.getBean(Listener.class).events)
				.containsExactly(new WorkerIdTakenEvent("orders", 0)));
	}

	@Test
	void backsOff() {
		this.runner.withPropertyValues("concord.idgen.enabled=false", ORDERS + "type=snowflake")
			.run((context) -> assertThat(context).doesNotHaveBean(LongIdGenerators.class)
				.doesNotHaveBean(LongIdGenerator.class));
		this.runner.withClassLoader(new FilteredClassLoader(LongIdGenerators.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("concordLongIdGenerators"));
		LongIdGenerators own = new LongIdGenerators() {

			@Override
			public LongIdGenerator get(String name) {
				throw new NoSuchBeanDefinitionException(name);
			}

			@Override
			public Set<String> names() {
				return Set.of();
			}

		};
		this.runner.withBean(LongIdGenerators.class, () -> own)
			.run((context) -> assertThat(context.getBean(LongIdGenerators.class)).isSameAs(own));
	}

	static class TakesDefault {

		private final LongIdGenerator ids;

		TakesDefault(LongIdGenerator ids) {
			this.ids = ids;
		}

	}

	static class TakesSupplier {

		private final LongSupplier numbers;

		TakesSupplier(LongSupplier numbers) {
			this.numbers = numbers;
		}

	}

	@SuppressWarnings("NullAway.Init")
	static class TakesUnknown {

		@Snowflake("ordres")
		LongIdGenerator ids;

	}

	@SuppressWarnings("NullAway.Init")
	static class TakesLong {

		@Snowflake("orders")
		Long id;

	}

	@SuppressWarnings("NullAway.Init")
	static class Fields {

		@Snowflake("orders")
		LongIdGenerator orders;

		@Snowflake("invoices")
		LongSupplier invoices;

		@Snowflake
		LongIdGenerator unnamed;

	}

	record Parameters(@Snowflake("orders") LongIdGenerator orders, @Snowflake("invoices") LongSupplier invoices) {
	}

	@Configuration(proxyBeanMethods = false)
	static class Shop {

		@Bean
		Fields fields() {
			return new Fields();
		}

		@Bean
		Parameters parameters(@Snowflake("orders") LongIdGenerator orders,
				@Snowflake("invoices") LongSupplier invoices) {
			return new Parameters(orders, invoices);
		}

		@Bean
		FactoryBean<Long> invoiceNumber(@Snowflake("invoices") LongSupplier invoices) {
			return new NumberFactory(invoices);
		}

	}

	record NumberFactory(LongSupplier numbers) implements FactoryBean<Long> {

		@Override
		public Long getObject() {
			return this.numbers.getAsLong();
		}

		@Override
		public Class<?> getObjectType() {
			return Long.class;
		}

	}

	static class Listener {

		private final List<Object> events = new CopyOnWriteArrayList<>();

		@EventListener
		void taken(WorkerIdTakenEvent event) {
			this.events.add(event);
		}

	}

	static class OddNumbers implements SegmentStore {

		private final Map<String, Long> last = new ConcurrentHashMap<>();

		@Override
		public String describe() {
			return "odd numbers";
		}

		@Override
		public IdRange next(String name, long size, long least, Duration timeout) {
			long end = this.last.merge(name, 7_000 + size, (before, first) -> before + size);
			return new IdRange(end - size + 1, end);
		}

		@Override
		public void close() {
		}

	}

}
