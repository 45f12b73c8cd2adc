package io.concord.autoconfigure.election;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

import io.concord.autoconfigure.actuate.EndpointFeature;
import io.concord.autoconfigure.actuate.FeatureUnavailableException;
import io.concord.election.ElectionNode;
import io.concord.election.ElectionStatus;
import io.concord.election.Leader;
import io.concord.election.LeaderElection;
import io.concord.election.LeaderElections;
import io.concord.election.UnknownElectionException;
import io.concord.lease.LeaseStoreException;

/**
 * Shows elections on the actuator endpoint. To release one, this node steps down.
 */
final class ElectionEndpointFeature implements EndpointFeature {

	/** Long enough for others to lead, and short enough if there are none. */
	static final Duration PAUSE = Duration.ofSeconds(15);

	private final LeaderElections elections;

	ElectionEndpointFeature(LeaderElections elections) {
		this.elections = elections;
	}

	@Override
	public String selector() {
		return "elections";
	}

	@Override
	public OperationResponseBody here(boolean showKeys) {
		return new Here(this.elections.all().stream().map(ElectionEndpointFeature::describe).toList());
	}

	private static Election describe(LeaderElection election) {
		ElectionStatus status = election.status();
		return new Election(status.name(), status.state(), election.isLeader(), describe(status.leader()),
				status.changes(), status.lastLeaders().stream().map(ElectionEndpointFeature::describe).toList(),
				status.timeWithoutLeader());
	}

	private static @Nullable LeaderBody describe(@Nullable Leader leader) {
		return (leader != null)
				? new LeaderBody(leader.id(), leader.address(), Long.toString(leader.term()), leader.since()) : null;
	}

	@Override
	public @Nullable OperationResponseBody anywhere(String name) {
		return checked(() -> this.elections.inspect(name))
			.map((line) -> new Anywhere(name, describe(line.leader()),
					line.candidates().stream().map(ElectionEndpointFeature::describe).toList(), line.waiting()))
			.orElse(null);
	}

	private static Candidate describe(ElectionNode node) {
		return new Candidate(node.id(), node.address());
	}

	/**
	 * Only the leader itself can step down without harm to what it is doing.
	 */
	@Override
	public OperationResponseBody release(String name) {
		LeaderElection election = checked(() -> this.elections.get(name));
		Leader leader = election.leader().orElse(null);
		if (!election.stepDown(PAUSE)) {
			throw new IllegalArgumentException("This node does not lead it" + ((leader != null) ? ": ask the leader, '"
					+ leader.id() + "'" + ((leader.address() != null) ? " at " + leader.address() : "") : ""));
		}
		return new SteppedDown(name, describe(leader), PAUSE);
	}

	private static <T> T checked(Supplier<T> call) {
		try {
			return call.get();
		}
		catch (UnknownElectionException ex) {
			throw new IllegalArgumentException(ex.getMessage(), ex);
		}
		catch (LeaseStoreException ex) {
			throw new FeatureUnavailableException(String.valueOf(ex.getMessage()), ex);
		}
	}

	/**
	 * Elections of this node.
	 *
	 * @param elections the elections, in the order of their names
	 */
	record Here(List<Election> elections) implements OperationResponseBody {
	}

	/**
	 * An election as this node sees it.
	 *
	 * @param name its name
	 * @param state what this node does
	 * @param leads whether this node leads for certain
	 * @param leader who leads
	 * @param changes how many leaders this node has seen
	 * @param lastLeaders the last of them, the newest first
	 * @param timeWithoutLeader for how long this node has known of none
	 */
	record Election(String name, ElectionStatus.State state, boolean leads, @Nullable LeaderBody leader, long changes,
			List<LeaderBody> lastLeaders, Duration timeWithoutLeader) {
	}

	/**
	 * A leader.
	 *
	 * @param id what it calls itself
	 * @param address where it can be reached
	 * @param term its term, as text: JSON's numbers are too short for it
	 * @param since since when, see {@link Leader#since()}
	 */
	record LeaderBody(String id, @Nullable String address, String term, Instant since) {
	}

	/**
	 * Who stands in an election.
	 *
	 * @param election its name
	 * @param leader who leads
	 * @param candidates who stands in line, in its order
	 * @param waiting how many do
	 */
	record Anywhere(String election, @Nullable LeaderBody leader, List<Candidate> candidates,
			int waiting) implements OperationResponseBody {
	}

	/**
	 * A candidate.
	 *
	 * @param id what it calls itself
	 * @param address where it can be reached
	 */
	record Candidate(String id, @Nullable String address) {
	}

	/**
	 * That this node steps down.
	 *
	 * @param election name of the election
	 * @param released who led until then
	 * @param pause for how long it is no candidate
	 */
	record SteppedDown(String election, @Nullable LeaderBody released,
			Duration pause) implements OperationResponseBody {
	}

}
