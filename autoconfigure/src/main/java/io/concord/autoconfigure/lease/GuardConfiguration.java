package io.concord.autoconfigure.lease;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.sql.init.dependency.DatabaseInitializationDependencyConfigurer;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.transaction.ConfigurableTransactionManager;

import io.concord.autoconfigure.ConcordProperties;
import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.guard.CommitChecks;
import io.concord.lease.guard.FencingGuard;

@Configuration(proxyBeanMethods = false)
@ConditionalOnClass({ DatabaseInitializationDependencyConfigurer.class, ResourceDatabasePopulator.class,
		ConfigurableTransactionManager.class })
@Import(DatabaseInitializationDependencyConfigurer.class)
class GuardConfiguration {

	private static final String PROPERTY = "concord.guard.data-source";

	/**
	 * Lazy, as most applications fence nothing: they need neither the table nor the
	 * database.
	 */
	@Bean
	@Lazy
	@ConditionalOnMissingBean
	@DependsOnDatabaseInitialization
	FencingGuard concordFencingGuard(ConcordProperties properties, CommitChecks commitChecks,
			ConfigurableListableBeanFactory beanFactory, Environment environment) {
		DataSource dataSource = dataSource(properties.getGuard().getDataSource(), beanFactory);
		FencingGuard.Builder builder = FencingGuard.builder(dataSource, commitChecks)
			.namespace(Namespace.of(properties, environment))
			.timeout(Durations.positive("concord.store-timeout", properties.getStoreTimeout()));
		try {
			builder.tablePrefix(properties.getJdbc().getTablePrefix());
		}
		catch (IllegalArgumentException ex) {
			throw InvalidConcordConfigurationException.ofProperty("concord.jdbc.table-prefix",
					properties.getJdbc().getTablePrefix(), "but " + ex.getMessage(),
					"Correct it, or remove it for the default.");
		}
		try {
			new LeaseSchema(dataSource, properties.getJdbc(), FencingGuard::schemaLocation).initialize();
			return builder.build();
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidConcordConfigurationException(String.valueOf(ex.getMessage()),
					"Name a DataSource bean of another database by '" + PROPERTY
							+ "', or remove fenced = true from the annotations.",
					ex);
		}
		catch (LeaseStoreException ex) {
			throw new InvalidConcordConfigurationException(String.valueOf(ex.getMessage()),
					"Start the database, or correct the DataSource: its URL, user and password.", ex);
		}
	}

	/**
	 * By default that which Spring Boot gives to its transaction manager, whatever
	 * database the leases are kept in.
	 */
	private static DataSource dataSource(@Nullable String name, ConfigurableListableBeanFactory beanFactory) {
		String[] all = BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beanFactory, DataSource.class);
		if (name != null) {
			if (!beanFactory.containsBean(name) || !beanFactory.isTypeMatch(name, DataSource.class)) {
				throw InvalidConcordConfigurationException.ofProperty(PROPERTY, name,
						"but the application has no DataSource bean of that name.",
						(all.length == 0) ? "Configure a DataSource, such as by 'spring.datasource.url'."
								: "Set it to one of '" + String.join("', '", all) + "'.");
			}
			return beanFactory.getBean(name, DataSource.class);
		}
		DataSource unique = beanFactory.getBeanProvider(DataSource.class).getIfUnique();
		if (unique == null) {
			throw new InvalidConcordConfigurationException((all.length == 0)
					? "Methods with fenced = true need a DataSource, and the application has none."
					: "Methods with fenced = true need the DataSource of their transactions, and the application has several: '"
							+ String.join("', '", all) + "'.",
					(all.length == 0) ? "Configure a DataSource, such as by 'spring.datasource.url'."
							: "Name it by '" + PROPERTY + "', or mark it with @Primary.");
		}
		return unique;
	}

}
