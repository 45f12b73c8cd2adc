package io.concord.test.faults;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks what is handed out in order: fencing tokens. All checks take the operations of
 * one key, look at those that certainly were done, and need no more time than to sort
 * them.
 */
public final class Tokens {

	private Tokens() {
	}

	/**
	 * Finds tokens that were given out more than once.
	 * @param grants what gave them out
	 * @return a finding for each time but the first
	 */
	public static List<Finding> repeats(List<Operation> grants) {
		List<Finding> findings = new ArrayList<>();
		Map<Long, Operation> owners = new HashMap<>();
		for (Operation grant : grants) {
			if (grant.isOk()) {
				Operation first = owners.putIfAbsent(grant.token(), grant);
				if (first != null) {
					findings.add(Finding.of("a token was given out twice", first, grant));
				}
			}
		}
		return findings;
	}

	/**
	 * Finds tokens that are not larger than one that was known before they were asked
	 * for.
	 * @param grants what gave them out
	 * @return a finding for each that is too small
	 */
	public static List<Finding> regressions(List<Operation> grants) {
		return outOfOrder("a token is not larger than one before it", grants, grants, true);
	}

	/**
	 * What a register would have refused that lets nobody write after somebody with a
	 * larger token: finds writes that began after the writer of another with a larger
	 * token, or only the announcement of such a writer, was through.
	 * @param announcements what makes a token the newest, if anything does but the
	 * writes; their end counts
	 * @param commits the writes; their beginning counts, and their end
	 * @return a finding for each write that is stale
	 */
	public static List<Finding> staleWrites(List<Operation> announcements, List<Operation> commits) {
		List<Operation> known = new ArrayList<>(announcements);
		known.addAll(commits);
		return outOfOrder("a write came after one, or an announcement, with a larger token", known, commits, false);
	}

	private static List<Finding> outOfOrder(String rule, List<Operation> before, List<Operation> after,
			boolean strictly) {
		List<Operation> ended = before.stream()
			.filter(Operation::isOk)
			.sorted(Comparator.comparingLong(Operation::returnNs))
			.toList();
		List<Operation> begun = after.stream()
			.filter(Operation::isOk)
			.sorted(Comparator.comparingLong(Operation::invokeNs))
			.toList();
		List<Finding> findings = new ArrayList<>();
		Operation greatest = null;
		int next = 0;
		for (Operation operation : begun) {
			while (next < ended.size() && ended.get(next).returnNs() < operation.invokeNs()) {
				greatest = greater(greatest, ended.get(next++));
			}
			if (greatest != null
					&& (strictly ? operation.token() <= greatest.token() : operation.token() < greatest.token())) {
				findings.add(Finding.of(rule, greatest, operation));
			}
		}
		return findings;
	}

	private static Operation greater(@Nullable Operation a, Operation b) {
		return (a != null && a.token() >= b.token()) ? a : b;
	}

}
