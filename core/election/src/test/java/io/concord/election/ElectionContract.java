package io.concord.election;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.election.ElectionNodes.Node;
import io.concord.lease.LeaseStore;

import static io.concord.election.ElectionNodes.await;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an election promises on whatever store: three nodes, of which the leader stops,
 * steps down, or can't reach the store.
 */
@Timeout(120)
public abstract class ElectionContract {

	private static final Duration STORE_TIMEOUT = Duration.ofSeconds(1);

	private static final Duration LEASE_TIME = Duration.ofMillis(2_500);

	private static final int HAND_OVERS = Integer.getInteger("concord.test.hand-overs", 30);

	/** Until every node has listened, and every script is known. */
	private static final int WARM_UPS = 3;

	private static final int MANY = 10;

	/** Long beside the pause of the first in line. */
	private static final Duration IDLE_LEASE_TIME = Duration.ofSeconds(3);

	/** Longer than a hand-over takes, so that little else comes between. */
	private static final Duration LONG_LEASE_TIME = Duration.ofMinutes(1);

	private final String name = "contract-" + UUID.randomUUID();

	private final ElectionSettings settings = new ElectionSettings(this.name, LEASE_TIME);

	protected final ElectionNodes nodes = new ElectionNodes(STORE_TIMEOUT);

	/** What the election of the test is called. */
	protected final String name() {
		return this.name;
	}

	/**
	 * Opens the way of one node to the store, over connections of its own.
	 * @return a store, closed by the test
	 */
	protected abstract LeaseStore open() throws Exception;

	/**
	 * Returns how many requests the nodes have sent to the server so far, as counted at
	 * their connections.
	 * @return their number; by default that of their store calls
	 */
	protected long requests() {
		return this.nodes.storeCalls();
	}

	/**
	 * Returns what an election costs on the store, as docs/election.md states it.
	 * @return the costs; by default a request for each store call
	 */
	protected Costs costs() {
		return new Costs(1, 1, 1, 2, null);
	}

	private Node first;

	private Node second;

	private Node third;

	@BeforeEach
	void startNodes() throws Exception {
		this.first = this.nodes.start("first", open(), this.settings);
		this.nodes.awaitLeader(this.name);
		this.second = this.nodes.start("second", open(), this.settings);
		this.third = this.nodes.start("third", open(), this.settings);
	}

	@AfterEach
	void closeNodes() {
		this.nodes.assertSound(this.name);
		this.nodes.close();
	}

	@Test
	void oneLeadsAndAllNodesSeeWho() {
		long term = this.first.election(this.name).term();
		for (Node node : List.of(this.first, this.second, this.third)) {
			await(() -> node.election(this.name).leader().isPresent(), "that " + node.id() + " sees the leader");
			Leader leader = node.election(this.name).leader().orElseThrow();
			assertThat(leader.id()).isEqualTo("first");
			assertThat(leader.address()).isEqualTo("first.example:80");
			assertThat(leader.term()).isEqualTo(term);
		}
		assertThat(this.second.election(this.name).isLeader()).isFalse();
		assertThat(this.third.election(this.name).isLeader()).isFalse();
	}

	@Test
	void storeListsCandidatesInTheirOrder() {
		await(() -> line().waiting() == 2, "that both stand in line");
		assertThat(line().leader()).isNotNull().extracting(Leader::id).isEqualTo("first");
		assertThat(line().candidates()).extracting(ElectionNode::id).containsExactlyInAnyOrder("second", "third");
		String next = line().candidates().get(0).id();
		this.first.election(this.name).stepDown(Duration.ofHours(1));
		assertThat(this.nodes.awaitLeaderOtherThan(this.first, this.name).id()).isEqualTo(next);
	}

	private ElectionLine line() {
		return this.first.elections().inspect(this.name).orElseThrow();
	}

