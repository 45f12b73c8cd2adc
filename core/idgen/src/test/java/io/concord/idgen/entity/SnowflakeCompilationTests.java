package io.concord.idgen.entity;

import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the compiler says to an application that has no Hibernate.
 */
class SnowflakeCompilationTests {

	private static final String ENTITY = """
			import io.concord.idgen.LongIdGenerator;
			import io.concord.idgen.Snowflake;
			import org.springframework.data.annotation.Id;

			class Order {

				@Id
				@Snowflake("orders")
				private Long id;

				private final LongIdGenerator generator;

				Order(@Snowflake("orders") LongIdGenerator generator) {
					this.generator = generator;
					this.id = generator.next();
				}

				@Override
				public String toString() {
					return "Order " + this.id + " of " + this.generator.name();
				}

				record Line(@Id @Snowflake long id, String sku) {
				}

			}
			""";

	@Test
	void warnsOfNothingWithoutHibernate(@TempDir Path output) {
		assertThat(compile(output, ENTITY)).isEmpty();
		assertThat(output.resolve("Order.class")).exists();
	}

	/** Else the test would prove nothing. */
	@Test
	void compilesWithoutHibernate(@TempDir Path output) {
		assertThat(compile(output, "class Order { org.hibernate.Session session; }"))
			.anyMatch((message) -> message.contains("org.hibernate"));
	}

	private static String withoutHibernate() {
		return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
			.filter((entry) -> !entry.contains("hibernate") && !entry.contains("jakarta"))
			.collect(Collectors.joining(File.pathSeparator));
	}

	private List<String> compile(Path output, String text) {
		JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
		DiagnosticCollector<JavaFileObject> messages = new DiagnosticCollector<>();
		compiler
			.getTask(null, null, messages, List.of("-Xlint:all", "-Werror", "-proc:none", "-classpath",
					withoutHibernate(), "-d", output.toString()), null, List.of(new Source(text)))
			.call();
		return messages.getDiagnostics().stream().map(Object::toString).toList();
	}

	private static final class Source extends SimpleJavaFileObject {

		private final String text;

		Source(String text) {
			super(URI.create("string:///Order.java"), Kind.SOURCE);
			this.text = text;
		}

		@Override
		public CharSequence getCharContent(boolean ignoreEncodingErrors) {
			return this.text;
		}

	}

}
