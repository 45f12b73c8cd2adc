package io.concord.election;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.concord.election.ElectionNodes.Node;
import io.concord.election.ElectionStatus.State;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseInterruptedException;
import io.concord.lease.ResourceState;
import io.concord.lease.StoreCapabilities;
import io.concord.lease.StoreDecorator;
import io.concord.lease.local.LocalLeaseStore;

import static io.concord.election.ElectionNodes.BOUND;
import static io.concord.election.ElectionNodes.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What one node does, and what it costs.
 */
@Timeout(120)
class LeaderElectionTests {

	/** So long that no stall of this process makes it suspect. */
	private static final Duration LEASE_TIME = Duration.ofMinutes(1);

	private static final Duration SHORT = Duration.ofSeconds(2);

	private static final Duration HOUR = Duration.ofHours(1);

	private final LocalLeaseStore store = new LocalLeaseStore();

	private final ElectionNodes nodes = new ElectionNodes(Duration.ofMillis(500));

	private final ElectionSettings settings = new ElectionSettings("reports", LEASE_TIME);

	@AfterEach
	void close() {
		this.nodes.close();
	}

	private Node start(String id) {
		return this.nodes.start(id, shared(), this.settings);
	}

	private Node build(UnaryOperator<LeaderElections.Builder> more, ElectionSettings... elections) {
		return this.nodes.build("a", shared(), more, List.of(elections));
	}

	private StoreDecorator shared() {
		return new StoreDecorator(this.store) {

			@Override
			public void close() {
				// All nodes share it.
			}

		};
	}

	private static LeaderElection awaitLeader(Node node) {
		LeaderElection election = node.election("reports");
		assertThat(election.awaitLeadership(BOUND)).isTrue();
		return election;
	}

	// Leading

	@Test
	void termIsTheFencingTokenOfTheLease() {
		LeaderElection election = awaitLeader(start("a"));
		Leadership leadership = election.leadership().orElseThrow();
		assertThat(election.term()).isEqualTo(leadership.term()).isEqualTo(leadership.fence().token()).isPositive();
		assertThat(leadership.election()).isEqualTo("reports");
		assertThat(leadership.fence().resource()).isEqualTo("election:reports");
		assertThat(leadership.fence().isExclusive()).isTrue();
		assertThat(election.leader()).hasValue(new Leader("a", "a.example:80", leadership.term(), leadership.since()));
	}

	@Test
	void askingWhoLeadsCostsNoCall() {
		Node node = start("a");
		LeaderElection election = awaitLeader(node);
		int before = node.way.claims.get() + node.way.releases.get() + node.way.looks.get();
		for (int i = 0; i < 10_000; i++) {
			assertThat(election.leader()).isPresent();
			election.isLeader();
			election.status();
		}
		assertThat(node.way.claims.get() + node.way.releases.get() + node.way.looks.get()).isEqualTo(before);
	}

	@Test
	void whoDoesNotLeadHasNoTermAndSaysWhoDoes() {
		awaitLeader(start("a"));
		LeaderElection other = start("b").election("reports");
		await(() -> other.leader().isPresent(), "that the leader is seen");
		assertThatExceptionOfType(NotLeaderException.class).isThrownBy(other::term)
			.withMessage("This node does not lead the election 'reports'; the leader is 'a' at a.example:80")
			.satisfies((ex) -> assertThat(ex.getElection()).isEqualTo("reports"))
			.satisfies((ex) -> assertThat(ex.getLeader()).isNotNull());
		assertThat(other.leadership()).isEmpty();
		assertThat(other.awaitLeadership(Duration.ofMillis(1))).isFalse();
	}

	@Test
	void waitForLeadershipEndsWithAnInterrupt() {
		awaitLeader(start("a"));
		LeaderElection other = start("b").election("reports");
		Thread.currentThread().interrupt();
		assertThatExceptionOfType(LeaseInterruptedException.class).isThrownBy(() -> other.awaitLeadership(HOUR));
		assertThat(Thread.interrupted()).isTrue();
	}

	// Joining and leaving

	@Test
	void isNoCandidateBeforeItJoinsIfToldSo() {
		Node node = this.nodes.start("a", shared(), new ElectionSettings("reports", LEASE_TIME, false, false));
		LeaderElection election = node.election("reports");
		assertThat(election.status().state()).isEqualTo(State.OUT);
		Node other = start("b");
		awaitLeader(other);
		await(() -> election.leader().isPresent(), "that it sees the leader all the same");
		election.join();
		other.close();
		awaitLeader(node);
	}

