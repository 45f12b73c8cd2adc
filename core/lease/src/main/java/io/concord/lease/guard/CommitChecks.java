package io.concord.lease.guard;

import java.util.ArrayList;
import java.util.List;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeansException;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.support.ResourceTransactionManager;
import org.springframework.util.ClassUtils;

/**
 * Runs checks before the commit of every transaction that a thread commits while it is in
 * a certain method. A check that throws lets the transaction roll back, and whoever
 * commits gets what it threw.
 *
 * <p>
 * Listens to all transaction managers that are beans, as a bean post-processor, to be
 * declared by a static {@code @Bean} method; to others once they were
 * {@linkplain #listenTo passed to it}. A check runs on the thread that commits, as the
 * last thing before the commit itself, after what else is done before a commit. It does
 * not run for a transaction that is declared read-only, for the end of a savepoint, for a
 * method that joins a transaction, nor for reactive transactions. A commit after the
 * method has ended, or by another thread, is not seen. Thread-safe.
 */
public final class CommitChecks implements BeanPostProcessor, BeanFactoryAware, SmartInitializingSingleton {

	private static final boolean JPA = ClassUtils.isPresent("org.springframework.orm.jpa.JpaTransactionManager",
			CommitChecks.class.getClassLoader());

	/** The checks of the methods that the thread is in, outermost first. */
	private final ThreadLocal<@Nullable List<CommitCheck>> active = new ThreadLocal<>();

	private final TransactionExecutionListener listener = new Listener();

	private @Nullable ListableBeanFactory beanFactory;

	/**
	 * Does something and checks the transactions that are committed meanwhile.
	 * @param <T> type of the result
	 * @param <E> what it throws
	 * @param check the check
	 * @param action what to do, on this thread
	 * @return its result
	 * @throws E what it throws
	 */
	public <T extends @Nullable Object, E extends Throwable> T during(CommitCheck check, Action<T, E> action) throws E {
		List<CommitCheck> outer = this.active.get();
		List<CommitCheck> all = new ArrayList<>((outer != null) ? outer : List.of());
		all.add(check);
		this.active.set(all);
		try {
			return action.run();
		}
		finally {
			if (outer != null) {
				this.active.set(outer);
			}
			else {
				this.active.remove();
			}
		}
	}

	/**
	 * Returns whether a check equal to another is active on this thread.
	 */
	boolean isActive(CommitCheck check) {
		List<CommitCheck> all = this.active.get();
		return all != null && all.contains(check);
	}

	/**
	 * Listens to a transaction manager that is no bean. Repeated calls do nothing more.
	 * @param transactionManager the manager; not yet in use
	 */
	public void listenTo(ConfigurableTransactionManager transactionManager) {
		if (!transactionManager.getTransactionExecutionListeners().contains(this.listener)) {
			transactionManager.addListener(this.listener);
		}
	}

	/** Before proxies are made of it. */
	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof ConfigurableTransactionManager transactionManager) {
			listenTo(transactionManager);
		}
		return bean;
	}

	@Override
	public void setBeanFactory(BeanFactory beanFactory) throws BeansException {
		this.beanFactory = (beanFactory instanceof ListableBeanFactory listable) ? listable : null;
	}

	/** For those that were created before this post-processor. */
	@Override
	public void afterSingletonsInstantiated() {
		if (this.beanFactory != null) {
			this.beanFactory.getBeansOfType(ConfigurableTransactionManager.class, false, false)
				.values()
				.forEach(this::listenTo);
		}
	}

	/**
	 * Returns whether a transaction manager that is a bean manages the transactions of a
	 * DataSource. Creates those that have not been created yet.
	 */
	boolean manages(DataSource dataSource) {
		return this.beanFactory != null && this.beanFactory.getBeansOfType(ConfigurableTransactionManager.class)
			.values()
			.stream()
			.anyMatch((transactionManager) -> dataSourceOf(transactionManager) == dataSource
					&& transactionManager.getTransactionExecutionListeners().contains(this.listener));
	}

	private static @Nullable DataSource dataSourceOf(ConfigurableTransactionManager transactionManager) {
		if (transactionManager instanceof ResourceTransactionManager resources
				&& resources.getResourceFactory() instanceof DataSource dataSource) {
			return dataSource;
		}
		return JPA ? Jpa.dataSourceOf(transactionManager) : null;
	}

	/**
	 * Looks at a transaction before its commit.
	 */
	@FunctionalInterface
	public interface CommitCheck {

		/**
		 * Checks, on the thread that commits, inside of the transaction.
		 * @throws RuntimeException if the transaction has to roll back
		 */
		void beforeCommit();

	}

	/**
	 * Something to do.
	 *
	 * @param <T> type of the result
	 * @param <E> what it throws
	 */
	@FunctionalInterface
	public interface Action<T extends @Nullable Object, E extends Throwable> {

		/**
		 * Does it.
		 * @return the result
		 * @throws E if it fails
		 */
		T run() throws E;

	}

	/**
	 * Not a synchronization: where the transaction of one manager is begun inside of that
	 * of another, its synchronizations would run at the commit of the outer one.
	 */
	private final class Listener implements TransactionExecutionListener {

		@Override
		public void beforeCommit(TransactionExecution transaction) {
			List<CommitCheck> checks = CommitChecks.this.active.get();
			if (checks != null && transaction.isNewTransaction() && !transaction.isReadOnly()) {
				checks.forEach(CommitCheck::beforeCommit);
			}
		}

	}

	/** Loaded only if Spring's JPA support is there. */
	private static final class Jpa {

		static @Nullable DataSource dataSourceOf(ConfigurableTransactionManager transactionManager) {
			return (transactionManager instanceof JpaTransactionManager jpa) ? jpa.getDataSource() : null;
		}

	}

}
