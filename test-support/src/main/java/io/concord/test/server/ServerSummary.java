package io.concord.test.server;

import java.io.PrintStream;

import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Says at the end of the tests of a JVM which servers they used, from where and in which
 * version, and what was skipped for want of one. A green build could otherwise hide that
 * a server was never exercised. The platform finds it by its service file.
 */
public final class ServerSummary implements TestExecutionListener {

	private final ServerUse use;

	private final PrintStream out;

	private volatile @Nullable TestPlan plan;

	/**
	 * For the platform.
	 */
	public ServerSummary() {
		this(ServerUse.ofJvm(), System.out);
	}

	ServerSummary(ServerUse use, PrintStream out) {
		this.use = use;
		this.out = out;
	}

	@Override
	public void testPlanExecutionStarted(TestPlan started) {
		this.plan = started;
	}

	@Override
	public void executionSkipped(TestIdentifier identifier, String reason) {
		TestPlan current = this.plan;
		if (current != null) {
			// A parameterized method is a container whose invocations are not known
			// before.
			long tests = current.getDescendants(identifier)
				.stream()
				.filter((descendant) -> descendant.getSource().filter(MethodSource.class::isInstance).isPresent())
				.count();
			this.use.classSkipped(identifier.getUniqueId(), tests);
		}
	}

	@Override
	public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
		result.getThrowable()
			.filter(ServerAbsentException.class::isInstance)
			.map(ServerAbsentException.class::cast)
			.ifPresent(this.use::testAborted);
	}

	@Override
	public void testPlanExecutionFinished(TestPlan finished) {
		this.use.summary().forEach(this.out::println);
	}

}
