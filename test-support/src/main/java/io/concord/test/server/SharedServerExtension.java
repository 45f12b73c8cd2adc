package io.concord.test.server;

import java.util.List;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives the test classes of a JVM one server between them, as a parameter of
 * constructors, test and life-cycle methods. It is started for the first class that needs
 * it and ended after the last class of all. If it cannot be started, the class fails.
 *
 * @param <S> what tests are given
 */
public abstract class SharedServerExtension<S> implements BeforeAllCallback, ParameterResolver {

	private static final Namespace NAMESPACE = Namespace.create(SharedServerExtension.class);

	private final Class<S> type;

	private final String kind;

	/**
	 * Create an extension.
	 * @param type what tests are given
	 * @param kind the kind of server, for messages
	 */
	protected SharedServerExtension(Class<S> type, String kind) {
		this.type = type;
		this.kind = kind;
	}

	/**
	 * From where to get the server, the preferred source first.
	 * @return the sources
	 */
	protected abstract List<ServerSource<S>> sources();

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
		// The root's store is closed, and the server with it, after all test classes.
		StartedServer<?> started = context.getRoot()
			.getStore(NAMESPACE)
			.computeIfAbsent(this.type, (type) -> ServerSources.startFirst(this.kind, sources()), StartedServer.class);
		return this.type.cast(started.server());
	}

}
