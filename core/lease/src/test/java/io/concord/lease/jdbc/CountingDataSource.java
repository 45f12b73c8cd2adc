package io.concord.lease.jdbc;

import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Logger;

import javax.sql.DataSource;

/**
 * Writes down what goes over its connections: statements as they are, and BEGIN, COMMIT
 * and ROLLBACK where they happen.
 */
public final class CountingDataSource implements DataSource {

	final List<String> sent = new CopyOnWriteArrayList<>();

	private final DataSource delegate;

	public CountingDataSource(DataSource delegate) {
		this.delegate = delegate;
	}

	/** What was sent, in its order. */
	public List<String> sent() {
		return this.sent;
	}

	@Override
	public Connection getConnection() throws SQLException {
		Connection connection = this.delegate.getConnection();
		return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Connection.class },
				(proxy, method, args) -> {
					switch (method.getName()) {
						case "commit", "rollback" -> this.sent.add(method.getName().toUpperCase(Locale.ROOT));
						case "setAutoCommit" -> {
							if (Boolean.FALSE.equals(args[0])) {
								this.sent.add("BEGIN");
							}
						}
						default -> {
						}
					}
					Object result = invoke(connection, method, args);
					return (result instanceof PreparedStatement statement) ? counted(statement, (String) args[0])
							: result;
				});
	}

	private PreparedStatement counted(PreparedStatement statement, String sql) {
		return (PreparedStatement) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { PreparedStatement.class }, (proxy, method, args) -> {
					if (method.getName().startsWith("execute")) {
						this.sent.add(sql.strip().split("\\s+", 2)[0]);
					}
					return invoke(statement, method, args);
				});
	}

	private static Object invoke(Object target, Method method, Object[] args) throws Throwable {
		try {
			return method.invoke(target, args);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

	@Override
	public Connection getConnection(String username, String password) throws SQLException {
		return getConnection();
	}

	@Override
	public PrintWriter getLogWriter() throws SQLException {
		return this.delegate.getLogWriter();
	}

	@Override
	public void setLogWriter(PrintWriter out) throws SQLException {
		this.delegate.setLogWriter(out);
	}

	@Override
	public void setLoginTimeout(int seconds) throws SQLException {
		this.delegate.setLoginTimeout(seconds);
	}

	@Override
	public int getLoginTimeout() throws SQLException {
		return this.delegate.getLoginTimeout();
	}

	@Override
	public Logger getParentLogger() {
		return Logger.getGlobal();
	}

	@Override
	public <T> T unwrap(Class<T> type) throws SQLException {
		return this.delegate.unwrap(type);
	}

	@Override
	public boolean isWrapperFor(Class<?> type) throws SQLException {
		return this.delegate.isWrapperFor(type);
	}

}
