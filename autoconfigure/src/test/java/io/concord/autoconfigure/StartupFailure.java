package io.concord.autoconfigure;

import org.springframework.boot.test.context.assertj.AssertableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What kept a context from starting.
 */
public final class StartupFailure {

	private StartupFailure() {
	}

	/**
	 * Asserts that the context failed because of its configuration.
	 * @param context a context that did not start
	 * @return the reason
	 */
	public static InvalidConcordConfigurationException of(AssertableApplicationContext context) {
		assertThat(context).hasFailed();
		for (Throwable failure = context.getStartupFailure(); failure != null; failure = failure.getCause()) {
			if (failure instanceof InvalidConcordConfigurationException invalid) {
				return invalid;
			}
		}
		throw new AssertionError("Failed for another reason", context.getStartupFailure());
	}

}
