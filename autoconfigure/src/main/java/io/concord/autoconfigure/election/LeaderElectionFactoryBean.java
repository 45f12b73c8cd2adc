package io.concord.autoconfigure.election;

import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.ObjectProvider;

import io.concord.election.LeaderElection;
import io.concord.election.LeaderElections;

/**
 * An election that is configured, as a bean.
 */
final class LeaderElectionFactoryBean implements FactoryBean<LeaderElection> {

	private final String name;

	/** Asked late: this is created early, to see what it makes. */
	private final ObjectProvider<LeaderElections> elections;

	LeaderElectionFactoryBean(String name, ObjectProvider<LeaderElections> elections) {
		this.name = name;
		this.elections = elections;
	}

	@Override
	public LeaderElection getObject() {
		return this.elections.getObject().get(this.name);
	}

	@Override
	public Class<?> getObjectType() {
		return LeaderElection.class;
	}

}