	@Test
	void nextInLineLeadsWhenTheLeaderHandsOver() {
		List<Long> millis = new ArrayList<>();
		Node leader = this.first;
		for (int i = -WARM_UPS; i < HAND_OVERS; i++) {
			Node before = leader;
			await(() -> before.elections().inspect(this.name).map((line) -> line.waiting() > 0).orElse(true),
					"somebody in line");
			long begin = System.nanoTime();
			assertThat(leader.election(this.name).stepDown(Duration.ZERO)).isTrue();
			assertThat(leader.election(this.name).isLeader()).isFalse();
			leader = this.nodes.awaitLeaderOtherThan(leader, this.name);
			if (i >= 0) {
				millis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
			}
		}
		Collections.sort(millis);
		String figures = "%d hand-overs: p50 %d ms, p90 %d ms, p99 %d ms".formatted(HAND_OVERS, percentile(millis, 0.5),
				percentile(millis, 0.9), percentile(millis, 0.99));
		say(figures);
		// No figure: only that they were told, or else that nobody waited for a lease to
		// end.
		boolean hints = this.first.engine.store().capabilities().hints();
		Duration bound = hints ? Candidacy.LEAST_PAUSE : LEASE_TIME;
		assertThat(percentile(millis, 0.5)).as(figures).isLessThan(bound.toMillis());
		assertThat(this.nodes.terms(this.name)).isSorted();
	}

	@Test
	void takeOverIsTwoCallsAndWakesOneHoweverManyStandInLine() throws Exception {
		List<Node> many = startMany(LONG_LEASE_TIME);
		boolean hints = many.get(0).engine.store().capabilities().hints();
		Node leader = this.nodes.awaitLeader(this.name);
		while (hints && many.stream().anyMatch((node) -> node.way.hints.get() == 0)) {
			// Until all listen.
			leader.election(this.name).stepDown(Duration.ZERO);
			leader = this.nodes.awaitLeaderOtherThan(leader, this.name);
		}
		List<Long> requests = new ArrayList<>();
		List<Integer> refreshes = new ArrayList<>();
		for (int waiting = MANY - 1; waiting > 0; waiting--) {
			awaitLine(leader, waiting);
			int claimed = sum(many, (node) -> node.way.claims);
			int refreshed = sum(many, (node) -> node.way.refreshes);
			int released = sum(many, (node) -> node.way.releases);
			int told = sum(many, (node) -> node.way.hints);
			long sent = requests();
			leader.election(this.name).stepDown(Duration.ofHours(1));
			leader = this.nodes.awaitLeaderOtherThan(leader, this.name);
			requests.add(requests() - sent);
			refreshes.add(sum(many, (node) -> node.way.refreshes) - refreshed);
			assertThat(sum(many, (node) -> node.way.releases) - released).isEqualTo(1);
			assertThat(sum(many, (node) -> node.way.claims) - claimed).isZero();
			if (hints) {
				assertThat(sum(many, (node) -> node.way.hints) - told).as("woken").isEqualTo(1);
			}
		}
		// What else candidates have to do comes between now and then, and polls do
		// always.
		if (hints) {
			assertThat(Collections.min(refreshes)).as("of %s", refreshes).isEqualTo(1);
			assertThat(Collections.min(requests)).as("of %s", requests).isLessThanOrEqualTo(costs().takeOver());
		}
	}

	@Test
	void idleElectionOfManyCostsWhatIsStated() throws Exception {
		List<Node> many = startMany(IDLE_LEASE_TIME);
		Node leader = this.nodes.awaitLeader(this.name);
		awaitLine(leader, MANY - 1);
		await(() -> many.stream().allMatch((node) -> node.election(this.name).leader().isPresent()),
				"that all see the leader");
		int renewals = leader.way.refreshes.get();
		await(() -> leader.way.refreshes.get() > renewals, "a renewal");
		long begin = System.nanoTime();
		long sent = requests();
		await(() -> leader.way.refreshes.get() > renewals + 3, "a lease time");
		double leaseTimes = (double) (System.nanoTime() - begin) / IDLE_LEASE_TIME.toNanos();
		double each = (requests() - sent) / leaseTimes;
		double stated = costs().ofIdle(MANY, IDLE_LEASE_TIME);
		say("%d candidates, requests in a lease time of %d s: %.0f, stated %.0f; in a minute at 15 s: %.0f".formatted(
				MANY, IDLE_LEASE_TIME.toSeconds(), each, stated,
				4 * costs().ofIdle(MANY, ElectionSettings.DEFAULT_LEASE_TIME)));
		assertThat(leader.election(this.name).isLeader()).isTrue();
		assertThat(each).isBetween(stated / 2, stated * 1.25);
	}

