package io.concord.autoconfigure.idgen.restart;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

import javax.sql.DataSource;

import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import io.concord.autoconfigure.idgen.IdgenAutoConfiguration;
import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.idgen.Snowflake;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that is restarted in the same JVM with a new class loader, as Spring
 * Boot's DevTools do it, but with Concord's classes in it too, so that anything static
 * would be seen to stay behind.
 */
@Timeout(60)
class RestartedIdsTests {

	private static final int WORKER = 7;

	/** Lives on, as threads of pools do, and has taken ids. */
	private final ExecutorService survivor = Executors.newSingleThreadExecutor();

	private long last;

	@AfterEach
	void end() {
		this.survivor.shutdownNow();
	}

	@Test
	void givesTheWorkerIdBackAndLeavesNothingBehind() throws Exception {
		WeakReference<ClassLoader> before = run(0);
		long last = this.last;
		WeakReference<ClassLoader> after = run(last);
		assertThat(this.last).isGreaterThan(last);
		await(before);
		await(after);
	}

	/** In a method of its own, so that no variable keeps the class loader. */
	private WeakReference<ClassLoader> run(long least) throws Exception {
		try (Restart restart = new Restart()) {
			LongSupplier ids = restart.context.getBean("ids", LongSupplier.class);
			this.last = this.survivor.submit(ids::getAsLong).get();
			assertThat(this.last).isGreaterThan(least);
			assertThat(this.last >> 12 & 1023).isEqualTo(WORKER);
			assertThat(ids.getClass().getClassLoader()).isSameAs(restart.classLoader);
			assertThat(threads()).isEqualTo(1);
			return new WeakReference<>(restart.classLoader);
		}
	}

	private static void await(WeakReference<ClassLoader> classLoader) {
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
		while (classLoader.get() != null || threads() > 0) {
			assertThat(System.nanoTime()).as("class loader is kept, or a thread runs").isLessThan(end);
			System.gc();
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
		}
	}

	private static long threads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().equals("concord-idgen-restarted"))
			.count();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ LeaseAutoConfiguration.class, IdgenAutoConfiguration.class })
	static class Application {

		@Bean
		DataSource dataSource() {
			JdbcDataSource dataSource = new JdbcDataSource();
			dataSource.setURL("jdbc:h2:mem:restarted-ids;DB_CLOSE_DELAY=-1");
			return dataSource;
		}

		@Bean
		LongSupplier ids(@Snowflake("restarted") LongSupplier ids) {
			return ids;
		}

	}

	/** The application under a class loader of its own. */
	private static final class Restart implements AutoCloseable {

		final ClassLoader classLoader = new ApplicationClassLoader();

		final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

		Restart() throws ClassNotFoundException {
			String generator = "concord.idgen.generators.restarted.snowflake.";
			// With so long a lead, the next one starts in time only if this gives it
			// back.
			TestPropertyValues
				.of("concord.backend=jdbc", "concord.namespace=restarted", generator + "worker-id=" + WORKER,
						generator + "lead=10m")
				.applyTo(this.context);
			this.context.setClassLoader(this.classLoader);
			this.context.register(this.classLoader.loadClass(Application.class.getName()));
			this.context.refresh();
		}

		@Override
		public void close() {
			this.context.close();
		}

	}

	/** Looks for Concord's classes in itself first, and for all others in its parent. */
	private static final class ApplicationClassLoader extends URLClassLoader {

		ApplicationClassLoader() {
			super(classPath(), RestartedIdsTests.class.getClassLoader());
		}

		private static URL[] classPath() {
			return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator)).map((path) -> {
				try {
					return Path.of(path).toUri().toURL();
				}
				catch (MalformedURLException ex) {
					throw new UncheckedIOException(new IOException(ex));
				}
			}).toArray(URL[]::new);
		}

		@Override
		protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
			if (!name.startsWith("io.concord.")) {
				return super.loadClass(name, resolve);
			}
			synchronized (getClassLoadingLock(name)) {
				Class<?> loaded = findLoadedClass(name);
				return (loaded != null) ? loaded : findClass(name);
			}
		}

	}

}
