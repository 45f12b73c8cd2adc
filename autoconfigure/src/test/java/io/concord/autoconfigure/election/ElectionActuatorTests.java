package io.concord.autoconfigure.election;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.support.GenericApplicationContext;

import io.concord.autoconfigure.UnreachableStore;
import io.concord.autoconfigure.actuate.EndpointFeature;
import io.concord.autoconfigure.actuate.FeatureUnavailableException;
import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.autoconfigure.lease.LeaseStores;
import io.concord.election.ElectionNode;
import io.concord.election.ElectionSettings;
import io.concord.election.LeaderElection;
import io.concord.election.LeaderElections;
import io.concord.election.LeaderOnly;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseStore;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What operators see of elections.
 */
class ElectionActuatorTests {

	private static final JsonMapper JSON = new JsonMapper();

	private static final String HEALTH = "concordElectionsHealthIndicator";

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class, ElectionAutoConfiguration.class,
				ElectionEndpointAutoConfiguration.class, ElectionHealthAutoConfiguration.class,
				ElectionMetricsAutoConfiguration.class))
		.withBean(MeterRegistry.class, SimpleMeterRegistry::new)
		.withPropertyValues("concord.backend=local", "concord.election.node.id=shop-1",
				"concord.election.node.address=10.0.0.7:80", "concord.election.elections.reports.auto-start=true");

	private static LeaderElection awaitLeader(AssertableApplicationContext context) {
		LeaderElection election = context.getBean(LeaderElections.class).get("reports");
		assertThat(election.awaitLeadership(Duration.ofSeconds(20))).isTrue();
		return election;
	}

	private static EndpointFeature feature(AssertableApplicationContext context) {
		return context.getBean(EndpointFeature.class);
	}

	private static JsonNode json(@Nullable OperationResponseBody body) {
		assertThat(body).isNotNull();
		return JSON.valueToTree(body);
	}

	private static Health health(AssertableApplicationContext context) {
		return Objects.requireNonNull(context.getBean(HEALTH, HealthIndicator.class).health());
	}

	@Test
	void showsElectionsOfThisNode() {
		this.runner.run((context) -> {
			String term = Long.toString(awaitLeader(context).term());
			assertThat(feature(context).selector()).isEqualTo("elections");
			JsonNode election = json(feature(context).here(false)).get("elections").get(0);
			assertThat(election.get("name").asString()).isEqualTo("reports");
			assertThat(election.get("state").asString()).isEqualTo("LEADER");
			assertThat(election.get("leads").asBoolean()).isTrue();
			assertThat(election.get("leader").get("id").asString()).isEqualTo("shop-1");
			assertThat(election.get("leader").get("address").asString()).isEqualTo("10.0.0.7:80");
			assertThat(election.get("leader").get("term").asString()).isEqualTo(term);
			assertThat(election.get("leader").has("since")).isTrue();
			assertThat(election.get("changes").asInt()).isEqualTo(1);
			assertThat(election.get("lastLeaders")).hasSize(1);
			assertThat(election.has("timeWithoutLeader")).isTrue();
		});
	}

	@Test
	void showsTheLineOfAnElection() {
		this.runner.run((context) -> {
			awaitLeader(context);
			JsonNode line = json(feature(context).anywhere("reports"));
			assertThat(line.get("election").asString()).isEqualTo("reports");
			assertThat(line.get("leader").get("id").asString()).isEqualTo("shop-1");
			assertThat(line.get("candidates")).isEmpty();
			assertThat(line.get("waiting").asInt()).isZero();
			showsCandidatesInTheirOrder(context);
			assertThatIllegalArgumentException().isThrownBy(() -> feature(context).anywhere("report"))
				.withMessageContaining("There is no election 'report'");
		});
	}

	private static void showsCandidatesInTheirOrder(AssertableApplicationContext context) {
		LeaseStore store = context.getBean(LeaseStores.class).engine("election", null).store();
		try (LeaseEngine engine = LeaseEngine.builder(store).build();
				LeaseEngine other = LeaseEngine.builder(store).build();
				LeaderElections second = stand(engine, "shop-2");
				LeaderElections third = stand(other, "shop-3")) {
			for (LeaderElections one : List.of(second, third)) {
				int before = json(feature(context).anywhere("reports")).get("waiting").asInt();
				one.start();
				long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
				while (json(feature(context).anywhere("reports")).get("waiting").asInt() == before) {
					assertThat(System.nanoTime()).isLessThan(end);
				}
			}
			JsonNode candidates = json(feature(context).anywhere("reports")).get("candidates");
			assertThat(candidates).extracting((one) -> one.get("id").asString()).containsExactly("shop-2", "shop-3");
			assertThat(candidates.get(0).get("address").asString()).isEqualTo("shop-2:80");
		}
	}

	private static LeaderElections stand(LeaseEngine engine, String id) {
		return LeaderElections.builder(() -> engine)
			.node(() -> new ElectionNode(id, id + ":80"))
			.elections(List.of(new ElectionSettings("reports", ElectionSettings.DEFAULT_LEASE_TIME)))
			.build();
	}

	@Test
	void stepsDownIfItLeads() {
		this.runner.run((context) -> {
			LeaderElection election = awaitLeader(context);
			String term = Long.toString(election.term());
			JsonNode answer = json(feature(context).release("reports"));
			assertThat(answer.get("released").get("term").asString()).isEqualTo(term);
			assertThat(election.isLeader()).isFalse();
			assertThatIllegalArgumentException().isThrownBy(() -> feature(context).release("reports"))
				.withMessageContaining("This node does not lead it");
			assertThatIllegalArgumentException().isThrownBy(() -> feature(context).release("report"));
		});
	}

	@Test
	void saysThatTheStoreIsDown() {
		this.runner.withBean(UnreachableStore.class)
			.run((context) -> assertThatExceptionOfType(FeatureUnavailableException.class)
				.isThrownBy(() -> feature(context).anywhere("reports")));
	}

	@Test
	void healthTellsWhoLeadsAndIsUpAllTheSame() {
		this.runner.run((context) -> {
			LeaderElection election = awaitLeader(context);
			Health health = health(context);
			assertThat(health.getStatus()).isEqualTo(Status.UP);
			assertThat(health.getDetails().get("elections")).asInstanceOf(InstanceOfAssertFactories.MAP)
				.extractingByKey("reports", InstanceOfAssertFactories.MAP)
				.containsEntry("leads", true)
				.containsEntry("leader", "shop-1")
				.containsEntry("term", Long.toString(election.term()));
			election.leave();
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
		});
	}

	@Test
	void metersTellWhoLeads() {
		this.runner.run((context) -> {
			LeaderElection election = awaitLeader(context);
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			assertThat(registry.get("concord.election.leader").tag("name", "reports").gauge().value()).isEqualTo(1);
			assertThat(registry.get("concord.election.term").tag("name", "reports").gauge().value())
				.isEqualTo((double) election.term());
			assertThat(registry.get("concord.election.changes").functionCounter().count()).isEqualTo(1);
			assertThat(registry.get("concord.election.leaderless").functionCounter().count()).isPositive();
			election.leave();
			assertThat(registry.get("concord.election.leader").gauge().value()).isZero();
		});
	}

	@Test
	void electionThatAppearsLaterHasMeters() {
		this.runner.run((context) -> {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			((GenericApplicationContext) context.getSourceApplicationContext()).registerBean(Late.class);
			context.getBean(Late.class);
			assertThat(context.getBean(LeaderElections.class).get("late").awaitLeadership(Duration.ofSeconds(20)))
				.isTrue();
			long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
			while (registry.find("concord.election.leader").tag("name", "late").gauge() == null) {
				assertThat(System.nanoTime()).isLessThan(end);
				Thread.onSpinWait();
			}
		});
	}

	@Test
	void isOffIfSwitchedOff() {
		this.runner.withPropertyValues("concord.election.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(EndpointFeature.class)
				.doesNotHaveBean(HEALTH)
				.doesNotHaveBean(ElectionMeters.class));
		this.runner.withPropertyValues("management.health.concord.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(HEALTH));
	}

	@ParameterizedTest
	@ValueSource(strings = { "org.springframework.boot.actuate.endpoint", "org.springframework.boot.health",
			"io.micrometer.core", "io.concord.election" })
	void startsWithoutLibraries(String missing) {
		this.runner.withClassLoader(new FilteredClassLoader(missing))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	static class Late {

		@LeaderOnly("late")
		void run() {
		}

	}

}
