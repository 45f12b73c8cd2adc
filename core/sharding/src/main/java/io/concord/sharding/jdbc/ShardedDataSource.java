package io.concord.sharding.jdbc;

import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Map;
import java.util.Set;

import javax.sql.DataSource;

import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

import io.concord.sharding.Sharding;

/**
 * Takes connections from the data source of the current shard. Outside of all shards it
 * gives none but throws {@link io.concord.sharding.NoShardException}: a connection to any
 * of them would write where nobody looks. Closes no data source.
 */
public final class ShardedDataSource extends AbstractRoutingDataSource {

	private final Sharding sharding;

	/**
	 * Creates a data source.
	 * @param sharding says which shard is current
	 * @param dataSources the data source of each shard; copied
	 * @throws IllegalArgumentException if they are not those of the shards
	 */
	public ShardedDataSource(Sharding sharding, Map<String, DataSource> dataSources) {
		if (!dataSources.keySet().equals(Set.copyOf(sharding.shards()))) {
			throw new IllegalArgumentException(
					sharding + " needs a data source for each shard, and there are those of " + dataSources.keySet());
		}
		this.sharding = sharding;
		setTargetDataSources(Map.copyOf(dataSources));
		setLenientFallback(false);
		initialize();
	}

	/**
	 * Returns the data source of a shard.
	 * @param shard name of the shard
	 * @return its data source
	 * @throws IllegalArgumentException if there is no such shard
	 */
	public DataSource dataSourceOf(String shard) {
		DataSource dataSource = getResolvedDataSources().get(shard);
		if (dataSource == null) {
			throw new IllegalArgumentException("There is no shard '" + shard + "' of " + this.sharding);
		}
		return dataSource;
	}

	@Override
	protected Object determineCurrentLookupKey() {
		return this.sharding.requireCurrent();
	}

	/** Asked for by those who look for a pool, also outside of all shards. */
	@Override
	public boolean isWrapperFor(Class<?> type) throws SQLException {
		return type.isInstance(this) || (this.sharding.current().isPresent() && super.isWrapperFor(type));
	}

	@Override
	public <T> T unwrap(Class<T> type) throws SQLException {
		if (!isWrapperFor(type)) {
			throw new SQLFeatureNotSupportedException("The sharded data source is no " + type.getName());
		}
		return super.unwrap(type);
	}

	@Override
	public String toString() {
		return "Data source of " + this.sharding;
	}

}
