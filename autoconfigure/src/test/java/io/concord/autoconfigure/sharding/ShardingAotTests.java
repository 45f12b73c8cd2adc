package io.concord.autoconfigure.sharding;

import java.nio.file.Path;

import javax.sql.DataSource;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.GenericApplicationContext;

import io.concord.autoconfigure.AheadOfTime;
import io.concord.hashing.Partitioner;
import io.concord.sharding.ShardBy;
import io.concord.sharding.Sharding;
import io.concord.sharding.jdbc.ShardedDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs what is generated ahead of time.
 */
public class ShardingAotTests {

	private static final TestPropertyValues PROPERTIES = TestPropertyValues.of(
			"concord.sharding.orders.nodes.a.jdbc.url=jdbc:h2:mem:shard-a",
			"concord.sharding.orders.nodes.b.jdbc.url=jdbc:h2:mem:shard-b", "concord.sharding.orders.mapping.ann=b");

	@Test
	void routes(@TempDir Path directory) throws Exception {
		AheadOfTime.process(ShardingAotTests.class, Shop.class, PROPERTIES, directory);
	}

	/**
	 * Looks at the application that was started from what was generated.
	 * @param initializer name of the generated class
	 */
	public static void run(String initializer) throws Exception {
		try (GenericApplicationContext context = AheadOfTime.start(initializer, PROPERTIES)) {
			Orders orders = context.getBean(Orders.class);
			assertThat(orders.shardOf("ann")).isEqualTo("b");
			assertThat(orders.nodes()).isEqualTo(2);
			assertThat(context.getBean(DataSource.class)).isInstanceOf(ShardedDataSource.class);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@Import(Orders.class)
	@ImportAutoConfiguration({ ShardingAutoConfiguration.class, DataSourceAutoConfiguration.class })
	static class Shop {

	}

	static class Orders {

		private final Sharding sharding;

		private final Partitioner<String> partitioner;

		Orders(Sharding sharding, @Qualifier("orders") Partitioner<String> partitioner) {
			this.sharding = sharding;
			this.partitioner = partitioner;
		}

		@ShardBy("#customer")
		String shardOf(String customer) {
			return this.sharding.requireCurrent();
		}

		int nodes() {
			return this.partitioner.nodes().size();
		}

	}

}
