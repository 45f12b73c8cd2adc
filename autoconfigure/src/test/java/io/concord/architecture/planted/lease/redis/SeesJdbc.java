package io.concord.architecture.planted.lease.redis;

import io.concord.architecture.planted.lease.jdbc.JdbcStore;

class SeesJdbc {

	Class<?> type = JdbcStore.class;

}
