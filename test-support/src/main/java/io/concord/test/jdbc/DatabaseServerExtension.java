package io.concord.test.jdbc;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import io.concord.test.server.ServerKind;
import io.concord.test.server.SharedServerExtension;

/**
 * Gives test classes a shared database server, which goes on after a test that left it
 * paused.
 *
 * @param <S> what tests are given
 */
public abstract class DatabaseServerExtension<S extends DatabaseServer> extends SharedServerExtension<S>
		implements AfterEachCallback {

	/**
	 * Create an extension.
	 * @param type what tests are given
	 * @param kind the kind of server
	 */
	protected DatabaseServerExtension(Class<S> type, ServerKind kind) {
		super(type, kind, "a " + kind.title());
	}

	@Override
	public void afterEach(ExtensionContext context) {
		server(context).resumeIfPaused();
	}

}
