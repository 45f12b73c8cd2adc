package io.concord.lease.guard;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;

import javax.sql.DataSource;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.orm.jpa.persistenceunit.DefaultPersistenceUnitManager;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import io.concord.lease.Fence;
import io.concord.lease.FencedOutException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The contract with transactions of JPA, which writes its entities at the commit, after
 * the guard has looked.
 */
abstract class AbstractJpaFencingGuardIT extends AbstractFencingGuardIT {

	private @Nullable EntityManagerFactory entityManagerFactory;

	AbstractJpaFencingGuardIT(String url, String username, String password) {
		super(url, username, password);
	}

	@Override
	protected AbstractPlatformTransactionManager newTransactionManager(DataSource dataSource) {
		JpaTransactionManager transactionManager = new JpaTransactionManager(entityManagerFactory());
		transactionManager.setDataSource(dataSource);
		transactionManager.afterPropertiesSet();
		return transactionManager;
	}

	@Override
	protected boolean hasSavepoints() {
		return false;
	}

	private EntityManagerFactory entityManagerFactory() {
		if (this.entityManagerFactory == null) {
			LocalContainerEntityManagerFactoryBean factory = new LocalContainerEntityManagerFactoryBean();
			DefaultPersistenceUnitManager units = new DefaultPersistenceUnitManager();
			units.setManagedTypes(PersistenceManagedTypes.of(Stock.class.getName()));
			units.setDefaultDataSource(dataSource());
			units.afterPropertiesSet();
			factory.setPersistenceUnitManager(units);
			factory.setDataSource(dataSource());
			factory.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
			factory.setJpaPropertyMap(Map.of("hibernate.hbm2ddl.auto", "none"));
			factory.afterPropertiesSet();
			this.entityManagerFactory = Objects.requireNonNull(factory.getObject());
		}
		return this.entityManagerFactory;
	}

	@AfterAll
	void closeEntityManagerFactory() {
		if (this.entityManagerFactory != null) {
			this.entityManagerFactory.close();
		}
	}

	@Test
	void entitiesOfAStaleHolderAreNotWritten() {
		CommitChecks checks = new CommitChecks();
		AbstractPlatformTransactionManager transactionManager = newTransactionManager(dataSource());
		checks.listenTo(transactionManager);
		EntityManager entities = SharedEntityManagerCreator.createSharedEntityManager(entityManagerFactory());
		TransactionTemplate transactions = new TransactionTemplate(transactionManager);
		Fence stale = new Fence("stock", 1, "stale", 1);
		try (FencingGuard guard = FencingGuard.builder(dataSource(), checks).timeout(Duration.ofSeconds(20)).build()) {
			guard.call(() -> stale, () -> {
				transactions.executeWithoutResult((status) -> entities.find(Stock.class, "apple").items = 90);
				guard.announce(new Fence("stock", 2, "next", 1));
				assertThatExceptionOfType(FencedOutException.class).isThrownBy(() -> transactions
					.executeWithoutResult((status) -> entities.find(Stock.class, "apple").items = 80));
				return true;
			});
		}
		assertThat(new JdbcTemplate(dataSource()).queryForObject("SELECT items FROM stock WHERE sku = 'apple'",
				Integer.class))
			.isEqualTo(90);
	}

	@Test
	void coversItsTransactionManager() {
		StaticListableBeanFactory beans = new StaticListableBeanFactory();
		CommitChecks checks = new CommitChecks();
		checks.setBeanFactory(beans);
		beans.addBean("transactionManager", newTransactionManager(dataSource()));
		checks.afterSingletonsInstantiated();
		try (FencingGuard guard = FencingGuard.builder(dataSource(), checks).build()) {
			assertThat(guard.coversTransactions()).isTrue();
		}
	}

	@Entity
	@Table(name = "stock")
	static class Stock {

		@Id
		private @Nullable String sku;

		@Column
		private int items;

	}

}
