package io.concord.architecture.planted.lease;

import io.concord.architecture.planted.lock.Lock;

public class SeesLock {

	Class<?> type = Lock.class;

}
