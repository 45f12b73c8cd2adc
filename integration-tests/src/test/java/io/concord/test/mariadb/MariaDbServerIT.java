package io.concord.test.mariadb;

import io.concord.test.jdbc.AbstractDatabaseServerIT;

/**
 * What {@link MariaDbServerTest} and {@link PrivateMariaDbServer} promise.
 */
@MariaDbServerTest
class MariaDbServerIT extends AbstractDatabaseServerIT<PrivateMariaDbServer> {

	MariaDbServerIT(MariaDbServer shared) {
		super(shared, Holder.class);
	}

	@Override
	protected PrivateMariaDbServer start() {
		return PrivateMariaDbServer.start();
	}

	static final class Holder {

		private Holder() {
		}

		public static void main(String[] args) throws InterruptedException {
			hold(PrivateMariaDbServer.start(), PrivateMariaDbServer.start());
		}

	}

}