	@Test
	void whoLeavesLeadsNoMoreAndStandsInNoLine() {
		Node a = start("a");
		LeaderElection election = awaitLeader(a);
		Node b = start("b");
		await(() -> b.elections.inspect("reports").orElseThrow().waiting() == 1, "b in line");
		b.election("reports").leave();
		await(() -> a.elections.inspect("reports").orElseThrow().waiting() == 0, "no line");
		election.leave();
		assertThat(election.isLeader()).isFalse();
		await(() -> a.elections.inspect("reports").orElseThrow().leader() == null, "no leader");
		assertThat(election.status().state()).isEqualTo(State.OUT);
		election.join();
		awaitLeader(a);
	}

	@Test
	void letsOthersGoFirstAndComesBackAfterThePause() {
		Node a = start("a");
		LeaderElection election = awaitLeader(a);
		long term = election.term();
		assertThat(election.stepDown(Duration.ofMillis(50))).isTrue();
		assertThat(election.stepDown(Duration.ZERO)).isFalse();
		awaitLeader(a);
		assertThat(election.term()).isGreaterThan(term);
		election.stepDown(HOUR);
		await(() -> election.status().state() == State.PAUSED, "the pause");
		election.join();
		awaitLeader(a);
		assertThatIllegalArgumentException().isThrownBy(() -> election.stepDown(Duration.ofMillis(-1)))
			.withMessageContaining("must not be negative");
	}

	@Test
	void worksAgainAfterARestart() throws Exception {
		Node a = start("a");
		long term = awaitLeader(a).term();
		a.elections.stop().get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
		assertThat(a.election("reports").isLeader()).isFalse();
		assertThat(a.election("reports").leader()).isEmpty();
		a.elections.start();
		assertThat(awaitLeader(a).term()).isGreaterThan(term);
	}

	@Test
	void triesAgainUntilTheStoreIsThere() {
		Node a = this.nodes.build("a", shared(), (builder) -> builder, List.of(this.settings));
		a.cut(true);
		a.elections.start();
		await(() -> a.way.claims.get() > 1, "two tries");
		a.cut(false);
		awaitLeader(a);
	}

	// Bodies

	@Test
	void handsOverAfterBodiesHaveEnded() throws Throwable {
		Node a = start("a");
		awaitLeader(a);
		Node b = start("b");
		await(() -> a.elections.inspect("reports").orElseThrow().waiting() == 1, "b in line");
		Body body = enter(a);
		Leadership leadership = body.leadership();
		CompletableFuture<Void> stopped = a.elections.stop();
		assertThat(a.election("reports").isLeader()).isFalse();
		assertThat(leadership.isHeld()).isTrue();
		assertThat(enterOnOtherThread(a)).isNull();
		Body nested = enter(a);
		assertThat(nested.call(() -> "nested", null)).isEqualTo("nested");
		assertThat(stopped).isNotDone();
		assertThat(b.election("reports").isLeader()).isFalse();
		assertThat(body.call(() -> "done", null)).isEqualTo("done");
		stopped.get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
		awaitLeader(b);
	}

	private static Body enter(Node node) {
		Body body = ((Candidacy) node.election("reports")).enter(OnRevoked.ROLLBACK, true);
		// One whose short lease is suspect for a moment, as this process stood still.
		return (body != null) ? body : enter(node);
	}

	private static @Nullable Body enterOnOtherThread(Node node) {
		return CompletableFuture
			.supplyAsync(() -> ((Candidacy) node.election("reports")).enter(OnRevoked.ROLLBACK, true))
			.join();
	}

	@Test
	void handsOverAfterListenersHaveHeardOfIt() throws Exception {
		Node a = start("a");
		LeaderElection election = awaitLeader(a);
		Node b = start("b");
		CountDownLatch heard = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		election.addListener(new LeadershipListener() {

			@Override
			public void revoked(Leadership leadership, String reason) {
				heard.countDown();
				awaitLatch(goOn);
			}

		});
		election.stepDown(HOUR);
		awaitLatch(heard);
		assertThat(b.election("reports").isLeader()).isFalse();
		goOn.countDown();
		awaitLeader(b);
	}

	@Test
	void abandonsTheLeadershipOfABodyThatDoesNotEnd() {
		ElectionSettings shortLived = new ElectionSettings("reports", SHORT);
		Node a = build((builder) -> builder.handOverTimeout(Duration.ofMillis(50)), shortLived);
		a.elections.start();
		awaitLeader(a);
		Body body = enter(a);
		Node b = this.nodes.start("b", shared(), shortLived);
		int releases = a.way.releases.get();
		a.election("reports").stepDown(HOUR);
		awaitLeader(b);
		assertThat(body.leadership().isHeld()).isFalse();
		assertThat(a.way.releases.get() - releases).as("only to withdraw what is lost").isLessThanOrEqualTo(1);
		assertThatExceptionOfType(LeadershipLostException.class).isThrownBy(() -> body.call(() -> "done", null))
			.withMessageContaining("did not end within 50 ms");
	}

