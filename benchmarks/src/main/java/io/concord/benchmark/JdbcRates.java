package io.concord.benchmark;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import javax.sql.DataSource;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.jdbc.PrimaryKeyMapper;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.postgresql.Bucket4jPostgreSQL;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Ways to limit rates on PostgreSQL, but for Concord's.
 */
final class JdbcRates {

	private static final String TABLE = "CREATE TABLE IF NOT EXISTS bucket "
			+ "(id VARCHAR(100) PRIMARY KEY, state BYTEA, expires_at BIGINT)";

	private JdbcRates() {
	}

	static RateSource bucket4j(Addresses addresses, JdbcLocks.Wrapper wrapper, long rate) {
		DataSource pool = JdbcLocks.pool(addresses);
		new JdbcTemplate(pool).execute(TABLE);
		ProxyManager<String> buckets = Bucket4jPostgreSQL.selectForUpdateBasedBuilder(wrapper.wrap(pool))
			.primaryKeyMapper(PrimaryKeyMapper.STRING)
			.table("bucket")
			.build();
		BucketConfiguration configuration = LocalRates.configuration(rate);
		Map<String, Bucket> known = new ConcurrentHashMap<>();
		return (key) -> known
			.computeIfAbsent(key, (name) -> buckets.builder().build(rate + ":" + name, () -> configuration))
			.tryConsume(1);
	}

}
