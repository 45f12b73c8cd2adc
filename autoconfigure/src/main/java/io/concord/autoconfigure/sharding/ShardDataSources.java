package io.concord.autoconfigure.sharding;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.jdbc.DataSourceBuilder;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.autoconfigure.sharding.ShardingProperties.Distribution;
import io.concord.autoconfigure.sharding.ShardingProperties.Jdbc;
import io.concord.sharding.Shardings;
import io.concord.sharding.jdbc.ShardedDataSource;

/**
 * Creates the data sources of nodes that have a URL, and those that route to them.
 */
final class ShardDataSources {

	static final String BEAN_NAME = "concordShardDataSources";

	private final ShardingProperties properties;

	private final ObjectProvider<Shardings> shardings;

	private final NodeBeans nodeBeans;

	ShardDataSources(ShardingProperties properties, ObjectProvider<Shardings> shardings,
			ConfigurableListableBeanFactory beanFactory) {
		this.properties = properties;
		this.shardings = shardings;
		this.nodeBeans = new NodeBeans(ShardedClient.JDBC, beanFactory);
	}

	DataSource node(String sharding, String node) {
		Distribution distribution = Objects.requireNonNull(this.properties.getSharding().get(sharding));
		Jdbc common = distribution.getJdbc();
		Jdbc own = Objects.requireNonNull(distribution.getNodes().get(node)).getJdbc();
		DataSource dataSource;
		String property = ShardingProperties.PREFIX + "." + sharding + ".nodes." + node + ".jdbc";
		try {
			DataSourceBuilder<?> builder = DataSourceBuilder.create(getClass().getClassLoader())
				.url(Objects.requireNonNull(own.getUrl()))
				.username(either(own, common, Jdbc::getUsername))
				.password(either(own, common, Jdbc::getPassword));
			String driver = either(own, common, Jdbc::getDriverClassName);
			dataSource = ((driver != null) ? builder.driverClassName(driver) : builder).build();
		}
		catch (RuntimeException ex) {
			throw new InvalidConcordConfigurationException(
					"The database of node '" + node + "' of sharding '" + sharding
							+ "' can't be as it is described under '" + property + "': " + ex.getMessage(),
					"Correct '" + property + ".url', and add the driver of the database and a connection pool.", ex);
		}
		Map<String, String> pool = new LinkedHashMap<>(common.getPool());
		pool.putAll(own.getPool());
		try {
			new Binder(new MapConfigurationPropertySource(pool)).bind(ConfigurationPropertyName.EMPTY,
					Bindable.ofInstance(dataSource), new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
		}
		catch (BindException ex) {
			throw new InvalidConcordConfigurationException(
					"The properties 'pool' of the database of node '" + node + "' of sharding '" + sharding
							+ "' can't be set on a " + dataSource.getClass().getName() + ": " + pool + ".",
					"Correct '" + property + ".pool', or what it has from '" + ShardingProperties.PREFIX + "."
							+ sharding + ".jdbc.pool'.",
					ex);
		}
		return dataSource;
	}

	private static @Nullable String either(Jdbc own, Jdbc common, Function<Jdbc, @Nullable String> value) {
		String first = value.apply(own);
		return (first != null) ? first : value.apply(common);
	}

	ShardedDataSource routing(String sharding) {
		Distribution distribution = Objects.requireNonNull(this.properties.getSharding().get(sharding));
		return new ShardedDataSource(this.shardings.getObject().get(sharding),
				this.nodeBeans.of(sharding, distribution, DataSource.class));
	}

}
