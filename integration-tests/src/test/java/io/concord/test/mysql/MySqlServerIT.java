package io.concord.test.mysql;

import io.concord.test.jdbc.AbstractDatabaseServerIT;

/**
 * What {@link MySqlServerTest} and {@link PrivateMySqlServer} promise.
 */
@MySqlServerTest
class MySqlServerIT extends AbstractDatabaseServerIT<PrivateMySqlServer> {

	MySqlServerIT(MySqlServer shared) {
		super(shared, Holder.class);
	}

	@Override
	protected PrivateMySqlServer start() {
		return PrivateMySqlServer.start();
	}

	static final class Holder {

		private Holder() {
		}

		public static void main(String[] args) throws InterruptedException {
			hold(PrivateMySqlServer.start(), PrivateMySqlServer.start());
		}

	}

}
