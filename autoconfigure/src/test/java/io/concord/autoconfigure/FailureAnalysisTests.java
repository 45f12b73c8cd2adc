package io.concord.autoconfigure;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;

import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.autoconfigure.lock.LockAutoConfiguration;
import io.concord.lock.DistributedLock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What a user reads when the application does not start.
 */
@ExtendWith(OutputCaptureExtension.class)
class FailureAnalysisTests {

	@Test
	void explainsMissingBackend(CapturedOutput output) {
		assertThatException().isThrownBy(() -> run(Application.class));
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("Description:\n\n'concord.lock' needs a store, but 'concord.backend' is not set")
			.contains("Action:\n\nConfigure the client of a store")
			.doesNotContain("\tat ");
	}

	@Test
	void explainsUnknownBackend(CapturedOutput output) {
		assertThatException().isThrownBy(() -> run(Application.class, "--concord.backend=rediss"));
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("Failed to bind properties under 'concord.backend' to io.concord.autoconfigure.Backend")
			.contains("Property: concord.backend")
			.contains("Value: \"rediss\"")
			.contains("The following values are valid:\n\n    JDBC\n    LOCAL\n    REDIS\n    ZOOKEEPER");
	}

	@Test
	void explainsMalformedDuration(CapturedOutput output) {
		assertThatException().isThrownBy(() -> run(Application.class, "--concord.store-timeout=soon"));
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("Property: concord.store-timeout")
			.contains("Value: \"soon\"")
			.contains("'soon' is not a valid duration")
			.contains("Action:\n\nUpdate your application's configuration");
	}

	@Test
	void explainsAnnotationThatCannotWork(CapturedOutput output) {
		assertThatException().isThrownBy(() -> run(ApplicationWithPrivateMethod.class, "--concord.backend=local"));
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("Description:\n\n@DistributedLock on " + Shop.class.getName() + ".order()")
			.contains("Action:\n\nMake the method public");
	}

	private static void run(Class<?> application, String... arguments) {
		new SpringApplicationBuilder(application).web(WebApplicationType.NONE).run(arguments);
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ LeaseAutoConfiguration.class, LockAutoConfiguration.class })
	static class Application {

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ LeaseAutoConfiguration.class, LockAutoConfiguration.class })
	static class ApplicationWithPrivateMethod {

		@Bean
		Shop shop() {
			return new Shop();
		}

	}

	static class Shop {

		@DistributedLock
		private void order() {
		}

		void callsIt() {
			order();
		}

	}

}
