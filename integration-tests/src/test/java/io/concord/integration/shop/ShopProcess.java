package io.concord.integration.shop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.concord.test.process.JavaCommand;
import io.concord.test.process.WatchedProcess;
import io.concord.test.server.UnpackedFiles;

/**
 * One copy of the packaged shop.
 */
final class ShopProcess implements AutoCloseable {

	static final int NO_ANSWER = 0;

	private static final Duration START_BOUND = Duration.ofSeconds(90);

	/** To write the archive of its classes takes several times as long as to start. */
	private static final Duration UNPACK_BOUND = Duration.ofMinutes(5);

	private static final Duration STOP_BOUND = Duration.ofSeconds(60);

	// Longer than an order waits for its lock.
	private static final Duration ANSWER_BOUND = Duration.ofSeconds(60);

	private static final String CLASSES = "classes.jsa";

	private static final Pattern STARTED = Pattern.compile("Tomcat started on port (\\d+)");

	private static final Pattern COMPLAINT = Pattern
		.compile(" (WARN|ERROR) \\d|^(Caused by: )?[\\w.$]+(Exception|Error): ");

	private static final JsonMapper JSON = new JsonMapper();

	private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	private final WatchedProcess process;

	private URI uri = URI.create("http://not.ready.invalid");

	private ShopProcess(WatchedProcess process) {
		this.process = process;
	}

	static ShopProcess start(Path dataDirectory, List<String> arguments) {
		return start(dataDirectory, List.of(), arguments);
	}

	static ShopProcess start(Path dataDirectory, List<String> jvmArguments, List<String> arguments) {
		Path directory = unpacked();
		return new ShopProcess(
				command(directory, dataDirectory).jvmArguments("-XX:SharedArchiveFile=" + directory.resolve(CLASSES))
					.jvmArguments(jvmArguments.toArray(String[]::new))
					.arguments(arguments.toArray(String[]::new))
					.start());
	}

	/**
	 * The shop as jars that lie beside each other, and an archive of its classes: it
	 * starts in half of the time that the packaged jar takes.
	 */
	private static Path unpacked() {
		Path jar = packaged();
		try {
			return UnpackedFiles.directory("shop", (directory) -> {
				run(JavaCommand.jar(jar)
					.jvmArguments("-Djarmode=tools")
					.arguments("extract", "--force", "--destination", directory.toString()));
				run(command(directory, directory.resolve("data")).jvmArguments(
						"-XX:ArchiveClassesAtExit=" + directory.resolve(CLASSES), "-Dspring.context.exit=onRefresh"));
			});
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void run(JavaCommand command) throws IOException {
		try (WatchedProcess process = command.start()) {
			if (process.awaitExit(UNPACK_BOUND) != 0) {
				throw new IOException(process.describe());
			}
		}
	}

	private static JavaCommand command(Path directory, Path dataDirectory) {
		return JavaCommand.jar(directory.resolve(packaged().getFileName()))
			.jvmArguments("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
			.arguments("--server.port=0", "--server.address=127.0.0.1", "--shop.data-dir=" + dataDirectory);
	}

	private static Path packaged() {
		return Path.of(Objects.requireNonNull(System.getProperty("concord.shop.jar"),
				"Set -Dconcord.shop.jar to the packaged shop, as the build of this module does"));
	}

	void awaitReady() {
		Matcher port = STARTED.matcher(this.process.awaitLine("Tomcat started on port", START_BOUND));
		if (!port.find()) {
			throw new AssertionError(this.process.describe());
		}
		this.uri = URI.create("http://127.0.0.1:" + port.group(1));
		this.process.awaitCondition("products are listed", START_BOUND, this::isReady);
	}

	Answer order(String sku) {
		return send(request("/api/orders").header("Content-Type", "application/json").POST(BodyPublishers.ofString("""
				{"sku": "%s", "quantity": 1, "customer": "Ann"}""".formatted(sku))));
	}

	int stock(String sku) {
		for (JsonNode product : get("/api/products")) {
			if (product.get("sku").asString().equals(sku)) {
				return product.get("stock").asInt();
			}
		}
		throw new AssertionError("No product " + sku);
	}

	List<String> orderIds(String sku) {
		return get("/api/orders").valueStream()
			.filter((order) -> order.get("sku").asString().equals(sku))
			.map((order) -> order.get("id").asString())
			.toList();
	}

	boolean isReady() {
		return send(request("/api/products").GET()).status() == 200;
	}

	void kill() {
		this.process.kill();
	}

	void stop() {
		this.process.terminate(STOP_BOUND);
	}

	JsonNode actuator(String path) {
		return get("/actuator" + path);
	}

	Answer actuate(String method, String path) {
		return send(request("/actuator" + path).method(method, BodyPublishers.noBody()));
	}

	List<String> output() {
		return this.process.output();
	}

	/** With what it complained of, which the end of a long stack trace hides. */
	String describe() {
		return this.process.output()
			.stream()
			.filter((line) -> COMPLAINT.matcher(line).find())
			.limit(20)
			.collect(Collectors.joining(System.lineSeparator(), "", System.lineSeparator() + this.process.describe()));
	}

	@Override
	public void close() {
		this.process.close();
	}

	private JsonNode get(String path) {
		Answer answer = send(request(path).GET());
		if (answer.status() != 200) {
			throw new AssertionError(path + " answered " + answer + "; " + describe());
		}
		return answer.body();
	}

	private HttpRequest.Builder request(String path) {
		return HttpRequest.newBuilder(this.uri.resolve(path)).timeout(ANSWER_BOUND);
	}

	private Answer send(HttpRequest.Builder request) {
		try {
			HttpResponse<String> response = this.client.send(request.build(), BodyHandlers.ofString());
			return new Answer(response.statusCode(), JSON.readTree(response.body()));
		}
		catch (IOException ex) {
			return new Answer(NO_ANSWER, JSON.getNodeFactory().stringNode(ex.toString()));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new AssertionError("Interrupted while waiting for an answer", ex);
		}
	}

	/**
	 * What the shop answered, or why it did not.
	 */
	record Answer(int status, JsonNode body) {

	}

}
