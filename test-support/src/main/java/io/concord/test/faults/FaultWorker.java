package io.concord.test.faults;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The main part of a worker's process. Obeys the runner, one command a line, over a
 * connection that it makes to it, and answers each with a line of its own; ends when that
 * connection does.
 */
public final class FaultWorker {

	/** Before what the runner is to fail for, with the reason behind it. */
	static final String UNEXPECTED = "UNEXPECTED ";

	static final String READY = "ready";

	static final String DONE = "done";

	static final String JUMP = "jump";

	static final String REST = "rest";

	static final String PROBE = "probe";

	static final String DIE = "die";

	static final String QUIT = "quit";

	/** The number of the thread that obeys. */
	static final int COMMANDS_THREAD = StallMonitor.THREAD - 1;

	private final AtomicLong wallOffset = new AtomicLong();

	private final List<Thread> threads = new ArrayList<>();

	private volatile boolean resting;

	private FaultWorker() {
	}

	/**
	 * Runs until the runner says otherwise, and ends the JVM.
	 * @param args those of the main method, as {@link FaultRun} makes them
	 * @param factory creates what the threads do
	 */
	public static void run(String[] args, Workload.Factory factory) {
		Map<String, String> options = new HashMap<>();
		for (String arg : args) {
			int equals = arg.indexOf('=');
			options.put(arg.substring(0, equals), arg.substring(equals + 1));
		}
		int status = 1;
		try {
			new FaultWorker().run(options, factory);
			status = 0;
		}
		catch (Throwable ex) {
			report("in the main thread", ex);
		}
		finally {
			System.out.flush();
			// Nothing that still runs may keep it.
			Runtime.getRuntime().halt(status);
		}
	}

	private void run(Map<String, String> options, Workload.Factory factory) throws Exception {
		int worker = Integer.parseInt(options.get("worker"));
		long seed = Long.parseLong(options.get("seed"));
		Path file = Path.of(options.get("history"), "worker-" + worker + ".jsonl");
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(options.get("runner")));
				BufferedReader commands = new BufferedReader(
						new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
				HistoryWriter history = new HistoryWriter(file, worker, seed);
				Workload workload = factory.create(new Workload.Context(worker, seed, Map.copyOf(options), history,
						() -> System.currentTimeMillis() + this.wallOffset.get()))) {
			StallMonitor monitor = new StallMonitor(history);
			say(socket, READY + " " + worker);
			start(workload, worker, seed, Integer.parseInt(options.get("threads")));
			for (String line = commands.readLine(); line != null; line = commands.readLine()) {
				obey(workload, line);
				say(socket, DONE + " " + line);
				if (line.equals(QUIT)) {
					monitor.close();
					return;
				}
			}
			// The runner is gone, and with it who would look at the rest.
			Runtime.getRuntime().halt(1);
		}
	}

	private static void say(Socket socket, String line) throws IOException {
		Writer out = new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8);
		out.write(line + "\n");
		out.flush();
	}

	private void obey(Workload workload, String line) throws InterruptedException {
		String[] words = line.split(" ");
		switch (words[0]) {
			case JUMP -> this.wallOffset.addAndGet(Long.parseLong(words[1]));
			case REST, QUIT -> rest();
			case PROBE -> workload.probe(COMMANDS_THREAD);
			case DIE -> workload.beforeDeath(COMMANDS_THREAD);
			default -> throw new IllegalArgumentException("Not a command: " + line);
		}
	}

	private void start(Workload workload, int worker, long seed, int count) {
		for (int i = 0; i < count; i++) {
			int number = i;
			Thread thread = new Thread(() -> operate(workload, number, new Random(Seeds.derive(seed, worker, number))),
					"fault-worker-" + number);
			this.threads.add(thread);
			thread.start();
		}
	}

	private void operate(Workload workload, int number, Random random) {
		try {
			do {
				workload.operate(number, random);
			}
			while (!this.resting);
		}
		catch (Throwable ex) {
			report("in thread " + number, ex);
		}
	}

	private void rest() throws InterruptedException {
		this.resting = true;
		for (Thread thread : this.threads) {
			thread.join();
		}
	}

	private static void report(String where, Throwable ex) {
		System.out.println(UNEXPECTED + where + ": " + ex);
		ex.printStackTrace(System.out);
	}

}