	private void say(String figures) {
		System.out.println(getClass().getSimpleName() + ": " + figures);
	}

	/** In the place of the three. */
	private List<Node> startMany(Duration leaseTime) throws Exception {
		this.nodes.close();
		List<Node> many = new ArrayList<>();
		for (int i = 0; i < MANY; i++) {
			many.add(this.nodes.start("node-" + i, open(), new ElectionSettings(this.name, leaseTime)));
		}
		return many;
	}

	private void awaitLine(Node node, int waiting) {
		await(() -> node.elections().inspect(this.name).orElseThrow().waiting() == waiting, waiting + " in line");
	}

	private static int sum(List<Node> nodes, Function<Node, AtomicInteger> counter) {
		return nodes.stream().mapToInt((node) -> counter.apply(node).get()).sum();
	}

	private static long percentile(List<Long> sorted, double share) {
		return sorted.get((int) Math.ceil(sorted.size() * share) - 1);
	}

	@Test
	void anotherLeadsWhenTheLeaderShutsDown() {
		long term = this.first.election(this.name).term();
		this.first.close();
		Node next = this.nodes.awaitLeaderOtherThan(this.first, this.name);
		assertThat(next.election(this.name).term()).isGreaterThan(term);
		assertThat(this.first.election(this.name).isLeader()).isFalse();
	}

	@Test
	void leaderThatCantReachTheStoreStepsDownBeforeAnotherLeads() throws Exception {
		Leadership lost = this.first.election(this.name).leadership().orElseThrow();
		CompletableFuture<Leadership> revoked = new CompletableFuture<>();
		this.first.election(this.name).addListener(new LeadershipListener() {

			@Override
			public void revoked(Leadership leadership, String reason) {
				revoked.complete(leadership);
			}

		});
		this.first.cut(true);
		Node next = this.nodes.awaitLeaderOtherThan(this.first, this.name);
		assertThat(lost.isHeld()).isFalse();
		assertThat(revoked.get(ElectionNodes.BOUND.toMillis(), TimeUnit.MILLISECONDS)).isSameAs(lost);
		assertThat(next.election(this.name).term()).isGreaterThan(lost.term());
		this.first.cut(false);
		await(() -> this.first.election(this.name).leader().map(Leader::id).equals(Optional.of(next.id())),
				"that the old leader sees the new one");
		this.second.close();
		this.third.close();
		await(() -> this.first.election(this.name).isLeader(), "that the old leader leads again");
		assertThat(this.first.election(this.name).term()).isGreaterThan(lost.term());
	}

	/**
	 * Requests to the server.
	 *
	 * @param renewal for a renewal of the leader
	 * @param waiting to say that a candidate lives, or for it to look whether it leads
	 * @param look to see who leads
	 * @param takeOver at most for a release and the grant of the next in line
	 * @param poll after which time the first in line looks, those behind it in proportion
	 * to their place; null if they wait to be told
	 */
	protected record Costs(double renewal, double waiting, double look, int takeOver, @Nullable Duration poll) {

		double ofIdle(int candidates, Duration leaseTime) {
			double nanos = leaseTime.toNanos();
			double alive = Math.min(nanos * 2 / 9, Duration.ofSeconds(10).toNanos() / 3.0);
			double requests = 3 * this.renewal;
			for (int ahead = 0; ahead < candidates - 1; ahead++) {
				double pause = (this.poll != null) ? Math.min(alive, this.poll.toNanos() * (1.0 + ahead)) : alive;
				requests += nanos / pause * this.waiting + 3 * this.look;
			}
			return requests;
		}

	}

}
