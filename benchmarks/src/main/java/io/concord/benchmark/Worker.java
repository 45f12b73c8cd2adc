package io.concord.benchmark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

import com.sun.management.OperatingSystemMXBean;
import org.jspecify.annotations.Nullable;

/**
 * A process that measures. It connects to who started it, and answers each line with one:
 * {@code ok} and a result, or {@code failed} and why. Ways to lock are opened when they
 * are first used and stay open, as in an application. Its end is that of the connection.
 *
 * <pre>
 * throughput &lt;contender&gt; own|same &lt;threads&gt; &lt;begin, ns&gt; &lt;ns&gt;      how often, ns of CPU
 * hand-over  &lt;contender&gt; &lt;key&gt; &lt;file&gt; &lt;side&gt; &lt;ms&gt;           ns of each
 * counted-throughput, counted-hand-over                          the same; statements are counted
 * statements                                                     how many were counted
 * memory     &lt;contender&gt; threads|objects &lt;number&gt;             bytes, threads, resident bytes
 * ids        &lt;contender&gt; &lt;threads&gt; &lt;begin, ns&gt; &lt;ns&gt;             how many, ns of CPU
 * rates      &lt;contender&gt; &lt;scenario&gt; &lt;begin, ns&gt; &lt;ns&gt;            how many, ns of CPU
 * counted-rates                                                  the same; statements are counted
 * id-waits   &lt;contender&gt; &lt;ns&gt;                                percentiles of a call, ns
 * stand      &lt;election contender&gt; &lt;number&gt; &lt;lease, ms&gt;           the last of them is asked
 * await-leadership &lt;election contender&gt;                             when it was seen to lead, ns
 * leave      &lt;election contender&gt;                                   when it began to, ns
 * led-after  &lt;election contender&gt; &lt;ns&gt;                         looks, ns to the last
 * </pre>
 */
final class Worker {

	private static final int CONNECT_TRIES = 10;

	private final Addresses addresses;

	private final CountedStatements statements = new CountedStatements();

	private final Map<String, Locks> opened = new HashMap<>();

	private final Map<String, IdSource> ids = new HashMap<>();

	private final Map<String, RateSource> rates = new HashMap<>();

	private final Map<String, Lookups> lookups = new HashMap<>();

	private final Map<String, Candidate> candidates = new HashMap<>();

	private Worker(Addresses addresses) {
		this.addresses = addresses;
	}

	/**
	 * Runs a worker.
	 * @param args the port to connect to and the addresses of the servers
	 * @throws IOException if the connection breaks
	 */
	public static void main(String[] args) throws IOException {
		Worker worker = new Worker(Addresses.decode(args[1]));
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
				BufferedReader in = new BufferedReader(
						new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
				PrintWriter out = new PrintWriter(socket.getOutputStream(), true, StandardCharsets.UTF_8)) {
			for (String line = in.readLine(); line != null; line = in.readLine()) {
				out.println(worker.answer(line.split("\t")));
			}
		}
		finally {
			// Whatever threads a way has left, and whoever waits for ever.
			Runtime.getRuntime().halt(0);
		}
	}

	private String answer(String[] words) {
		try {
			return "ok " + result(words);
		}
		catch (Exception ex) {
			ex.printStackTrace();
			return "failed " + ex.toString().replace('\n', ' ');
		}
	}