	@Test
	void interruptsBodiesThatAskForIt() throws Exception {
		Node a = start("a");
		awaitLeader(a);
		Candidacy election = (Candidacy) a.election("reports");
		CountDownLatch inside = new CountDownLatch(1);
		AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
		Thread thread = new Thread(() -> {
			Body body = Objects.requireNonNull(election.enter(OnRevoked.INTERRUPT, true));
			try {
				body.call(() -> {
					inside.countDown();
					return new CountDownLatch(1).await(BOUND.toMillis(), TimeUnit.MILLISECONDS);
				}, null);
			}
			catch (Throwable ex) {
				thrown.set(ex);
			}
		});
		thread.start();
		awaitLatch(inside);
		election.stepDown(HOUR);
		thread.join(BOUND.toMillis());
		assertThat(thrown.get()).isInstanceOf(LeadershipLostException.class)
			.hasMessageContaining("it steps down")
			.satisfies((ex) -> assertThat(ex.getSuppressed()).hasOnlyElementsOfType(InterruptedException.class));
		assertThat(thrown.get()).isInstanceOfSatisfying(LeadershipLostException.class,
				(ex) -> assertThat(ex.getElection()).isEqualTo("reports"));
	}

	@Test
	void bodyThatGoesOnHearsNothingOfTheLoss() throws Throwable {
		Node a = start("a");
		awaitLeader(a);
		Body body = Objects.requireNonNull(((Candidacy) a.election("reports")).enter(OnRevoked.CONTINUE, true));
		lose(a);
		assertThat(body.call(() -> "done", null)).isEqualTo("done");
	}

	@Test
	void lossIsTheEndOfABody() {
		Node a = start("a");
		awaitLeader(a);
		Body body = enter(a);
		lose(a);
		assertThatExceptionOfType(LeadershipLostException.class).isThrownBy(() -> body.call(() -> "done", null))
			.satisfies((ex) -> assertThat(ex.getReason()).isEqualTo("it was released by force"));
	}

	private static void lose(Node node) {
		Leadership leadership = node.election("reports").leadership().orElseThrow();
		node.engine.forceRelease("election:reports");
		await(() -> !leadership.isHeld(), "the loss");
		await(() -> ((HeldLeadership) leadership).lossReason() != null, "that it is told");
	}

	// Listeners

	@Test
	void tellsListenersInOrder() throws Exception {
		Node a = start("a");
		LeaderElection election = awaitLeader(a);
		BlockingQueue<String> told = new LinkedBlockingQueue<>();
		election.addListener(new LeadershipListener() {

			@Override
			public void granted(Leadership leadership) {
				throw new IllegalStateException("A listener may fail");
			}

		});
		election.addListener(new LeadershipListener() {

			@Override
			public void granted(Leadership leadership) {
				told.add("granted");
			}

			@Override
			public void revoked(Leadership leadership, String reason) {
				told.add("revoked: " + reason);
			}

			@Override
			public void leaderChanged(String name, Leader leader) {
				told.add("leader of " + name + ": " + leader.id());
			}

		});
		assertThat(next(told)).isEqualTo("granted");
		election.stepDown(Duration.ZERO);
		assertThat(next(told)).isEqualTo("revoked: it steps down");
		assertThat(next(told)).isEqualTo("granted");
		assertThat(next(told)).isEqualTo("leader of reports: a");
	}

	private static @Nullable String next(BlockingQueue<String> told) throws InterruptedException {
		return told.poll(BOUND.toMillis(), TimeUnit.MILLISECONDS);
	}

