package io.concord.autoconfigure.lease;

import javax.sql.DataSource;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.config.BeanDefinitionCustomizer;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.sql.init.dependency.DatabaseInitializationDependencyConfigurer;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.concord.autoconfigure.Backend;
import io.concord.autoconfigure.ConcordClient;
import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.autoconfigure.StartupFailure;
import io.concord.lease.LeaseEngine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Which backend and which of its clients a feature gets. Nothing is connected here.
 */
class BackendChoiceTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class))
		.withUserConfiguration(FeatureConfiguration.class)
		.withAllowBeanDefinitionOverriding(true)
		.withPropertyValues("spring.application.name=shop");

	private final RecordingStoreFactory jdbc = new RecordingStoreFactory();

	private final RecordingStoreFactory redis = new RecordingStoreFactory();

	private final RecordingStoreFactory zooKeeper = new RecordingStoreFactory();

	private final ApplicationContextRunner recorded = this.runner
		.withBean(ZooKeeperStoreConfiguration.BEAN_NAME, StoreFactory.class, () -> this.zooKeeper)
		.withBean(JdbcStoreConfiguration.BEAN_NAME, StoreFactory.class, () -> this.jdbc)
		.withBean(RedisStoreConfiguration.BEAN_NAME, StoreFactory.class, () -> this.redis);

	private final ApplicationContextRunner withDatabase = this.recorded
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
		.withPropertyValues("spring.datasource.generate-unique-name=true");

	private final ApplicationContextRunner withRedis = this.recorded
		.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class));

	private final ApplicationContextRunner withZooKeeper = this.recorded.withBean("curatorFramework",
			CuratorFramework.class, () -> mock());

	private final ApplicationContextRunner withBoth = this.withDatabase
		.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class));

	@Test
	void usesTheDatabaseIfItIsAllThereIs() {
		this.withDatabase.run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(this.jdbc.only().client()).isSameAs(context.getBean(DataSource.class));
			assertThat(description(context))
				.isEqualTo("backend jdbc (bean 'dataSource', the only one), store recorded, namespace 'shop'");
			assertThat(this.redis.opened()).isEmpty();
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "lettuce", "jedis" })
	void usesRedisIfItIsAllThereIs(String clientType) {
		this.withRedis.withPropertyValues("spring.data.redis.client-type=" + clientType).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(this.redis.only().client()).isSameAs(context.getBean(RedisConnectionFactory.class))
				.isInstanceOf(
						clientType.equals("jedis") ? JedisConnectionFactory.class : LettuceConnectionFactory.class);
			assertThat(description(context)).contains("backend redis (bean 'redisConnectionFactory', the only one)");
			assertThat(this.jdbc.opened()).isEmpty();
		});
	}

	@ParameterizedTest
	@CsvSource({ "lettuce, redis.clients", "jedis, io.lettuce" })
	void usesRedisWithoutTheOtherClient(String clientType, String missing) {
		this.withRedis.withClassLoader(new FilteredClassLoader(missing))
			.withPropertyValues("spring.data.redis.client-type=" + clientType)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(this.redis.only().client()).isSameAs(context.getBean(RedisConnectionFactory.class));
			});
	}

	@Test
	void failsWithoutAnyClient() {
		this.runner.run((context) -> {
			InvalidConcordConfigurationException failure = StartupFailure.of(context);
			assertThat(failure).hasMessage(
					"'concord.demo' needs a store, but 'concord.backend' is not set and the application has neither a RedisConnectionFactory nor a DataSource nor a CuratorFramework bean.");
			assertThat(failure.getAction()).contains("concord.backend=jdbc", "concord.backend=redis",
					"concord.backend=zookeeper", "concord.backend=local (one process only", "spring-boot-starter-jdbc",
					"spring-boot-starter-data-redis", "spring-cloud-starter-zookeeper");
		});
	}

	@Test
	void failsWithClientsOfSeveralBackends() {
		this.withBoth.run((context) -> {
			InvalidConcordConfigurationException failure = StartupFailure.of(context);
			assertThat(failure).hasMessageContaining("the clients of several backends")
				.hasMessageContaining("'dataSource' (com.zaxxer.hikari.HikariDataSource)")
				.hasMessageContaining("'redisConnectionFactory' (" + LettuceConnectionFactory.class.getName() + ")");
			assertThat(failure.getAction()).contains("    concord.backend=jdbc", "    concord.backend=redis",
					"'concord.demo.backend'");
		});
	}

	@ParameterizedTest
	@EnumSource(names = { "JDBC", "REDIS" })
	void usesNamedBackend(Backend backend) {
		this.withBoth.withPropertyValues("concord.backend=" + backend).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(this.jdbc.opened()).hasSize((backend == Backend.JDBC) ? 1 : 0);
			assertThat(this.redis.opened()).hasSize((backend == Backend.REDIS) ? 1 : 0);
		});
	}

	@Test
	void featureOverridesCommonBackend() {
		this.withBoth.withPropertyValues("concord.backend=redis", "demo.backend=JDBC").run((context) -> {
			assertThat(this.jdbc.opened()).hasSize(1);
			assertThat(this.redis.opened()).isEmpty();
		});
	}

	@Test
	void opensOneStoreForAllFeaturesOfABackend() {
		this.withBoth.withPropertyValues("concord.backend=redis").run((context) -> {
			LeaseStores stores = context.getBean(LeaseStores.class);
			LeaseEngine engine = stores.engine("demo", null);
			assertThat(stores.engine("other", null)).isSameAs(engine);
			assertThat(stores.engine("third", Backend.REDIS)).isSameAs(engine);
			assertThat(stores.engine("third", Backend.JDBC)).isNotSameAs(engine);
			assertThat(this.redis.opened()).hasSize(1);
			assertThat(this.jdbc.opened()).hasSize(1);
		});
	}

	@Test
	void opensNothingUntilAFeatureAsks() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class))
			.withPropertyValues("concord.store-timeout=-1s")
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(LeaseStores.class));
	}

	@Test
	void usesMemoryOnlyWhenNamed() {
		this.withDatabase.withPropertyValues("concord.backend=local")
			.run((context) -> assertThat(description(context))
				.isEqualTo("backend local, which no other process sees, store memory of this JVM"));
	}

	@Test
	void usesZooKeeperIfItIsAllThereIs() {
		this.withZooKeeper.run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(this.zooKeeper.only().client()).isSameAs(context.getBean(CuratorFramework.class));
			assertThat(description(context)).isEqualTo(
					"backend zookeeper (bean 'curatorFramework', the only one), store recorded, namespace 'shop'");
		});
	}

	@Test
	void isNotSurprisedByAClientForServiceDiscovery() {
		this.withDatabase.withBean("curatorFramework", CuratorFramework.class, () -> mock()).run((context) -> {
			InvalidConcordConfigurationException failure = StartupFailure.of(context);
			assertThat(failure).hasMessageContaining("the clients of several backends")
				.hasMessageContaining("'dataSource'")
				.hasMessageContaining("'curatorFramework'");
			assertThat(failure.getAction()).contains("    concord.backend=jdbc", "    concord.backend=zookeeper");
		});
		this.withDatabase.withBean("curatorFramework", CuratorFramework.class, () -> mock())
			.withPropertyValues("concord.backend=jdbc")
			.run((context) -> {
				assertThat(this.jdbc.opened()).hasSize(1);
				assertThat(this.zooKeeper.opened()).isEmpty();
			});
	}

	@Test
	void curatorOfSpringCloudZookeeperMakesNothingAmbiguous() {
		ApplicationContextRunner discovering = this.withDatabase
			.withBean("curatorFramework", CuratorFramework.class, () -> mock())
			.withBean("zookeeperDiscoveryClient", Object.class, Object::new);
		discovering.run((context) -> assertThat(description(context)).contains("backend jdbc"));
		discovering.withPropertyValues("concord.zookeeper.curator-framework=curatorFramework")
			.run((context) -> assertThat(StartupFailure.of(context))
				.hasMessageContaining("the clients of several backends"));
	}

	@Test
	void choosesCuratorFrameworkLikeDataSource() {
		ApplicationContextRunner two = this.recorded.withBean("leases", CuratorFramework.class, () -> mock())
			.withBean("discovery", CuratorFramework.class, () -> mock());
		two.run((context) -> {
			InvalidConcordConfigurationException failure = StartupFailure.of(context);
			assertThat(failure).hasMessageContaining("several CuratorFramework beans could be used");
			assertThat(failure.getAction()).contains("concord.zookeeper.curator-framework=leases",
					"concord.zookeeper.curator-framework=discovery");
		});
		two.withPropertyValues("concord.zookeeper.curator-framework=leases")
			.run((context) -> assertThat(this.zooKeeper.only().client()).isSameAs(context.getBean("leases")));
	}

	@Test
	void opensStoreInZooKeeperWithoutAConnection() {
		CuratorFramework client = CuratorFrameworkFactory.newClient("localhost:1", new RetryOneTime(1));
		this.runner.withBean("curatorFramework", CuratorFramework.class, () -> client)
			.run((context) -> assertThat(description(context)).contains("store zookeeper (localhost:1)"));
		this.runner.withBean("curatorFramework", CuratorFramework.class, () -> client)
			.withPropertyValues("concord.zookeeper.tick-time=0")
			.run((context) -> assertThat(StartupFailure.of(context))
				.hasMessage("The property 'concord.zookeeper.tick-time' is '0s', but must be at least 1ms."));
	}

	@Test
	void saysWhatToAddIfTheClientOfTheNamedBackendIsMissing() {
		this.runner.withPropertyValues("concord.backend=jdbc").run((context) -> {
			InvalidConcordConfigurationException failure = StartupFailure.of(context);
			assertThat(failure)
				.hasMessage("The backend 'jdbc' was chosen, but the application has no DataSource bean.");
			assertThat(failure.getAction()).contains("org.springframework.boot:spring-boot-starter-jdbc",
					"'spring.datasource.url'");
		});
		this.runner.withPropertyValues("concord.backend=redis").run((context) -> {
			InvalidConcordConfigurationException failure = StartupFailure.of(context);
			assertThat(failure)
				.hasMessage("The backend 'redis' was chosen, but the application has no RedisConnectionFactory bean.");
			assertThat(failure.getAction()).contains("org.springframework.boot:spring-boot-starter-data-redis",
					"'spring.data.redis.host'");
		});
		this.runner.withPropertyValues("concord.backend=zookeeper").run((context) -> {
			InvalidConcordConfigurationException failure = StartupFailure.of(context);
			assertThat(failure)
				.hasMessage("The backend 'zookeeper' was chosen, but the application has no CuratorFramework bean.");
			assertThat(failure.getAction()).contains("org.springframework.cloud:spring-cloud-starter-zookeeper",
					"'spring.cloud.zookeeper.connect-string'");
		});
	}

	@Test
	void saysWhatToAddIfTheLibraryOfTheNamedBackendIsMissing() {
		this.runner.withClassLoader(new FilteredClassLoader("org.springframework.data.redis"))
			.withPropertyValues("concord.backend=redis")
			.run((context) -> assertThat(StartupFailure.of(context).getAction())
				.contains("org.springframework.boot:spring-boot-starter-data-redis"));
		this.runner.withClassLoader(new FilteredClassLoader(DatabaseInitializationDependencyConfigurer.class))
			.withBean("orders", DataSource.class, () -> mock())
			.withPropertyValues("concord.backend=jdbc")
			.run((context) -> {
				InvalidConcordConfigurationException failure = StartupFailure.of(context);
				assertThat(failure)
					.hasMessage("The backend 'jdbc' was chosen, but its libraries are not on the class path.");
				assertThat(failure.getAction()).contains("org.springframework.boot:spring-boot-starter-jdbc");
			});
	}

	@Test
	void worksWithoutTheLibrariesOfOtherBackends() {
		this.withDatabase
			.withClassLoader(new FilteredClassLoader("org.springframework.data.redis", "io.lettuce",
					"org.apache.curator", "org.apache.zookeeper"))
			.run((context) -> assertThat(context).hasNotFailed());
		this.withRedis
			.withClassLoader(new FilteredClassLoader("org.springframework.jdbc", "org.springframework.boot.jdbc",
					"org.springframework.boot.sql"))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void failsWithSeveralDataSources() {
		this.recorded.withBean("orders", DataSource.class, () -> mock())
			.withBean("audit", DataSource.class, () -> mock())
			.run((context) -> {
				InvalidConcordConfigurationException failure = StartupFailure.of(context);
				assertThat(failure)
					.hasMessageContaining("The backend 'jdbc' was chosen, and several DataSource beans could be used")
					.hasMessageContaining("- 'orders' (")
					.hasMessageContaining("- 'audit' (");
				assertThat(failure.getAction()).contains("concord.jdbc.data-source=orders",
						"concord.jdbc.data-source=audit", "@ConcordClient");
			});
	}

	@Test
	void usesNamedDataSource() {
		this.recorded.withBean("orders", DataSource.class, () -> mock(), primary())
			.withBean("audit", DataSource.class, () -> mock())
			.withPropertyValues("concord.jdbc.data-source=audit")
			.run((context) -> {
				assertThat(this.jdbc.only().client()).isSameAs(context.getBean("audit"));
				assertThat(description(context)).contains("(bean 'audit', named by 'concord.jdbc.data-source')");
			});
	}

	@Test
	void failsIfNamedDataSourceIsMissing() {
		this.recorded.withBean("orders", DataSource.class, () -> mock())
			.withPropertyValues("concord.jdbc.data-source=audit")
			.run((context) -> {
				InvalidConcordConfigurationException failure = StartupFailure.of(context);
				assertThat(failure).hasMessageContaining(
						"The property 'concord.jdbc.data-source' is 'audit', but the application has no DataSource bean of that name")
					.hasMessageContaining("- 'orders' (");
				assertThat(failure.getAction()).contains("one of these names");
			});
	}

	@Test
	void usesDataSourceThatIsMarked() {
		this.recorded.withUserConfiguration(MarkedConfiguration.class).run((context) -> {
			assertThat(this.jdbc.only().client()).isSameAs(context.getBean("leases"));
			assertThat(description(context)).contains("(bean 'leases', marked with @ConcordClient)");
		});
	}

	@Test
	void failsWithSeveralDataSourcesThatAreMarked() {
		this.recorded.withUserConfiguration(MarkedConfiguration.class, MoreMarkedConfiguration.class)
			.run((context) -> assertThat(StartupFailure.of(context))
				.hasMessageContaining("several DataSource beans are marked with @ConcordClient")
				.hasMessageContaining("'leases'")
				.hasMessageContaining("'moreLeases'"));
	}

	@Test
	void usesPrimaryDataSource() {
		this.recorded.withBean("orders", DataSource.class, () -> mock(), primary())
			.withBean("audit", DataSource.class, () -> mock())
			.run((context) -> {
				assertThat(this.jdbc.only().client()).isSameAs(context.getBean("orders"));
				assertThat(description(context)).contains("(bean 'orders', the primary one of 2)");
			});
	}

	@Test
	void ignoresDataSourceThatIsForOthers() {
		this.recorded.withBean("orders", DataSource.class, () -> mock())
			.withBean("migrations", DataSource.class, () -> mock(),
					(definition) -> ((AbstractBeanDefinition) definition).setDefaultCandidate(false))
			.withBean("hidden", DataSource.class, () -> mock(), (definition) -> definition.setAutowireCandidate(false))
			.run((context) -> assertThat(this.jdbc.only().client()).isSameAs(context.getBean("orders")));
	}

	@Test
	void doesNotChooseABackendByAClientThatIsForOthers() {
		this.recorded
			.withBean("migrations", DataSource.class, () -> mock(),
					(definition) -> ((AbstractBeanDefinition) definition).setDefaultCandidate(false))
			.run((context) -> assertThat(StartupFailure.of(context)).hasMessageContaining("needs a store"));
		this.recorded
			.withBean("migrations", DataSource.class, () -> mock(),
					(definition) -> ((AbstractBeanDefinition) definition).setDefaultCandidate(false))
			.withPropertyValues("concord.backend=jdbc")
			.run((context) -> {
				InvalidConcordConfigurationException failure = StartupFailure.of(context);
				assertThat(failure).hasMessageContaining("no DataSource bean for general use")
					.hasMessageContaining("'migrations'");
				assertThat(failure.getAction()).contains("concord.jdbc.data-source=migrations");
			});
	}

	@Test
	void usesDataSourceThatIsRegisteredAsAnObject() {
		DataSource dataSource = mock();
		this.recorded.withInitializer((context) -> context.getBeanFactory().registerSingleton("orders", dataSource))
			.run((context) -> assertThat(this.jdbc.only().client()).isSameAs(dataSource));
	}

	@Test
	void usesDataSourceOfParentContext() {
		new ApplicationContextRunner().withBean("orders", DataSource.class, () -> mock())
			.run((parent) -> this.recorded.withParent(parent)
				.run((context) -> assertThat(this.jdbc.only().client()).isSameAs(parent.getBean("orders"))));
	}

	@Test
	void choosesConnectionFactoryLikeDataSource() {
		ApplicationContextRunner two = this.recorded
			.withBean("orders", RedisConnectionFactory.class, () -> mock(RedisConnectionFactory.class))
			.withBean("cache", RedisConnectionFactory.class, () -> mock(RedisConnectionFactory.class));
		two.run((context) -> {
			InvalidConcordConfigurationException failure = StartupFailure.of(context);
			assertThat(failure).hasMessageContaining("several RedisConnectionFactory beans could be used");
			assertThat(failure.getAction()).contains("concord.redis.connection-factory=orders",
					"concord.redis.connection-factory=cache");
		});
		two.withPropertyValues("concord.redis.connection-factory=cache")
			.run((context) -> assertThat(this.redis.only().client()).isSameAs(context.getBean("cache")));
	}

	@Test
	void failsIfNamedConnectionFactoryIsMissing() {
		this.withRedis.withPropertyValues("concord.redis.connection-factory=audit")
			.run((context) -> assertThat(StartupFailure.of(context))
				.hasMessageContaining("The property 'concord.redis.connection-factory' is 'audit'")
				.hasMessageContaining("'redisConnectionFactory'"));
	}

	@Test
	void failsWithUnknownBackend() {
		this.runner.withPropertyValues("concord.backend=rediss")
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.hasStackTraceContaining("'concord.backend'")
				.hasStackTraceContaining("rediss"));
	}

	private static String description(AssertableApplicationContext context) {
		return context.getBean(LeaseStores.class)
			.describe("demo", context.getEnvironment().getProperty("demo.backend", Backend.class));
	}

	private static BeanDefinitionCustomizer primary() {
		return (definition) -> definition.setPrimary(true);
	}

	/**
	 * Asks for an engine at start, as a feature does.
	 */
	@Configuration(proxyBeanMethods = false)
	static class FeatureConfiguration {

		@Bean(destroyMethod = "")
		LeaseEngine demo(LeaseStores stores, Environment environment) {
			return stores.engine("demo", environment.getProperty("demo.backend", Backend.class));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class MarkedConfiguration {

		@Bean
		DataSource orders() {
			return mock();
		}

		@Bean(defaultCandidate = false)
		@ConcordClient
		DataSource leases() {
			return mock();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class MoreMarkedConfiguration {

		@Bean
		@ConcordClient
		DataSource moreLeases() {
			return mock();
		}

	}

}
