package io.concord.autoconfigure;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import javax.tools.ToolProvider;

import org.springframework.aot.AotDetector;
import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.FileSystemGeneratedFiles;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.javapoet.ClassName;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs what is generated ahead of time.
 */
public final class AheadOfTime {

	private AheadOfTime() {
	}

	/**
	 * Generates and compiles an application, and calls the test's
	 * {@code public static void run(String initializer)} within a class loader that has
	 * it.
	 * @param test the test, a public class
	 * @param application a configuration class
	 * @param properties the properties
	 * @param directory where to put what is generated
	 */
	public static void process(Class<?> test, Class<?> application, TestPropertyValues properties, Path directory)
			throws Exception {
		String initializer = generate(test, application, properties, directory);
		// Of its own, as what is generated reaches into the packages of what it is for.
		try (URLClassLoader loader = new URLClassLoader(classPath(directory), ClassLoader.getPlatformClassLoader())) {
			Thread thread = Thread.currentThread();
			ClassLoader before = thread.getContextClassLoader();
			thread.setContextClassLoader(loader);
			System.setProperty(AotDetector.AOT_ENABLED, "true");
			try {
				loader.loadClass(test.getName()).getDeclaredMethod("run", String.class).invoke(null, initializer);
			}
			finally {
				System.clearProperty(AotDetector.AOT_ENABLED);
				thread.setContextClassLoader(before);
			}
		}
	}

	private static String generate(Class<?> test, Class<?> application, TestPropertyValues properties, Path directory)
			throws IOException {
		DefaultGenerationContext generation = new DefaultGenerationContext(new ClassNameGenerator(ClassName.get(test)),
				new FileSystemGeneratedFiles(directory));
		String initializer;
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			properties.applyTo(context);
			context.register(application);
			initializer = new ApplicationContextAotGenerator().processAheadOfTime(context, generation).canonicalName();
		}
		generation.writeGeneratedContent();
		try (Stream<Path> files = Files.walk(directory.resolve("sources"))) {
			List<String> arguments = new ArrayList<>(
					List.of("-nowarn", "-proc:none", "-d", directory.resolve("classes").toString(), "-classpath",
							directory.resolve("classes") + File.pathSeparator + System.getProperty("java.class.path")));
			files.map(Path::toString).filter((file) -> file.endsWith(".java")).forEach(arguments::add);
			ByteArrayOutputStream errors = new ByteArrayOutputStream();
			assertThat(ToolProvider.getSystemJavaCompiler().run(null, errors, errors, arguments.toArray(String[]::new)))
				.as(errors::toString)
				.isZero();
		}
		return initializer;
	}

	private static URL[] classPath(Path directory) throws IOException {
		List<URL> urls = new ArrayList<>();
		urls.add(directory.resolve("classes").toUri().toURL());
		urls.add(directory.resolve("resources").toUri().toURL());
		for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
			urls.add(Path.of(entry).toUri().toURL());
		}
		return urls.toArray(URL[]::new);
	}

	/**
	 * Starts the application from what was generated.
	 * @param initializer name of the generated class
	 * @param properties the properties
	 * @return the context, to be closed
	 */
	@SuppressWarnings("unchecked")
	public static GenericApplicationContext start(String initializer, TestPropertyValues properties)
			throws ReflectiveOperationException {
		assertThat(AotDetector.useGeneratedArtifacts()).isTrue();
		GenericApplicationContext context = new GenericApplicationContext();
		properties.applyTo(context);
		((ApplicationContextInitializer<GenericApplicationContext>) Class
			.forName(initializer, true, Thread.currentThread().getContextClassLoader())
			.getConstructor()
			.newInstance()).initialize(context);
		context.refresh();
		return context;
	}

}
