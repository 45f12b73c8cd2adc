package io.concord.lease.redis;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.lettuce.core.cluster.SlotHash;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.core.script.RedisScript;

import io.concord.lease.Claim;
import io.concord.lease.Fence;
import io.concord.lease.Fenced;
import io.concord.lease.FencedOutException;
import io.concord.test.redis.RedisServer;
import io.concord.test.redis.RedisServerTest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

@RedisServerTest
@ParameterizedClass
@ValueSource(strings = { "lettuce", "jedis" })
class RedisFencingGuardIT {

	private static final RedisScript<Long> SET = RedisScript
		.of("redis.call('SET', KEYS[1], ARGV[1]) return tonumber(ARGV[1]) -- the end", Long.class);

	private static final RedisScript<String> GET = RedisScript.of("return redis.call('GET', KEYS[1])", String.class);

	/** More than a Lua number or a long of 53 bits can tell apart. */
	private static final long TOKEN = (1L << 53) * 1_000;

	private static final List<String> APPLES = List.of("{shop}:apples");

	private static final AtomicLong owners = new AtomicLong();

	private final RedisServer server;

	private final String client;

	private LettuceConnectionFactory lettuce;

	private JedisConnectionFactory jedis;

	private StringRedisTemplate redis;

	private RedisFencingGuard guard;

	RedisFencingGuardIT(String client, RedisServer server) {
		this.client = client;
		this.server = server;
	}

	@BeforeEach
	void connect() {
		RedisStandaloneConfiguration configuration = new RedisStandaloneConfiguration(this.server.host(),
				this.server.port());
		this.lettuce = new LettuceConnectionFactory(configuration);
		this.lettuce.afterPropertiesSet();
		this.lettuce.start();
		this.jedis = new JedisConnectionFactory(configuration);
		this.jedis.afterPropertiesSet();
		this.jedis.start();
		this.redis = new StringRedisTemplate(this.lettuce);
		Objects.requireNonNull(this.redis.getConnectionFactory()).getConnection().serverCommands().flushAll();
		this.guard = newGuard();
	}

	@AfterEach
	void disconnect() {
		this.lettuce.destroy();
		this.jedis.destroy();
	}

	private RedisFencingGuard newGuard() {
		return new RedisFencingGuard(this.client.equals("jedis") ? this.jedis : this.lettuce, "shop",
				RedisFencingGuard.DEFAULT_RETENTION);
	}

	@Test
	void passesKeysArgumentsAndResult() {
		Fenced holder = holder(TOKEN);
		assertThat(this.guard.execute(holder, SET, APPLES, "90")).isEqualTo(90);
		assertThat(this.guard.execute(holder, GET, APPLES)).isEqualTo("90");
		assertThat(this.guard.execute(holder, GET, List.of("{shop}:absent"))).isNull();
		assertThat(
				this.guard.<List<?>>execute(holder, list("return { KEYS[1], KEYS[2], ARGV[1], ARGV[2], #KEYS, #ARGV }"),
						List.of("{shop}:a", "b{shop}"), "x", "y"))
			.isEqualTo(List.of("{shop}:a", "b{shop}", "x", "y", 2L, 2L));
		assertThat(this.redis.opsForValue().get("{shop}:apples")).isEqualTo("90");
	}

	@Test
	void refusesAStaleHolder() {
		Fenced stale = holder(TOKEN);
		Fenced next = holder(TOKEN + 1);
		this.guard.execute(stale, SET, APPLES, "90");
		// Reads, which announces it, and only then would write.
		assertThat(newGuard().execute(next, GET, APPLES)).isEqualTo("90");
		assertThatExceptionOfType(FencedOutException.class)
			.isThrownBy(() -> this.guard.execute(stale, SET, APPLES, "80"))
			.withMessageContaining("a later holder has announced token " + (TOKEN + 1))
			.satisfies((ex) -> assertThat(ex.getAnnouncedToken()).isEqualTo(TOKEN + 1));
		// Also one that comes for the first time.
		assertThatExceptionOfType(FencedOutException.class)
			.isThrownBy(() -> newGuard().execute(stale, SET, APPLES, "80"));
		assertThat(newGuard().execute(next, SET, APPLES, "60")).isEqualTo(60);
		assertThat(this.redis.opsForValue().get("{shop}:apples")).isEqualTo("60");
	}

	@Test
	void tellsTheRefusedHolderWhichTokenRefusesIt() {
		this.guard.announce(holder(TOKEN + 1), APPLES);
		AtomicLong refusedBy = new AtomicLong();
		Fence fence = holder(TOKEN).fence();
		Fenced stale = new Fenced() {

			@Override
			public Fence fence() {
				return fence;
			}

			@Override
			public void fencedOutBy(long token) {
				refusedBy.set(token);
			}

		};
		assertThatExceptionOfType(FencedOutException.class)
			.isThrownBy(() -> this.guard.execute(stale, SET, APPLES, "80"));
		assertThat(refusedBy).hasValue(TOKEN + 1);
	}

	@Test
	void announcementStopsEarlierHolders() {
		Fenced stale = holder(1);
		this.guard.announce(holder(2), APPLES);
		assertThatExceptionOfType(FencedOutException.class)
			.isThrownBy(() -> this.guard.execute(stale, SET, APPLES, "80"));
		assertThat(this.redis.hasKey("{shop}:apples")).isFalse();
	}

