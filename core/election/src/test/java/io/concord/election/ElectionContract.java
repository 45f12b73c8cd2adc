package io.concord.election;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
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
	void nextInLineLeadsWhenTheLeaderHandsOver(TestReporter reporter) {
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
		reporter.publishEntry(getClass().getSimpleName(), figures);
		// No figure: only that nobody waited for a lease to end.
		assertThat(percentile(millis, 0.5)).as(figures).isLessThan(LEASE_TIME.toMillis());
		assertThat(this.nodes.terms(this.name)).isSorted();
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

}
