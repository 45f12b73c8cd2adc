package io.concord.lease.zookeeper;

import java.util.EnumSet;
import java.util.Set;

import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;

import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStoreException;

/**
 * What failures of requests mean.
 */
final class Failures {

	/** The client says these itself: the request may have been applied. */
	private static final Set<Code> WITHOUT_ANSWER = EnumSet.of(Code.CONNECTIONLOSS, Code.SESSIONEXPIRED,
			Code.AUTHFAILED, Code.OPERATIONTIMEOUT, Code.REQUESTTIMEOUT, Code.MARSHALLINGERROR, Code.SYSTEMERROR,
			Code.RUNTIMEINCONSISTENCY);

	private Failures() {
	}

	static boolean isWithoutAnswer(@Nullable Code code) {
		return code == null || WITHOUT_ANSWER.contains(code);
	}

	/** Returns whether a request that failed like this may have been applied. */
	static boolean isOutcomeUnknown(Throwable failure) {
		return !(failure instanceof KeeperException refused) || isWithoutAnswer(refused.code());
	}

	static boolean isNoNode(Throwable failure) {
		return failure instanceof KeeperException.NoNodeException;
	}

	/**
	 * Translates a failure.
	 * @param store what the request went to
	 */
	static LeaseStoreException of(String store, Throwable failure) {
		if (!(failure instanceof KeeperException refused)) {
			return new LeaseOutcomeUnknownException("A request to " + store + " failed: " + failure, failure);
		}
		String path = String.valueOf(refused.getPath());
		switch (refused.code()) {
			case UNIMPLEMENTED:
				return new LeaseStoreException("A server of " + store + " is too old: container nodes, which leases"
						+ " need, are there from ZooKeeper 3.5.3 on. Update all servers.", failure);
			case NOAUTH:
				return new LeaseStoreException("The connection to " + store + " may not change " + path
						+ ". Leases need the permissions create, delete, read and write below it.", failure);
			case INVALIDACL:
				return new LeaseStoreException(store + " refuses the ACL that the ACLProvider of the CuratorFramework"
						+ " has for " + path + ": is the connection authenticated?", failure);
			default:
		}
		String message = "A request to " + store + " failed: " + refused.getMessage();
		return isOutcomeUnknown(failure) ? new LeaseOutcomeUnknownException(message, failure)
				: new LeaseStoreException(message, failure);
	}

}