	@Test
	void refusesAnEqualTokenOfAnotherOwner() {
		this.guard.execute(holder(5), SET, APPLES, "90");
		assertThatExceptionOfType(FencedOutException.class)
			.isThrownBy(() -> this.guard.execute(holder(5), SET, APPLES, "80"))
			.withMessageContaining("has announced the same token");
	}

	@Test
	void refusesAHolderWhoseAnnouncementIsGone() {
		Fenced holder = holder(5);
		this.guard.announce(holder, APPLES);
		assertThat(this.redis.delete("concord:shop:fence:{shop}:lock:stock")).isTrue();
		assertThatExceptionOfType(FencedOutException.class)
			.isThrownBy(() -> this.guard.execute(holder, SET, APPLES, "80"))
			.withMessageContaining("its announcement is missing from concord:shop:fence:{shop}:lock:stock");
	}

	@Test
	void keepsAnnouncementsForTheRetention() {
		this.guard.announce(holder(5), APPLES);
		assertThat(this.redis.getExpire("concord:shop:fence:{shop}:lock:stock"))
			.isBetween(Duration.ofHours(23).toSeconds(), Duration.ofDays(1).toSeconds());
	}

	@Test
	void sharedHoldersStandBackForALaterExclusiveOne() {
		Fence shared = new Fence("lock:stock", 3, "reader", Claim.SHARED);
		this.guard.execute(holder(2), SET, APPLES, "90");
		assertThat(this.guard.execute(() -> shared, SET, APPLES, "80")).isEqualTo(80);
		this.guard.announce(holder(4), APPLES);
		assertThatExceptionOfType(FencedOutException.class)
			.isThrownBy(() -> this.guard.execute(() -> shared, SET, APPLES, "70"));
		Fence limited = new Fence("lock:stock", 9, "one of three", 3);
		assertThatIllegalArgumentException().isThrownBy(() -> this.guard.execute(() -> limited, SET, APPLES, "60"))
			.withMessageContaining("Up to 3 may hold");
	}

	@Test
	void refusesKeysBesideWhichNothingCanBePut() {
		Fenced holder = holder(5);
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.guard.execute(holder, SET, List.of("{a}:1", "{b}:2"), "80"))
			.withMessageContaining("have different hash tags");
		assertThatIllegalArgumentException().isThrownBy(() -> this.guard.execute(holder, SET, List.of("a}b"), "80"))
			.withMessageContaining("no other key can be put beside it");
		assertThatIllegalArgumentException().isThrownBy(() -> this.guard.execute(holder, SET, List.of(), "80"))
			.withMessageContaining("needs at least one key");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.guard.execute(holder, RedisScript.of("#!lua\nreturn 1", Long.class), APPLES))
			.withMessageContaining("can't begin with '#!'");
	}

	@Test
	void keepsTheFenceInTheSlotOfTheKeys() {
		for (String key : List.of("plain", "{tag}", "x{tag}y{other}", "open{", "{}empty".replace("}", ""))) {
			this.guard.announce(holder(1), List.of(key));
			String fence = Objects.requireNonNull(this.redis.keys("concord:shop:fence:*")).iterator().next();
			assertThat(SlotHash.getSlot(fence)).as(fence).isEqualTo(SlotHash.getSlot(key));
			this.redis.delete(fence);
		}
	}

	@Test
	void failureOfTheScriptIsThatOfTheScript() {
		assertThatExceptionOfType(RuntimeException.class)
			.isThrownBy(() -> this.guard.execute(holder(1),
					RedisScript.of("return redis.error_reply('NOSTOCK sold out')", Long.class), APPLES))
			.satisfies((ex) -> assertThat(ex).isNotInstanceOf(FencedOutException.class)
				.hasStackTraceContaining("NOSTOCK sold out"));
	}

	/** Without any lock: whoever has the newest token wins. */
	@Test
	void noUpdateIsLostAmongManyHolders() {
		AtomicLong tokens = new AtomicLong();
		AtomicInteger written = new AtomicInteger();
		CompletableFuture<?>[] workers = new CompletableFuture<?>[4];
		for (int i = 0; i < workers.length; i++) {
			workers[i] = CompletableFuture.runAsync(() -> {
				for (int turn = 0; turn < 200; turn++) {
					Fenced holder = holder(tokens.incrementAndGet());
					try {
						String seen = this.guard.execute(holder, GET, APPLES);
						this.guard.execute(holder, SET, APPLES,
								Integer.toString((seen != null) ? Integer.parseInt(seen) + 1 : 1));
						written.incrementAndGet();
					}
					catch (FencedOutException ex) {
						// Somebody newer came in between.
					}
				}
			});
		}
		CompletableFuture.allOf(workers).join();
		assertThat(written).hasPositiveValue();
		assertThat(this.redis.opsForValue().get("{shop}:apples")).isEqualTo(Integer.toString(written.get()));
	}

	@SuppressWarnings({ "rawtypes", "unchecked" })
	private static <T extends List> RedisScript<T> list(String text) {
		return (RedisScript<T>) (RedisScript) RedisScript.of(text, List.class);
	}

	private static Fenced holder(long token) {
		Fence fence = new Fence("lock:stock", token, "owner-" + owners.incrementAndGet(), 1);
		return () -> fence;
	}

}
