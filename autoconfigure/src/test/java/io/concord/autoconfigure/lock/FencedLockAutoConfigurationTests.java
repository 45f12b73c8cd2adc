package io.concord.autoconfigure.lock;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import org.h2.jdbcx.JdbcDataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.BeanCreationException;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.autoconfigure.StartupFailure;
import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.invocation.InvalidAnnotationException;
import io.concord.lease.FencedOutException;
import io.concord.lease.guard.CommitChecks;
import io.concord.lease.guard.FencingGuard;
import io.concord.lease.redis.RedisFencingGuard;
import io.concord.lock.DistributedLock;
import io.concord.lock.HeldLock;
import io.concord.lock.LockLostEvent;
import io.concord.lock.OnLost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Public, as are its beans, for proxies that another class loader makes.
 */
public class FencedLockAutoConfigurationTests {

	private final ApplicationContextRunner withoutDatabase = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class, LockAutoConfiguration.class))
		.withUserConfiguration(Transactions.class)
		.withPropertyValues("concord.backend=local", "spring.application.name=shop");

	private final ApplicationContextRunner runner = this.withoutDatabase
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class))
		.withPropertyValues("spring.datasource.generate-unique-name=true");

	@Test
	void guardsTheTransactionsOfTheApplication() {
		this.runner.withBean(Shop.class).run((context) -> {
			JdbcTemplate jdbc = new JdbcTemplate(context.getBean(DataSource.class));
			context.getBean(Shop.class).write(null, (lock) -> {
				jdbc.execute("CREATE TABLE stock (items INT)");
				jdbc.update("INSERT INTO stock VALUES (100)");
			});
			assertThat(jdbc.queryForObject("SELECT res FROM concord_fence", String.class)).isEqualTo("shop/lock:stock");
			assertThatExceptionOfType(FencedOutException.class)
				.isThrownBy(() -> context.getBean(Shop.class).write(null, (lock) -> {
					jdbc.update("UPDATE stock SET items = 90");
					jdbc.update("UPDATE concord_fence SET token = token + 1");
				}));
			assertThat(jdbc.queryForObject("SELECT items FROM stock", Integer.class)).isEqualTo(100);
			assertThat(tables(context.getBean(DataSource.class))).contains("CONCORD_FENCE")
				.doesNotContain("CONCORD_LEASE");
		});
	}

	@Test
	void needsNoTableIfNothingIsFenced() {
		this.runner.withBean(LenientShop.class)
			.withPropertyValues("concord.store-timeout=50ms")
			.run((context) -> assertThat(tables(context.getBean(DataSource.class))).doesNotContain("CONCORD_FENCE"));
	}

	@Test
	void obeysTablePrefixWithSchema() {
		this.runner.withBean(Shop.class).withPropertyValues("concord.jdbc.table-prefix=public.app_").run((context) -> {
			context.getBean(Shop.class).write(null, (lock) -> {
			});
			assertThat(tables(context.getBean(DataSource.class))).contains("APP_FENCE").doesNotContain("CONCORD_FENCE");
		});
	}

	@Test
	void createsNoTableIfToldSo() {
		this.runner.withBean(Shop.class)
			.withPropertyValues("concord.jdbc.initialize-schema=never")
			.run((context) -> assertThat(tables(context.getBean(DataSource.class))).doesNotContain("CONCORD_FENCE"));
	}

	@Test
	void guardsTheDataSourceThatIsNamed() {
		this.withoutDatabase.withUserConfiguration(TwoDatabases.class)
			.withBean(Shop.class)
			.withPropertyValues("concord.guard.data-source=orders")
			.run((context) -> {
				context.getBean(Shop.class).write(null, (lock) -> {
				});
				assertThat(tables(context.getBean("orders", DataSource.class))).contains("CONCORD_FENCE");
				assertThat(tables(context.getBean("archive", DataSource.class))).doesNotContain("CONCORD_FENCE");
			});
	}

	@Test
	void refusesSeveralDatabasesOfWhichNoneStandsOut() {
		this.withoutDatabase.withUserConfiguration(TwoDatabases.class).withBean(Shop.class).run((context) -> {
			InvalidConcordConfigurationException failure = StartupFailure.of(context);
			assertThat(failure).hasMessageContaining("has several: 'orders', 'archive'");
			assertThat(failure.getAction()).contains("concord.guard.data-source").contains("@Primary");
		});
	}

	@Test
	void refusesANameThatNoDatabaseHas() {
		this.withoutDatabase.withUserConfiguration(TwoDatabases.class)
			.withBean(Shop.class)
			.withPropertyValues("concord.guard.data-source=order")
			.run((context) -> {
				InvalidConcordConfigurationException failure = StartupFailure.of(context);
				assertThat(failure).hasMessageContaining("The property 'concord.guard.data-source' is 'order'");
				assertThat(failure.getAction()).contains("'orders', 'archive'");
			});
	}

	@Test
	void refusesADatabaseWithoutTransactions() {
		this.withoutDatabase.withUserConfiguration(TwoDatabases.class)
			.withBean(Shop.class)
			.withPropertyValues("concord.guard.data-source=archive")
			.run((context) -> assertInvalid(context, "no transaction manager has the DataSource of the guard"));
	}

	@Test
	void refusesToFenceWithoutDatabase() {
		this.withoutDatabase.withBean(Shop.class).run((context) -> {
			InvalidConcordConfigurationException failure = StartupFailure.of(context);
			assertThat(failure).hasMessageContaining("need a DataSource, and the application has none");
			assertThat(failure.getAction()).contains("spring.datasource.url");
		});
	}

	@Test
	void refusesToFenceWithoutSpringJdbc() {
		this.withoutDatabase.withBean(Shop.class)
			.withClassLoader(new FilteredClassLoader("org.springframework.jdbc"))
			.run((context) -> assertInvalid(context, "has fenced = true, but there is no FencingGuard"));
	}

	@Test
	void locksWithoutSpringsTransactions() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class, LockAutoConfiguration.class))
			.withPropertyValues("concord.backend=local")
			.withClassLoader(new FilteredClassLoader("org.springframework.transaction", "org.springframework.jdbc"))
			.withBean(Plain.class)
			.run((context) -> {
				assertThat(context).hasNotFailed().doesNotHaveBean(CommitChecks.class);
				assertThat(context.getBean(Plain.class).isLocked(null)).isTrue();
			});
	}

	@Test
	void backsOffWhenUserDefinesAGuard() {
		this.runner.withUserConfiguration(OwnGuard.class).withBean(Shop.class).run((context) -> {
			context.getBean(Shop.class).write(null, (lock) -> {
			});
			assertThat(context.getBean(FencingGuard.class)).isSameAs(context.getBean("ownGuard"));
		});
	}

	@Test
	void offersAGuardOfRedisWhereThereIsAClient() {
		this.withoutDatabase.run((context) -> assertThatExceptionOfType(BeanCreationException.class)
			.isThrownBy(() -> context.getBean(RedisFencingGuard.class))
			.withRootCauseInstanceOf(InvalidConcordConfigurationException.class));
		this.withoutDatabase.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class))
			.run((context) -> assertThat(context).hasSingleBean(RedisFencingGuard.class));
		this.withoutDatabase.withClassLoader(new FilteredClassLoader("org.springframework.data.redis"))
			.run((context) -> assertThat(context).doesNotHaveBean(RedisFencingGuard.class));
	}

	@Test
	void publishesTheLossOfALock() {
		this.runner.withBean(LenientShop.class)
			.withBean(Losses.class)
			.withPropertyValues("concord.store-timeout=50ms")
			.run((context) -> {
				long token = context.getBean(LenientShop.class).outlive(null);
				List<LockLostEvent> losses = context.getBean(Losses.class).losses;
				assertThat(losses).singleElement().satisfies((loss) -> {
					assertThat(loss.name()).isEqualTo("lenient");
					assertThat(loss.fencingToken()).isEqualTo(token);
				});
			});
	}

	private static void assertInvalid(AssertableApplicationContext context, String message) {
		assertThat(context).hasFailed();
		assertThat(context.getStartupFailure()).isInstanceOf(InvalidAnnotationException.class)
			.hasMessageContaining("@DistributedLock on " + Shop.class.getName() + ".write(HeldLock, Body)")
			.hasMessageContaining(message);
	}

	private static List<String> tables(DataSource dataSource) {
		return new JdbcTemplate(dataSource).queryForList("SELECT table_name FROM information_schema.tables",
				String.class);
	}

	public interface Body {

		void run(HeldLock lock);

	}

	public static class Shop {

		@DistributedLock(name = "stock", fenced = true)
		@Transactional
		public void write(@Nullable HeldLock lock, Body body) {
			body.run(Objects.requireNonNull(lock));
		}

	}

	static class LenientShop {

		/** Until the loss has been told, so that the events are complete. */
		@DistributedLock(name = "lenient", leaseTime = "100ms", onLost = OnLost.EVENT)
		public long outlive(@Nullable HeldLock lock) throws InterruptedException {
			CountDownLatch lost = new CountDownLatch(1);
			Objects.requireNonNull(lock).onLost((reason) -> lost.countDown());
			assertThat(lost.await(60, TimeUnit.SECONDS)).isTrue();
			return lock.fencingToken();
		}

	}

	public static class Plain {

		@DistributedLock
		public boolean isLocked(@Nullable HeldLock lock) {
			return Objects.requireNonNull(lock).isHeld();
		}

	}

	static class Losses {

		private final List<LockLostEvent> losses = new ArrayList<>();

		@EventListener
		void on(LockLostEvent event) {
			this.losses.add(event);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(proxyTargetClass = true)
	static class Transactions {

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnGuard {

		@Bean
		FencingGuard ownGuard(DataSource dataSource, CommitChecks commitChecks) {
			new JdbcTemplate(dataSource)
				.execute("CREATE TABLE own_fence (res VARCHAR(200) PRIMARY KEY, token BIGINT, owner VARCHAR(64))");
			return FencingGuard.builder(dataSource, commitChecks).tablePrefix("own_").build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoDatabases {

		@Bean
		DataSource orders() {
			return h2("orders");
		}

		@Bean
		DataSource archive() {
			return h2("archive");
		}

		@Bean
		JdbcTransactionManager transactionManager(@Qualifier("orders") DataSource orders) {
			return new JdbcTransactionManager(orders);
		}

		private static DataSource h2(String name) {
			JdbcDataSource dataSource = new JdbcDataSource();
			dataSource.setURL("jdbc:h2:mem:" + name + ";DB_CLOSE_DELAY=-1");
			return dataSource;
		}

	}

}
