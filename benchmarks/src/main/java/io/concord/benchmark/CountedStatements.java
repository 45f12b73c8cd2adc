package io.concord.benchmark;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicLong;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

/**
 * Counts the statements that go through a {@code DataSource}, commits and rollbacks
 * included, as each is a call to the server. Thread-safe.
 */
final class CountedStatements implements JdbcLocks.Wrapper {

	private final AtomicLong count = new AtomicLong();

	long count() {
		return this.count.get();
	}

	@Override
	public DataSource wrap(DataSource pool) {
		return proxy(DataSource.class, pool);
	}

	private <T> T proxy(Class<T> type, Object target) {
		InvocationHandler handler = (proxy, method, args) -> {
			String name = method.getName();
			if (name.startsWith("execute") || name.equals("commit") || name.equals("rollback")) {
				this.count.incrementAndGet();
			}
			try {
				Object result = method.invoke(target, args);
				// Who asks for the driver's own connection, to listen, needs that.
				return name.equals("unwrap") ? result : wrapped(result);
			}
			catch (InvocationTargetException ex) {
				throw ex.getTargetException();
			}
		};
		return type
			.cast(Proxy.newProxyInstance(CountedStatements.class.getClassLoader(), new Class<?>[] { type }, handler));
	}

	private @Nullable Object wrapped(@Nullable Object result) {
		if (result instanceof Connection) {
			return proxy(Connection.class, result);
		}
		if (result instanceof PreparedStatement) {
			return proxy(PreparedStatement.class, result);
		}
		return (result instanceof Statement) ? proxy(Statement.class, result) : result;
	}

}
