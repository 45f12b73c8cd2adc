package io.concord.test.server;

import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Counts what was skipped for want of a server, for the {@link ServerSummary}. The
 * platform finds it by its service file.
 */
public final class ServerSkips implements TestExecutionListener {

	private final ServerUse use;

	private volatile @Nullable TestPlan plan;

	/**
	 * For the platform.
	 */
	public ServerSkips() {
		this(ServerUse.ofJvm());
	}

	ServerSkips(ServerUse use) {
		this.use = use;
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

}
