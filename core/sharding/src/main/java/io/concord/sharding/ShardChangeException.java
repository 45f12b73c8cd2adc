package io.concord.sharding;

import io.concord.ConcordException;

/**
 * Another shard was asked for inside of a transaction, which has its connection already.
 */
public class ShardChangeException extends ConcordException {

	/**
	 * Creates the exception.
	 * @param sharding name of the sharding
	 * @param current the shard of the transaction
	 * @param wanted what was asked for
	 */
	public ShardChangeException(String sharding, String current, String wanted) {
		super("The transaction on this thread works on " + current + " of '" + sharding + "', and can't go on with "
				+ wanted + ". End it first, or do the other part on another thread");
	}

}
