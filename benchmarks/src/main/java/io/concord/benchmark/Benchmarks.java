package io.concord.benchmark;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.alibaba.csp.sentinel.SphU;
import com.baomidou.lock.LockTemplate;
import com.github.f4b6a3.tsid.TsidFactory;
import io.github.bucket4j.Bucket;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.hypersistence.tsid.TSID;
import me.ahoo.cosid.CosId;
import net.javacrumbs.shedlock.core.LockProvider;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.redisson.Redisson;
import org.springframework.cloud.gateway.support.HasRouteId;
import org.springframework.integration.support.locks.LockRegistry;

import static java.util.Map.entry;

/**
 * Runs the measurements, prints the figures and writes them into the page.
 */
final class Benchmarks {

	/** In the order in which they run. */
	static final List<BenchmarkGroup> GROUPS = List.of(new UncontendedGroup("redis", Store.REDIS, 2),
			new ContendedGroup("redis-contended", Store.REDIS), new UncontendedGroup("jdbc", Store.POSTGRES, 2),
			new ContendedGroup("jdbc-contended", Store.POSTGRES), new UncontendedGroup("zookeeper", Store.ZOOKEEPER, 3),
			new ContendedGroup("zookeeper-contended", Store.ZOOKEEPER), new MemoryGroup(), new ElectionGroup(),
			new IdsGroup(), new HashingGroup(), new RatesGroup(), new LoadBalancerGroup());

	private static final Map<String, Class<?>> PEERS = Map.ofEntries(entry("Redisson", Redisson.class),
			entry("ShedLock", LockProvider.class), entry("Spring Integration", LockRegistry.class),
			entry("Lock4j", LockTemplate.class), entry("Curator", InterProcessMutex.class), entry("CosId", CosId.class),
			entry("tsid-creator", TsidFactory.class), entry("hypersistence-tsid", TSID.class),
			entry("Bucket4j", Bucket.class), entry("Spring Cloud Gateway", HasRouteId.class),
			entry("resilience4j", RateLimiter.class), entry("Sentinel", SphU.class));

	private Benchmarks() {
	}

	/**
	 * Runs some or all groups.
	 * @param args the groups, separated by commas, or {@code all}; how many rounds; how
	 * many milliseconds each; the page, or nothing to write none
	 * @throws Exception if a measurement fails
	 */
	public static void main(String[] args) throws Exception {
		List<BenchmarkGroup> chosen = choose(args[0]);
		int rounds = Integer.parseInt(args[1]);
		long nanos = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(args[2]));
		Map<String, String> parts = new LinkedHashMap<>();
		try (Servers servers = new Servers()) {
			for (BenchmarkGroup group : chosen) {
				long begin = System.nanoTime();
				String text = group.run(new BenchmarkRun(servers, rounds, nanos)).markdown();
				BenchmarkRun.say("%n%s (%d s)%n%n%s", group.name(),
						TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin), text);
				parts.put(group.name(), text);
			}
			String machine = machine(servers, rounds, nanos);
			BenchmarkRun.say("%s", machine);
			parts.replaceAll((part, text) -> text + "\n" + machine);
		}
		if (args.length > 3 && !args[3].isEmpty()) {
			MarkedPage page = new MarkedPage(Path.of(args[3]));
			for (Map.Entry<String, String> part : parts.entrySet()) {
				page.replace(part.getKey(), part.getValue());
			}
		}
	}

	/**
	 * Finds the groups.
	 * @throws IllegalArgumentException if a word asks for none
	 */
	static List<BenchmarkGroup> choose(String words) {
		List<String> wanted = Stream.of(words.split(",")).map(String::strip).toList();
		for (String word : wanted) {
			if (GROUPS.stream().noneMatch((group) -> group.answersTo(word))) {
				throw new IllegalArgumentException("There is no group '" + word + "'; there are all, contended, "
						+ GROUPS.stream().map(BenchmarkGroup::name).collect(Collectors.joining(", ")));
			}
		}
		return GROUPS.stream().filter((group) -> wanted.stream().anyMatch(group::answersTo)).toList();
	}

	private static String machine(Servers servers, int rounds, long nanos) throws Exception {
		String model = Files.readAllLines(Path.of("/proc/cpuinfo"))
			.stream()
			.filter((line) -> line.startsWith("model name"))
			.map((line) -> line.substring(line.indexOf(':') + 1).strip())
			.findFirst()
			.orElse(System.getProperty("os.arch"));
		String peers = PEERS.entrySet()
			.stream()
			.map((peer) -> peer.getKey() + " " + version(peer.getValue()))
			.sorted()
			.collect(Collectors.joining(", "));
		return String.format(Locale.ROOT,
				"<sub>%s; %d rounds of %d ms; %s, %d cores; Linux %s; Java %s; %s. Load of the machine: %s.</sub>",
				LocalDate.now(ZoneOffset.UTC), rounds, TimeUnit.NANOSECONDS.toMillis(nanos), model,
				Runtime.getRuntime().availableProcessors(), System.getProperty("os.version"),
				System.getProperty("java.version"),
				Stream.of(String.join(", ", servers.describe()), peers)
					.filter((part) -> !part.isEmpty())
					.collect(Collectors.joining("; ")),
				Files.readString(Path.of("/proc/loadavg")).strip().split(" ")[0]);
	}

	/** By the name of its jar. */
	private static String version(Class<?> type) {
		String location = URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString()).getPath();
		return location.replaceAll(".*-([0-9][^/]*?)(\\.jar)?/?$", "$1");
	}

}
