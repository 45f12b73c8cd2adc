package io.concord.test.memcached;

import java.util.List;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerSource;
import io.concord.test.server.SharedServerExtension;

class MemcachedServerExtension extends SharedServerExtension<MemcachedServer> implements AfterEachCallback {

	MemcachedServerExtension() {
		super(MemcachedServer.class, ServerKind.MEMCACHED, "a memcached");
	}

	@Override
	protected List<ServerSource<MemcachedServer>> sources() {
		return new MemcachedSources(System::getProperty, System::getenv).forSharedServer();
	}

	@Override
	public void afterEach(ExtensionContext context) {
		server(context).resumeIfPaused();
	}

}
