package io.concord.lease.redis;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.SslOptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.jedis.JedisClientConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.concord.lease.Lease;
import io.concord.lease.Lease.ReleaseOutcome;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseRequest;
import io.concord.lease.redis.AbstractRedisLeaseStoreIT.Client;
import io.concord.test.Await;
import io.concord.test.net.FreePorts;
import io.concord.test.process.WatchedProcess;
import io.concord.test.redis.PrivateRedisServer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Leases through encrypted connections to a server whose certificate is checked, as a
 * user with the least rights.
 */
@Timeout(120)
class RedisTlsIT {

	private static final Duration BOUND = Duration.ofSeconds(30);

	/** The first handshake of a JVM takes seconds on a busy machine. */
	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private static final String PASSWORD = "changeit";

	private static final String NAMESPACE = "tls";

	@ParameterizedTest
	@EnumSource
	void handsOverThroughTls(Client client, @TempDir Path directory) throws Exception {
		Path keys = makeCertificate(directory);
		int port = FreePorts.find();
		try (PrivateRedisServer server = PrivateRedisServer
			.start(List.of("--tls-port", Integer.toString(port), "--tls-cert-file",
					directory.resolve("cert.pem").toString(), "--tls-key-file", directory.resolve("key.pem").toString(),
					"--tls-ca-cert-file", directory.resolve("cert.pem").toString(), "--tls-auth-clients", "no"))) {
			RedisAccessIT.permit(server, RedisAccessIT.ALL_NEEDED, NAMESPACE);
			RedisConnectionFactory factory = connect(client, port, keys);
			try (RedisLeaseStore first = new RedisLeaseStore(factory, NAMESPACE);
					RedisLeaseStore second = new RedisLeaseStore(factory, NAMESPACE);
					LeaseEngine holder = LeaseEngine.builder(first).storeTimeout(TIMEOUT).build();
					LeaseEngine waiter = LeaseEngine.builder(second).storeTimeout(TIMEOUT).build()) {
				Lease lease = holder.acquire(request()).orElseThrow();
				CompletableFuture<Lease> waiting = CompletableFuture
					.supplyAsync(() -> waiter.acquire(request()).orElseThrow());
				Await.until("it stands in line", BOUND,
						() -> !server.list("KEYS", "concord:" + NAMESPACE + ":lease:*}:h:*").isEmpty());
				assertThat(lease.release()).isEqualTo(ReleaseOutcome.RELEASED);
				Lease next = waiting.get(BOUND.toSeconds(), TimeUnit.SECONDS);
				assertThat(next.token()).isGreaterThan(lease.token());
				assertThat(next.release()).isEqualTo(ReleaseOutcome.RELEASED);
			}
			finally {
				Client.disconnect(factory);
			}
		}
	}

	private static LeaseRequest request() {
		return LeaseRequest.exclusive("tls", BOUND, Duration.ofMinutes(1));
	}

	private static RedisConnectionFactory connect(Client client, int port, Path trusted) throws Exception {
		RedisStandaloneConfiguration server = new RedisStandaloneConfiguration("127.0.0.1", port);
		server.setUsername(RedisAccessIT.USER);
		server.setPassword(AbstractRedisLeaseStoreIT.PASSWORD);
		return (client == Client.LETTUCE) ? lettuce(server, trusted) : jedis(server, trusted);
	}

	private static RedisConnectionFactory lettuce(RedisStandaloneConfiguration server, Path trusted) {
		SslOptions ssl = SslOptions.builder().jdkSslProvider().truststore(trusted.toFile(), PASSWORD).build();
		LettuceConnectionFactory factory = new LettuceConnectionFactory(server,
				LettuceClientConfiguration.builder()
					.clientOptions(ClientOptions.builder().sslOptions(ssl).build())
					.useSsl()
					.build());
		factory.afterPropertiesSet();
		factory.start();
		return factory;
	}

	private static RedisConnectionFactory jedis(RedisStandaloneConfiguration server, Path trusted) throws Exception {
		KeyStore keys = KeyStore.getInstance(trusted.toFile(), PASSWORD.toCharArray());
		TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
		trust.init(keys);
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(null, trust.getTrustManagers(), null);
		SSLParameters parameters = new SSLParameters();
		// Without it, any certificate of somebody trusted will do.
		parameters.setEndpointIdentificationAlgorithm("HTTPS");
		JedisConnectionFactory factory = new JedisConnectionFactory(server,
				JedisClientConfiguration.builder()
					.useSsl()
					.sslSocketFactory(context.getSocketFactory())
					.sslParameters(parameters)
					.and()
					.usePooling()
					.build());
		factory.afterPropertiesSet();
		factory.start();
		return factory;
	}

	/** With what every JDK has. Redis takes PEM. */
	private static Path makeCertificate(Path directory) throws Exception {
		Path keys = directory.resolve("keys.p12");
		try (WatchedProcess keytool = WatchedProcess.start("keytool",
				List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias",
						"redis", "-keyalg", "EC", "-dname", "CN=redis", "-ext", "san=ip:127.0.0.1", "-ext",
						"bc:c=ca:true", "-validity", "2", "-storetype", "PKCS12", "-keystore", keys.toString(),
						"-storepass", PASSWORD),
				Map.of(), null, null)) {
			assertThat(keytool.awaitExit(BOUND)).as(keytool.describe()).isZero();
		}
		KeyStore store = KeyStore.getInstance("PKCS12");
		try (InputStream in = Files.newInputStream(keys)) {
			store.load(in, PASSWORD.toCharArray());
		}
		writePem(directory.resolve("cert.pem"), "CERTIFICATE", store.getCertificate("redis").getEncoded());
		writePem(directory.resolve("key.pem"), "PRIVATE KEY",
				store.getKey("redis", PASSWORD.toCharArray()).getEncoded());
		// A store of a key alone is not taken for one of trusted certificates.
		KeyStore trusted = KeyStore.getInstance("PKCS12");
		trusted.load(null, null);
		trusted.setCertificateEntry("redis", store.getCertificate("redis"));
		Path file = directory.resolve("trusted.p12");
		try (var out = Files.newOutputStream(file)) {
			trusted.store(out, PASSWORD.toCharArray());
		}
		return file;
	}

	private static void writePem(Path file, String type, byte[] content) throws IOException {
		Files.writeString(file,
				"-----BEGIN " + type + "-----\n"
						+ Base64.getMimeEncoder(64, new byte[] { '\n' }).encodeToString(content) + "\n-----END " + type
						+ "-----\n");
	}

}
