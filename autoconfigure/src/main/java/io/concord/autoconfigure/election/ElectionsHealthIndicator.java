package io.concord.autoconfigure.election;

import java.util.LinkedHashMap;
import java.util.Map;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

import io.concord.election.LeaderElection;
import io.concord.election.LeaderElections;

/**
 * Tells who leads. Always up, and asks nobody: a node that doesn't lead, or knows of no
 * leader, is none that a restart would cure.
 */
final class ElectionsHealthIndicator implements HealthIndicator {

	private final LeaderElections elections;

	ElectionsHealthIndicator(LeaderElections elections) {
		this.elections = elections;
	}

	@Override
	public Health health() {
		Map<String, Object> details = new LinkedHashMap<>();
		for (LeaderElection election : this.elections.all()) {
			Map<String, Object> detail = new LinkedHashMap<>();
			detail.put("state", election.status().state());
			detail.put("leads", election.isLeader());
			election.leader().ifPresent((leader) -> {
				detail.put("leader", leader.id());
				detail.put("term", Long.toString(leader.term()));
			});
			details.put(election.name(), detail);
		}
		return Health.up().withDetail("elections", details).build();
	}

}