	@Test
	void publishesEventsOnEveryNode() throws Exception {
		BlockingQueue<Object> ofA = new LinkedBlockingQueue<>();
		BlockingQueue<Object> ofB = new LinkedBlockingQueue<>();
		// So that the one that doesn't lead looks soon.
		ElectionSettings shortLived = new ElectionSettings("reports", SHORT);
		Node a = build((builder) -> builder.events(ofA::add), shortLived);
		a.elections.start();
		Leadership first = awaitLeader(a).leadership().orElseThrow();
		assertThat(nextEvent(ofA)).isEqualTo(new LeadershipGrantedEvent(first));
		assertThat(nextEvent(ofA)).isEqualTo(changed(a, first));
		Node b = this.nodes.build("b", shared(), (builder) -> builder.events(ofB::add), List.of(shortLived));
		b.elections.start();
		assertThat(nextEvent(ofB)).isInstanceOfSatisfying(LeaderChangedEvent.class, (event) -> {
			assertThat(event.election()).isEqualTo("reports");
			assertThat(event.leader().id()).isEqualTo("a");
			assertThat(event.leader().term()).isEqualTo(first.term());
		});
		await(() -> a.elections.inspect("reports").orElseThrow().waiting() == 1, "b in line");
		a.election("reports").stepDown(HOUR);
		assertThat(nextEvent(ofA)).isEqualTo(new LeadershipRevokedEvent(first, "it steps down"));
		Leadership second = awaitLeader(b).leadership().orElseThrow();
		assertThat(nextEvent(ofB)).isEqualTo(new LeadershipGrantedEvent(second));
		assertThat(nextEvent(ofB)).isEqualTo(changed(b, second));
		assertThat(nextEvent(ofA)).isInstanceOfSatisfying(LeaderChangedEvent.class, (event) -> {
			assertThat(event.leader().id()).isEqualTo("b");
			assertThat(event.leader().term()).isEqualTo(second.term());
		});
	}

	private static LeaderChangedEvent changed(Node node, Leadership leadership) {
		return new LeaderChangedEvent("reports",
				new Leader(node.id(), node.id() + ".example:80", leadership.term(), leadership.since()));
	}

	private static @Nullable Object nextEvent(BlockingQueue<Object> events) throws InterruptedException {
		return events.poll(BOUND.toMillis(), TimeUnit.MILLISECONDS);
	}

	@Test
	void statusTellsWhatThisNodeHasSeen() {
		Node a = start("a");
		LeaderElection election = awaitLeader(a);
		long first = election.term();
		election.stepDown(Duration.ZERO);
		awaitLeader(a);
		ElectionStatus status = election.status();
		assertThat(status.name()).isEqualTo("reports");
		assertThat(status.state()).isEqualTo(State.LEADER);
		assertThat(status.changes()).isGreaterThanOrEqualTo(2);
		assertThat(status.lastLeaders()).extracting(Leader::term).contains(first, election.term());
		assertThat(status.timeWithoutLeader()).isPositive();
		assertThat(election.status().timeWithoutLeader()).as("stands still").isEqualTo(status.timeWithoutLeader());
	}

	// What it costs

	@Test
	void idleElectionCostsAFewCallsForEachRenewal() {
		ElectionSettings shortLived = new ElectionSettings("reports", SHORT);
		Node a = this.nodes.start("a", shared(), shortLived);
		awaitLeader(a);
		Node b = this.nodes.start("b", shared(), shortLived);
		Node c = this.nodes.start("c", shared(), shortLived);
		await(() -> a.elections.inspect("reports").orElseThrow().waiting() == 2, "a line");
		int renewals = a.way.refreshes.get();
		int refreshes = b.way.refreshes.get() + c.way.refreshes.get();
		int looks = b.way.looks.get() + c.way.looks.get();
		int others = a.way.claims.get() + b.way.claims.get() + c.way.claims.get();
		int leadersLooks = a.way.looks.get();
		await(() -> a.way.refreshes.get() >= renewals + 9, "three lease times");
		// In nine thirds of the lease time, nine looks, and 9 × 9/6 refreshes.
		assertThat(b.way.looks.get() + c.way.looks.get() - looks).isBetween(2 * 4, 2 * 14);
		assertThat(b.way.refreshes.get() + c.way.refreshes.get() - refreshes).isBetween(2 * 6, 2 * 20);
		assertThat(a.way.claims.get() + b.way.claims.get() + c.way.claims.get()).isEqualTo(others);
		assertThat(a.way.looks.get()).as("the leader need not look").isEqualTo(leadersLooks);
	}

	@Test
	void handOverWakesOneAndTakesTwoCalls() {
		Node a = start("a");
		LeaderElection election = awaitLeader(a);
		List<Node> others = List.of(start("b"), start("c"), start("d"), start("e"));
		await(() -> a.elections.inspect("reports").orElseThrow().waiting() == 4, "a line");
		int releases = a.way.releases.get();
		int claims = others.stream().mapToInt((node) -> node.way.claims.get()).sum();
		election.stepDown(HOUR);
		Node next = this.nodes.awaitLeaderOtherThan(a, "reports");
		assertThat(a.way.releases.get() - releases).isEqualTo(1);
		assertThat(others.stream().mapToInt((node) -> node.way.claims.get()).sum()).isEqualTo(claims);
		assertThat(others.stream().mapToInt((node) -> node.way.hints.get()).sum()).isEqualTo(1);
		assertThat(next.way.hints.get()).isEqualTo(1);
	}

