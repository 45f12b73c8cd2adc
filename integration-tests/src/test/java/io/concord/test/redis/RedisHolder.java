package io.concord.test.redis;

/**
 * Main class of a JVM that starts a Redis and is killed.
 */
final class RedisHolder {

	private RedisHolder() {
	}

	public static void main(String[] args) throws InterruptedException {
		PrivateRedisServer server = PrivateRedisServer.start();
		System.out.println("server " + server.pid() + " " + server.port());
		Thread.sleep(Long.MAX_VALUE);
	}

}
