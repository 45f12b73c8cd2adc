package io.concord.autoconfigure.lease;

import java.util.Locale;

import io.concord.autoconfigure.Backend;

/**
 * The backends that need a client which the application configures.
 */
enum BackendClient {

	REDIS(Backend.REDIS, "org.springframework.data.redis.connection.RedisConnectionFactory",
			"concord.redis.connection-factory", "org.springframework.boot:spring-boot-starter-data-redis",
			"add the dependency 'org.springframework.boot:spring-boot-starter-data-redis' and set 'spring.data.redis.host'",
			RedisStoreConfiguration.BEAN_NAME),

	JDBC(Backend.JDBC, "javax.sql.DataSource", "concord.jdbc.data-source",
			"org.springframework.boot:spring-boot-starter-jdbc",
			"add the dependency 'org.springframework.boot:spring-boot-starter-jdbc' and the driver of the database, and set 'spring.datasource.url'",
			JdbcStoreConfiguration.BEAN_NAME),

	ZOOKEEPER(Backend.ZOOKEEPER, "org.apache.curator.framework.CuratorFramework", "concord.zookeeper.curator-framework",
			"org.apache.curator:curator-framework",
			"add the dependencies 'org.springframework.cloud:spring-cloud-starter-zookeeper' and 'org.apache.curator:curator-framework', and set 'spring.cloud.zookeeper.connect-string'",
			ZooKeeperStoreConfiguration.BEAN_NAME);

	private final Backend backend;

	private final String clientType;

	private final String beanProperty;

	private final String dependency;

	private final String howToConfigure;

	private final String storeFactory;

	BackendClient(Backend backend, String clientType, String beanProperty, String dependency, String howToConfigure,
			String storeFactory) {
		this.backend = backend;
		this.clientType = clientType;
		this.beanProperty = beanProperty;
		this.dependency = dependency;
		this.howToConfigure = howToConfigure;
		this.storeFactory = storeFactory;
	}

	Backend backend() {
		return this.backend;
	}

	/** Fully qualified name of the client's type, which may not be on the class path. */
	String clientType() {
		return this.clientType;
	}

	String clientTypeName() {
		return this.clientType.substring(this.clientType.lastIndexOf('.') + 1);
	}

	/** The property that names one client bean among several. */
	String beanProperty() {
		return this.beanProperty;
	}

	String dependency() {
		return this.dependency;
	}

	/** As the rest of a sentence. */
	String howToConfigure() {
		return this.howToConfigure;
	}

	/** Name of the {@link StoreFactory} bean, which is there if its libraries are. */
	String storeFactory() {
		return this.storeFactory;
	}

	/** The value as people write it in a property. */
	String value() {
		return value(this.backend);
	}

	static String value(Backend backend) {
		return backend.name().toLowerCase(Locale.ROOT);
	}

}
