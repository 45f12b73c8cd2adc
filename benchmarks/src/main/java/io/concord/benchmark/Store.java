package io.concord.benchmark;

/**
 * Where locks are kept.
 */
enum Store {

	REDIS("Redis"), POSTGRES("PostgreSQL"), ZOOKEEPER("ZooKeeper");

	private final String title;

	Store(String title) {
		this.title = title;
	}

	String title() {
		return this.title;
	}

}
