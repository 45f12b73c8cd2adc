package io.concord.testing;

import java.util.List;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.TestContextAnnotationUtils;
import org.springframework.test.context.support.AbstractTestExecutionListener;
import org.springframework.util.ClassUtils;

import io.concord.lock.LockInspector;

/**
 * Gives back the locks that a test of an annotated class left behind.
 */
final class LocalConcordTestExecutionListener extends AbstractTestExecutionListener {

	private static final Logger logger = LoggerFactory.getLogger(LocalConcordTestExecutionListener.class);

	private static final boolean LOCKS = ClassUtils.isPresent("io.concord.lock.LockInspector",
			LocalConcordTestExecutionListener.class.getClassLoader());

	@Override
	public void afterTestMethod(TestContext testContext) {
		if (LOCKS && TestContextAnnotationUtils.hasAnnotation(testContext.getTestClass(), LocalConcord.class)
				&& testContext.hasApplicationContext()) {
			Locks.giveBack(testContext.getApplicationContext(), testContext.getTestMethod().getName());
		}
	}

	/** Apart, as the library of locks may not be there. */
	private static final class Locks {

		static void giveBack(ApplicationContext context, String test) {
			context.getBeanProvider(LockInspector.class).stream().forEach((inspector) -> {
				List<String> left = inspector.giveBackAll();
				if (!left.isEmpty()) {
					logger.warn("The test {} left locks behind, which are given back: {}. Close them in the test, "
							+ "such as by try-with-resources.", test, left);
				}
			});
		}

	}

}
