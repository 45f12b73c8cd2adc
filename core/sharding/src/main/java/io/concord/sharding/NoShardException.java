package io.concord.sharding;

import io.concord.ConcordException;

/**
 * A connection was asked for outside of all shards.
 */
public class NoShardException extends ConcordException {

	/**
	 * Creates the exception.
	 * @param sharding name of the sharding
	 */
	public NoShardException(String sharding) {
		super("No shard of '" + sharding + "' is chosen on this thread. Put @ShardBy on a method that is called "
				+ "through its bean, or use Sharding.call; a transaction must begin inside");
	}

}
