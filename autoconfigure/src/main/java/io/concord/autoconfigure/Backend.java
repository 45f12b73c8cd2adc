package io.concord.autoconfigure;

/**
 * What keeps the state that the processes of an application share. In properties any of
 * Spring Boot's spellings is understood, such as {@code redis}.
 */
public enum Backend {

	/** Redis, through the application's {@code RedisConnectionFactory}. */
	REDIS,

	/** A relational database, through the application's {@code DataSource}. */
	JDBC,

	/** ZooKeeper, through the application's {@code CuratorFramework}. */
	ZOOKEEPER,

	/**
	 * The memory of this JVM, which no other process sees: for tests and development.
	 * Only ever used when it is named.
	 */
	LOCAL

}