	private String result(String[] words) throws Exception {
		return switch (words[0]) {
			case "throughput", "counted-throughput" -> {
				Locks locks = locks(words);
				yield throughput(Integer.parseInt(words[3]), (thread) -> {
					String key = words[2].equals("same") ? "hot" : "own-" + thread;
					return () -> {
						locks.acquire(key).release();
						return 1;
					};
				}, words[4], words[5]);
			}
			case "ids" -> throughput(Integer.parseInt(words[2]), ids(words)::work, words[3], words[4]);
			case "rates", "counted-rates" -> {
				RateScenario scenario = RateScenario.valueOf(words[2]);
				RateSource source = rates(words, scenario.rate());
				yield throughput(scenario.threads(), (thread) -> scenario.work(source, thread), words[3], words[4]);
			}
			case "id-waits" -> ids(words).waits(Long.parseLong(words[2]))
				.stream()
				.map(String::valueOf)
				.collect(Collectors.joining(","));
			case "hashing" -> lookups(words).measure(Long.parseLong(words[3]))
				.stream()
				.map(String::valueOf)
				.collect(Collectors.joining(","));
			case "hand-over", "counted-hand-over" -> HandOvers
				.run(locks(words), words[2], Path.of(words[3]), Integer.parseInt(words[4]), Long.parseLong(words[5]))
				.stream()
				.map(String::valueOf)
				.collect(Collectors.joining(","));
			case "statements" -> Long.toString(this.statements.count());
			case "memory" ->
				WaitingMemory.measure(locks(words), words[2].equals("objects"), Integer.parseInt(words[3]));
			case "stand" -> stand(words[1], Integer.parseInt(words[2]), Duration.ofMillis(Long.parseLong(words[3])));
			case "await-leadership" -> Long.toString(candidate(words).awaitLeadership());
			case "leave" -> {
				long begin = System.nanoTime();
				candidate(words).leave();
				yield Long.toString(begin);
			}
			case "led-after" -> Arrays.stream(candidate(words).ledAfter(Long.parseLong(words[2])))
				.mapToObj(String::valueOf)
				.collect(Collectors.joining(","));
			default -> throw new IllegalArgumentException("Unknown: " + words[0]);
		};
	}

	private static String throughput(int threads, IntFunction<Throughput.Work> works, String begin, String nanos)
			throws Exception {
		long before = cpuNanos();
		long count = Throughput.count(threads, works, Long.parseLong(begin), Long.parseLong(nanos));
		return count + "," + (cpuNanos() - before);
	}

	private String stand(String contender, int number, Duration leaseTime) throws Exception {
		for (int i = 0; i < number; i++) {
			Standing standing = ElectionContender.valueOf(contender).open(this.addresses, this.statements, leaseTime);
			this.candidates.put(contender, new Candidate(standing));
		}
		return "";
	}

	private Candidate candidate(String[] words) {
		return Objects.requireNonNull(this.candidates.get(words[1]), words[1]);
	}

	private static long cpuNanos() {
		return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
	}

	private Lookups lookups(String[] words) {
		return this.lookups.computeIfAbsent(words[1] + " " + words[2],
				(name) -> new Lookups(HashingContender.valueOf(words[1]).over(Integer.parseInt(words[2]))));
	}

	private IdSource ids(String[] words) {
		return this.ids.computeIfAbsent(words[1], (name) -> new IdSource(IdContender.valueOf(name).open()));
	}

	private RateSource rates(String[] words, long rate) throws Exception {
		boolean counted = words[0].startsWith("counted-");
		String name = words[1] + " " + rate + (counted ? " counted" : "");
		@Nullable RateSource source = this.rates.get(name);
		if (source == null) {
			RateSource opened = RateContender.valueOf(words[1])
				.open(this.addresses, counted ? this.statements : (pool) -> pool, rate);
			connect(() -> opened.tryAcquire(RateScenario.HOT_KEY));
			this.rates.put(name, opened);
			source = opened;
		}
		return source;
	}

	private Locks locks(String[] words) throws Exception {
		boolean counted = words[0].startsWith("counted-");
		String name = words[1] + (counted ? " counted" : "");
		@Nullable Locks locks = this.opened.get(name);
		if (locks == null) {
			Locks opened = Contender.valueOf(words[1]).open(this.addresses, counted ? this.statements : (pool) -> pool);
			connect(() -> {
				opened.acquire("first").release();
				return true;
			});
			this.opened.put(name, opened);
			locks = opened;
		}
		return locks;
	}

	/**
	 * The first call loads classes and connects. On a loaded machine that takes longer
	 * than the time-outs of some.
	 */
	private static void connect(Callable<Boolean> first) throws Exception {
		for (int left = CONNECT_TRIES; true; left--) {
			try {
				first.call();
				return;
			}
			catch (Exception ex) {
				if (left == 0) {
					throw ex;
				}
			}
		}
	}

}
