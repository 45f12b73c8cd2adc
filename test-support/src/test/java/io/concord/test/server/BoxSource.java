package io.concord.test.server;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Has a box or a reason why not.
 */
final class BoxSource implements ServerSource<Box> {

	final AtomicInteger tried = new AtomicInteger();

	final AtomicInteger ended = new AtomicInteger();

	private final String name;

	private final boolean requested;

	private final String version;

	private final String failure;

	private BoxSource(String name, boolean requested, String version, String failure) {
		this.name = name;
		this.requested = requested;
		this.version = version;
		this.failure = failure;
	}

	static BoxSource working(String name, String version) {
		return new BoxSource(name, false, version, "");
	}

	static BoxSource failing(String name, String reason) {
		return new BoxSource(name, false, "", reason);
	}

	BoxSource requested() {
		return new BoxSource(this.name, true, this.version, this.failure);
	}

	@Override
	public String name() {
		return this.name;
	}

	@Override
	public boolean isRequested() {
		return this.requested;
	}

	@Override
	public StartedServer<Box> start() throws IOException {
		this.tried.incrementAndGet();
		if (!this.failure.isEmpty()) {
			throw new IOException(this.failure);
		}
		return new StartedServer<>(new Box(this.version), this.ended::incrementAndGet);
	}

}
