package io.concord.architecture.planted.lease;

import java.time.Instant;

class ReadsTime {

	long nanoTime() {
		return System.nanoTime();
	}

	long currentTimeMillis() {
		return System.currentTimeMillis();
	}

	Instant now() {
		return Instant.now();
	}

}
