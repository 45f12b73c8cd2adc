package io.concord.architecture.planted.lock;

import io.concord.architecture.planted.lease.SeesLock;

public class Lock {

	Class<?> type = SeesLock.class;

}
