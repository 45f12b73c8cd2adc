package io.concord.election;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.election.ElectionNodes.Node;
import io.concord.lease.StoreDecorator;
import io.concord.lease.local.LocalLeaseStore;

import static io.concord.election.ElectionNodes.await;
import static org.assertj.core.api.Assertions.assertThat;

@Timeout(120)
class SpreadTests {

	private static final Duration LEASE_TIME = Duration.ofSeconds(1);

	private static final Duration INTERVAL = Duration.ofSeconds(5);

	private static final String ME = "me";

	private final LocalLeaseStore store = new LocalLeaseStore();

	private final ElectionNodes nodes = new ElectionNodes(Duration.ofMillis(500));

	private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);

	private final Spread spread = new Spread(() -> ME, this.nanos::get);

	/** Stand for what is elected, and do nothing. */
	private final List<Candidacy> elections = new ArrayList<>();

	@AfterEach
	void close() {
		this.nodes.close();
	}

	private Candidacy election(int number) {
		while (this.elections.size() <= number) {
			Node idle = this.nodes.build("idle", shared(), (builder) -> builder,
					List.of(new ElectionSettings("rule", LEASE_TIME)));
			this.elections.add((Candidacy) idle.election("rule"));
		}
		return this.elections.get(number);
	}

	private StoreDecorator shared() {
		return new StoreDecorator(this.store) {

			@Override
			public void close() {
				// All nodes share it.
			}

		};
	}

	@Test
	void declinesInFavourOfACandidateThatLeadsFewer() {
		assertThat(this.spread.mayDecline(election(0), INTERVAL)).as("who leads nothing").isFalse();
		this.spread.saw(election(1), ME);
		assertThat(this.spread.mayDecline(election(0), INTERVAL)).isTrue();
		assertThat(this.spread.declines(election(0), List.of())).as("nobody else").isFalse();
		assertThat(this.spread.declines(election(0), List.of("me-7.me"))).as("itself").isFalse();
		this.spread.saw(election(2), "busy");
		assertThat(this.spread.declines(election(0), List.of("busy-1"))).as("as many").isFalse();
		assertThat(this.spread.declines(election(0), List.of("busy-1", "idle-1.idle"))).isTrue();
	}

	@Test
	void declinesOnceInAnInterval() {
		this.spread.saw(election(1), ME);
		assertThat(this.spread.declines(election(0), List.of("idle-1"))).isTrue();
		assertThat(this.spread.mayDecline(election(0), INTERVAL)).isFalse();
		this.nanos.addAndGet(INTERVAL.toNanos());
		assertThat(this.spread.mayDecline(election(0), INTERVAL)).isTrue();
	}

	@Test
	void movesOneAtATimeAndOnlyIfThatBalances() {
		this.spread.saw(election(0), ME);
		assertThat(this.spread.hasTooMany(election(0), List.of("idle-1"), INTERVAL)).as("one more").isFalse();
		this.spread.saw(election(1), ME);
		assertThat(this.spread.hasTooMany(election(0), List.of("me-2"), INTERVAL)).as("itself").isFalse();
		assertThat(this.spread.hasTooMany(election(0), List.of("idle-1"), INTERVAL)).as("two more").isTrue();
		assertThat(this.spread.hasTooMany(election(1), List.of("idle-1"), INTERVAL)).as("at once").isFalse();
		this.nanos.addAndGet(INTERVAL.toNanos());
		assertThat(this.spread.hasTooMany(election(1), List.of("idle-1"), INTERVAL)).isTrue();
		this.spread.saw(election(0), "idle");
		this.nanos.addAndGet(INTERVAL.toNanos());
		assertThat(this.spread.hasTooMany(election(1), List.of("idle-1"), INTERVAL)).as("balanced").isFalse();
		this.spread.saw(election(1), null);
		assertThat(this.spread.mayDecline(election(1), INTERVAL)).as("leads nothing any more").isFalse();
	}

	@Test
	void electionsOfOneNodeSpreadOverThoseThatCome() {
		ElectionSettings[] six = IntStream.range(0, 6)
			.mapToObj((number) -> new ElectionSettings("job-" + number, LEASE_TIME, true, true))
			.toArray(ElectionSettings[]::new);
		Node a = this.nodes.start("a", shared(), six);
		await(() -> led(a) == 6, "that the only node leads all");
		Node b = this.nodes.start("b", shared(), six);
		await(() -> led(a) == 3 && led(b) == 3, "that two nodes share them");
		Node c = this.nodes.start("c", shared(), six);
		await(() -> led(a) == 2 && led(b) == 2 && led(c) == 2, "that three nodes share them");
		a.close();
		await(() -> led(b) == 3 && led(c) == 3, "that the two that are left share them");
		for (ElectionSettings one : six) {
			this.nodes.assertSound(one.name());
		}
	}

	private static long led(Node node) {
		return node.elections.all().stream().filter(LeaderElection::isLeader).count();
	}

}
