package io.concord.test.server;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Classes that need a server and the summary of what they got.
 */
class SharedServerExtensionTests {

	/** Not that of the JVM, whose summary is about real servers. */
	private static ServerUse use = new ServerUse();

	/** Without the listeners that the service files name, which are the outer run's. */
	private static final LauncherConfig UNLISTENED = LauncherConfig.builder()
		.enableTestExecutionListenerAutoRegistration(false)
		.enableLauncherSessionListenerAutoRegistration(false)
		.build();

	private static BoxSource source = BoxSource.working("a", "1");

	private String requiredBefore = "";

	private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

	@BeforeEach
	void remember() {
		use = new ServerUse();
		this.requiredBefore = System.getProperty(RequiredServers.PROPERTY, "");
	}

	@AfterEach
	void restore() {
		System.setProperty(RequiredServers.PROPERTY, this.requiredBefore);
	}

	@Test
	void classesShareAServerThatEndsAfterThem() {
		source = BoxSource.working("a", "1");
		execute("mysql", First.class, Second.class).testEvents()
			.assertStatistics((tests) -> tests.started(6).succeeded(6));
		assertThat(source.tried).hasValue(1);
		assertThat(source.ended).hasValue(1);
	}

	/** As in JVMs between which the classes are dealt out while they run. */
	@Test
	void classesThatAreRunOneByOneShareAServerToo() {
		source = BoxSource.working("a", "1");
		try (LauncherSession session = LauncherFactory.openSession(UNLISTENED)) {
			for (Class<?> fixture : List.of(First.class, Second.class)) {
				session.getLauncher().execute(request(fixture));
				assertThat(source.ended).hasValue(0);
			}
		}
		assertThat(source.tried).hasValue(1);
		assertThat(source.ended).hasValue(1);
	}

	@Test
	void classesFailWithoutARequiredServerWhichIsTriedOnce() {
		source = BoxSource.failing("a", "no wood");
		execute("mysql", First.class, Second.class).containerEvents()
			.assertStatistics((containers) -> containers.failed(2).skipped(0));
		assertThat(source.tried).hasValue(1);
	}

	@Test
	void classesFailWithoutARequestedServer() {
		source = BoxSource.failing("a", "no wood").requested();
		execute("", First.class).containerEvents().assertStatistics((containers) -> containers.failed(1).skipped(0));
	}

	@Test
	void classesFailIfTheListCannotBeRead() {
		source = BoxSource.working("a", "1");
		execute("mysql,box", First.class).containerEvents()
			.assertStatistics((containers) -> containers.failed(1).skipped(0));
	}

	@Test
	void classesAreSkippedWithoutAServerThatIsNotRequired() {
		source = BoxSource.failing("a", "no wood");
		EngineExecutionResults results = execute("redis", First.class, Second.class);
		results.containerEvents().assertStatistics((containers) -> containers.failed(0).skipped(2));
		results.testEvents().assertStatistics((tests) -> tests.started(0));
	}

	@Test
	void summaryCountsWhatWasSkippedAndSaysWhy() {
		source = BoxSource.failing("a", "no wood");
		TestExecutionSummary summary = launch("redis", First.class, Second.class, Alone.class);
		assertThat(summary.getTestsAbortedCount()).isEqualTo(1);
		assertThat(printed()).containsSubsequence("Servers that these tests used", "MySQL      NOT EXERCISED",
				"skipped: 2 classes, 5 tests", "These tests need a box", "a: no wood");
	}

	@Test
	void summarySaysWhatWasUsed() {
		source = BoxSource.working("a", "1.2.3");
		ServerSources.startFirst(ServerKind.MYSQL, "a box", List.of(source), RequiredServers.parse(""), use);
		ServerSources.startFirst(ServerKind.MYSQL, "a box", List.of(BoxSource.working("b", "2")),
				RequiredServers.parse(""), use);
		assertThat(use.summary()).containsSubsequence("  Redis      NOT EXERCISED, no test asked for it",
				"  MySQL      1.2.3 (a), 2 (b)");
	}

	@Test
	void lastOfSeveralJvmsSaysWhatAllUsed(@TempDir Path directory) {
		Path file = directory.resolve("servers.properties");
		source = BoxSource.working("a", "1");
		launch("", First.class);
		summary(use, file).print();
		use = new ServerUse();
		source = BoxSource.failing("a", "no wood");
		launch("redis", First.class);
		summary(use, file).print();
		this.printed.reset();
		summary(new ServerUse(), file).print();
		assertThat(printed()).containsSubsequence("MySQL      1 (a)", "skipped: 1 classes, 2 tests", "a: no wood");
	}

	@Test
	void summarySaysNothingWhereNobodyAskedForAServer() {
		launch("", Plain.class);
		assertThat(printed()).isEmpty();
	}

	private String printed() {
		return this.printed.toString(StandardCharsets.UTF_8);
	}

	private static EngineExecutionResults execute(String required, Class<?>... fixtures) {
		System.setProperty(RequiredServers.PROPERTY, required);
		return EngineTestKit.engine("junit-jupiter")
			.selectors(Stream.of(fixtures).map(DiscoverySelectors::selectClass).toArray(DiscoverySelector[]::new))
			.execute();
	}

	private TestExecutionSummary launch(String required, Class<?>... fixtures) {
		System.setProperty(RequiredServers.PROPERTY, required);
		SummaryGeneratingListener listener = new SummaryGeneratingListener();
		LauncherFactory.create(UNLISTENED).execute(request(fixtures), listener, new ServerSkips(use));
		summary(use, null).print();
		return listener.getSummary();
	}

	private ServerSummary summary(ServerUse used, @Nullable Path file) {
		return new ServerSummary(used, file, new PrintStream(this.printed, true, StandardCharsets.UTF_8));
	}

	private static LauncherDiscoveryRequest request(Class<?>... fixtures) {
		return LauncherDiscoveryRequestBuilder.request()
			.selectors(Stream.of(fixtures).map(DiscoverySelectors::selectClass).toArray(DiscoverySelector[]::new))
			.build();
	}

	static class BoxExtension extends SharedServerExtension<Box> {

		BoxExtension() {
			super(Box.class, ServerKind.MYSQL, "a box", use);
		}

		@Override
		protected List<ServerSource<Box>> sources() {
			return List.of(source);
		}

	}

	@ExtendWith(BoxExtension.class)
	static class First {

		private final Box box;

		First(Box box) {
			this.box = box;
		}

		@Test
		void sees(Box parameter) {
			assertThat(parameter).isSameAs(this.box);
		}

		@ParameterizedTest
		@ValueSource(ints = { 1, 2 })
		void seesAgain(int number) {
			assertThat(this.box.version()).isEqualTo("1");
		}

	}

	static class Second extends First {

		Second(Box box) {
			super(box);
		}

	}

	static class Alone {

		@Test
		void startsItsOwn() {
			ServerSources.startFirst(ServerKind.MYSQL, "a box of their own", List.of(source)).close();
		}

	}

	static class Plain {

		@Test
		void needsNothing() {
			assertThat(source).isNotNull();
		}

	}

}
