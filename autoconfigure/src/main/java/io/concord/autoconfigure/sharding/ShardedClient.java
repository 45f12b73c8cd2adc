package io.concord.autoconfigure.sharding;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

import io.concord.autoconfigure.sharding.ShardingProperties.Node;

/**
 * What connects to nodes. Types that may be absent are known by name.
 */
enum ShardedClient {

	/** Databases. */
	JDBC("javax.sql.DataSource", "io.concord.sharding.jdbc.ShardedDataSource",
			List.of("org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource",
					"org.springframework.boot.jdbc.DataSourceBuilder"),
			"org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails",
			List.of("spring.datasource.url", "spring.datasource.jndi-name"),
			"org.springframework.boot:spring-boot-starter-jdbc", "data-source", "jdbc.url"),

	/** Redis servers. */
	REDIS("org.springframework.data.redis.connection.RedisConnectionFactory",
			"io.concord.sharding.redis.ShardedRedisConnectionFactory",
			List.of("org.springframework.data.redis.connection.RedisConnectionFactory"),
			"org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails",
			List.of("spring.data.redis.url", "spring.data.redis.host", "spring.data.redis.cluster.nodes",
					"spring.data.redis.sentinel.master"),
			"org.springframework.boot:spring-boot-starter-data-redis", "connection-factory", "redis.url");

	private final String type;

	private final String routingType;

	private final List<String> required;

	private final String details;

	private final List<String> properties;

	private final String dependency;

	private final String beanProperty;

	private final String urlProperty;

	ShardedClient(String type, String routingType, List<String> required, String details, List<String> properties,
			String dependency, String beanProperty, String urlProperty) {
		this.type = type;
		this.routingType = routingType;
		this.required = required;
		this.details = details;
		this.properties = properties;
		this.dependency = dependency;
		this.beanProperty = beanProperty;
		this.urlProperty = urlProperty;
	}

	boolean isSupported(ClassLoader classLoader) {
		return this.required.stream().allMatch((name) -> ClassUtils.isPresent(name, classLoader));
	}

	boolean isPresent(Node node) {
		return bean(node) != null || url(node) != null;
	}

	@Nullable String bean(Node node) {
		return (this == JDBC) ? node.getDataSource() : node.getConnectionFactory();
	}

	@Nullable String url(Node node) {
		return (this == JDBC) ? node.getJdbc().getUrl() : node.getRedis().getUrl();
	}

	Class<?> nodeType(ClassLoader classLoader) {
		return ClassUtils.resolveClassName(this.type, classLoader);
	}

	Class<?> routingType(ClassLoader classLoader) {
		return ClassUtils.resolveClassName(this.routingType, classLoader);
	}

	/** Types of beans that make the application have, or get, another client. */
	List<String> otherTypes() {
		return List.of(this.type, this.details);
	}

	/** Properties by which Spring Boot defines a client. */
	List<String> properties() {
		return this.properties;
	}

	/** Name of the bean whose methods create the clients. */
	String factoryBean() {
		return (this == JDBC) ? ShardDataSources.BEAN_NAME : ShardConnectionFactories.BEAN_NAME;
	}

	String typeName() {
		return ClassUtils.getShortName(this.type);
	}

	/** What names of beans end in. */
	String beanSuffix() {
		return (this == JDBC) ? "dataSource" : "connectionFactory";
	}

	String dependency() {
		return this.dependency;
	}

	String beanProperty() {
		return this.beanProperty;
	}

	String urlProperty() {
		return this.urlProperty;
	}

}
