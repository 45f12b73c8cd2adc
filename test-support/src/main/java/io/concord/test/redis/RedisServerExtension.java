package io.concord.test.redis;

import java.util.List;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerSource;
import io.concord.test.server.SharedServerExtension;

class RedisServerExtension extends SharedServerExtension<RedisServer> implements AfterEachCallback {

	RedisServerExtension() {
		super(RedisServer.class, ServerKind.REDIS, "a Redis");
	}

	@Override
	protected List<ServerSource<RedisServer>> sources() {
		return new RedisSources(System::getProperty, System::getenv).forSharedServer();
	}

	@Override
	public void afterEach(ExtensionContext context) {
		server(context).resumeIfPaused();
	}

}
