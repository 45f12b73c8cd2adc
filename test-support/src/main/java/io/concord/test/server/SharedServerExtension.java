package io.concord.test.server;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives the test classes of a JVM one server between them, as a parameter of
 * constructors, test and life-cycle methods. It is started for the first class that needs
 * it and ended after the last class of all. If it cannot be started, the class fails if
 * the kind is {@linkplain RequiredServers required} or a certain server was asked for,
 * and is skipped otherwise; it is not tried again for the next class.
 *
 * @param <S> what tests are given
 */
public abstract class SharedServerExtension<S extends TestServer>
		implements ExecutionCondition, BeforeAllCallback, ParameterResolver {

	private static final Namespace NAMESPACE = Namespace.create(SharedServerExtension.class);

	private static final ConditionEvaluationResult ENABLED = ConditionEvaluationResult
		.enabled("no server is known to be missing");

	private final Class<S> type;

	private final ServerKind kind;

	private final String what;

	private final ServerUse use;

	/**
	 * Create an extension.
	 * @param type what tests are given
	 * @param kind the kind of server
	 * @param what what tests need, for messages, such as {@code a Redis}
	 */
	protected SharedServerExtension(Class<S> type, ServerKind kind, String what) {
		this(type, kind, what, ServerUse.ofJvm());
	}

	SharedServerExtension(Class<S> type, ServerKind kind, String what, ServerUse use) {
		this.type = type;
		this.kind = kind;
		this.what = what;
		this.use = use;
	}

	/**
	 * From where to get the server, the preferred source first.
	 * @return the sources
	 */
	protected abstract List<ServerSource<S>> sources();

	/**
	 * Skips a class, not single tests, for a server that is not required.
	 */
	@Override
	public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
		if (context.getTestMethod().isEmpty() && context.getTestClass().isPresent()
				&& attempt(context).failure() instanceof ServerAbsentException absent) {
			this.use.absentFor(context.getUniqueId(), absent);
			return ConditionEvaluationResult.disabled(absent.getMessage());
		}
		return ENABLED;
	}

	@Override
	public void beforeAll(ExtensionContext context) {
		server(context);
	}

	@Override
	public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
		return parameter.getParameter().getType() == this.type;
	}

	@Override
	public S resolveParameter(ParameterContext parameter, ExtensionContext context) {
		return server(context);
	}

	/**
	 * The server that the test classes share.
	 * @param context of any test
	 * @return the started server
	 * @throws ServerStartException if there is none
	 */
	protected final S server(ExtensionContext context) {
		return this.type.cast(attempt(context).server());
	}

	private Attempt attempt(ExtensionContext context) {
		// Closed, and the server with it, after all test classes of the JVM, even if each
		// of them is run by itself, as the build does in several JVMs.
		return context.getStore(StoreScope.LAUNCHER_SESSION, NAMESPACE)
			.computeIfAbsent(this.type, (type) -> attempt(), Attempt.class);
	}

	private Attempt attempt() {
		try {
			return new Attempt(
					ServerSources.startFirst(this.kind, this.what, sources(), RequiredServers.ofJvm(), this.use), null);
		}
		catch (RuntimeException ex) {
			return new Attempt(null, ex);
		}
	}

	private record Attempt(@Nullable StartedServer<?> started,
			@Nullable RuntimeException failure) implements AutoCloseable {

		Object server() {
			if (this.failure != null) {
				throw this.failure;
			}
			if (this.started == null) {
				throw new IllegalStateException("Neither server nor failure");
			}
			return this.started.server();
		}

		@Override
		public void close() {
			if (this.started != null) {
				this.started.close();
			}
		}

	}

}
