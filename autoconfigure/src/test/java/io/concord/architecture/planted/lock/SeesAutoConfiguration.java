package io.concord.architecture.planted.lock;

import io.concord.architecture.planted.autoconfigure.PublicHelper;

class SeesAutoConfiguration {

	Class<?> type = PublicHelper.class;

}