	@Test
	void storeThatCannotLookLeavesTheLeaderUnknown() {
		Node a = this.nodes.start("a", new StoreDecorator(this.store) {

			@Override
			public Optional<ResourceState> inspect(String resource, Duration timeout) {
				return Optional.empty();
			}

			@Override
			public void close() {
				// As above.
			}

		}, new ElectionSettings("reports", LEASE_TIME, false, false));
		awaitLeader(start("b"));
		await(() -> a.way.looks.get() > 0, "a look");
		assertThat(a.election("reports").leader()).isEmpty();
		assertThat(a.elections.inspect("reports")).isEmpty();
	}

	// What can't be

	@Test
	void refusesAnUnknownElection() {
		Node a = start("a");
		assertThatExceptionOfType(UnknownElectionException.class).isThrownBy(() -> a.elections.get("report"))
			.withMessage("There is no election 'report' on this node. There are 'reports': configure it, or name it by "
					+ "@LeaderOnly.");
		assertThatExceptionOfType(UnknownElectionException.class).isThrownBy(() -> a.elections.inspect("report"));
		Node none = build((builder) -> builder);
		assertThatExceptionOfType(UnknownElectionException.class).isThrownBy(() -> none.elections.get("report"))
			.withMessageContaining("There is none at all");
	}

	@Test
	void refusesTwoOfTheSameName() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> build((builder) -> builder, this.settings, new ElectionSettings("reports", HOUR)))
			.withMessageContaining("There are two elections 'reports'");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> build((builder) -> builder, this.settings, new ElectionSettings("Reports", HOUR)))
			.withMessageContaining("differ in upper and lower case only");
		Node a = start("a");
		assertThatIllegalArgumentException().isThrownBy(() -> a.elections.declare("REPORTS"));
		assertThat(a.elections.declare("reports")).isSameAs(a.elections.get("reports"));
	}

	@Test
	void refusesALeaseShorterThanTwiceTheStoreTimeout() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> build((builder) -> builder, new ElectionSettings("reports", Duration.ofMillis(999))))
			.withMessageContaining("The lease time of election 'reports', 999 ms, must be at least 1000 ms");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> build((builder) -> builder.leaseTime(Duration.ofMillis(999))))
			.withMessageContaining("The lease time of elections, 999 ms");
	}

	@Test
	void refusesAStoreWithoutTokens() {
		StoreDecorator tokenless = new StoreDecorator(this.store) {

			@Override
			public StoreCapabilities capabilities() {
				return new StoreCapabilities(true, false, true, true, Duration.ZERO);
			}

		};
		try (LeaseEngine engine = LeaseEngine.builder(tokenless).build()) {
			assertThatIllegalArgumentException().isThrownBy(() -> LeaderElections.builder(() -> engine).build())
				.withMessageContaining("gives no fencing tokens");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", " reports", "reports\t" })
	void refusesNamesThatNobodyCouldRead(String name) {
		assertThatIllegalArgumentException().isThrownBy(() -> new ElectionSettings(name, LEASE_TIME))
			.withMessageContaining("The name of an election must have");
	}

	@Test
	void refusesLabelsThatNoStoreTakes() {
		assertThat(ElectionNode.ofNote(new ElectionNode("shop-1", "10.0.0.7:8080").note()))
			.isEqualTo(new ElectionNode("shop-1", "10.0.0.7:8080"));
		assertThat(ElectionNode.ofNote("")).isEqualTo(new ElectionNode("unnamed", null));
		assertThatIllegalArgumentException().isThrownBy(() -> new ElectionNode("two words", null))
			.withMessageContaining("The id of a node must neither be empty nor have spaces");
		assertThatIllegalArgumentException().isThrownBy(() -> new ElectionNode("a", ""))
			.withMessageContaining("The address of a node");
		assertThatIllegalArgumentException().isThrownBy(() -> new ElectionNode("a".repeat(201), null))
			.withMessageContaining("too long");
		assertThatIllegalArgumentException().isThrownBy(() -> new ElectionSettings("reports", Duration.ZERO))
			.withMessageContaining("must be positive");
	}

	private static void awaitLatch(CountDownLatch latch) {
		try {
			assertThat(latch.await(BOUND.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new AssertionError(ex);
		}
	}

}
