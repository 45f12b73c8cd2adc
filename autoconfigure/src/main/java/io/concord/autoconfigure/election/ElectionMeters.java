package io.concord.autoconfigure.election;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.event.ContextRefreshedEvent;

import io.concord.election.LeaderChangedEvent;
import io.concord.election.LeaderElection;
import io.concord.election.LeaderElections;

/**
 * Meters of each election, from the start of the context on; of one that appears later,
 * as soon as it has a leader.
 */
final class ElectionMeters implements ApplicationListener<ApplicationEvent> {

	private final LeaderElections elections;

	private final MeterRegistry registry;

	private final Set<String> registered = ConcurrentHashMap.newKeySet();

	ElectionMeters(LeaderElections elections, MeterRegistry registry) {
		this.elections = elections;
		this.registry = registry;
	}

	@Override
	public void onApplicationEvent(ApplicationEvent event) {
		@Nullable Object payload = (event instanceof PayloadApplicationEvent<?> wrapped) ? wrapped.getPayload() : null;
		if (event instanceof ContextRefreshedEvent
				|| (payload instanceof LeaderChangedEvent changed && !this.registered.contains(changed.election()))) {
			this.elections.all().forEach(this::register);
		}
	}

	private void register(LeaderElection election) {
		if (!this.registered.add(election.name())) {
			return;
		}
		Gauge.builder("concord.election.leader", election, (one) -> one.isLeader() ? 1 : 0)
			.description("Whether this node leads")
			.tag("name", election.name())
			.register(this.registry);
		Gauge
			.builder("concord.election.term", election,
					(one) -> one.leader().map((leader) -> (double) leader.term()).orElse(Double.NaN))
			.description("Term of the leader, to the precision of a double")
			.tag("name", election.name())
			.register(this.registry);
		FunctionCounter.builder("concord.election.changes", election, (one) -> one.status().changes())
			.description("Leaders that this node has seen")
			.tag("name", election.name())
			.register(this.registry);
		FunctionCounter
			.builder("concord.election.leaderless", election,
					(one) -> one.status().timeWithoutLeader().toNanos() / 1_000_000_000.0)
			.description("Time for which this node has known of no leader")
			.baseUnit("seconds")
			.tag("name", election.name())
			.register(this.registry);
	}

}
