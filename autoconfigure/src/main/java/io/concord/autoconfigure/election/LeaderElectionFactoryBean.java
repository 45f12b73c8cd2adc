package io.concord.autoconfigure.election;

import org.springframework.beans.factory.FactoryBean;

import io.concord.election.LeaderElection;
import io.concord.election.LeaderElections;

/**
 * An election that is configured, as a bean.
 */
final class LeaderElectionFactoryBean implements FactoryBean<LeaderElection> {

	private final String name;

	private final LeaderElections elections;

	LeaderElectionFactoryBean(String name, LeaderElections elections) {
		this.name = name;
		this.elections = elections;
	}

	@Override
	public LeaderElection getObject() {
		return this.elections.get(this.name);
	}

	@Override
	public Class<?> getObjectType() {
		return LeaderElection.class;
	}

}
