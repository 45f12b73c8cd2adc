package io.concord.architecture.planted.lease;

class SynchronizesMethod {

	synchronized void waitForIt() {
	}

}
