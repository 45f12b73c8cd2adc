package io.concord.autoconfigure.idgen.aot;

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

import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.aop.support.AopUtils;
import org.springframework.aot.AotDetector;
import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.FileSystemGeneratedFiles;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.data.annotation.Id;
import org.springframework.data.jdbc.repository.config.EnableJdbcRepositories;
import org.springframework.data.redis.core.RedisHash;
import org.springframework.data.redis.core.RedisKeyValueTemplate;
import org.springframework.data.redis.repository.configuration.EnableRedisRepositories;
import org.springframework.data.repository.CrudRepository;
import org.springframework.javapoet.ClassName;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import io.concord.autoconfigure.idgen.IdgenEntityAutoConfiguration;
import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.Snowflake;
import io.concord.idgen.entity.CountingGenerators;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs what is generated ahead of time.
 */
public class EntityIdsAotTests {

	private static final TestPropertyValues PROPERTIES = TestPropertyValues.of(
			"spring.datasource.url=jdbc:h2:mem:aot;DB_CLOSE_DELAY=-1", "spring.jpa.hibernate.ddl-auto=create",
			"concord.idgen.json-as-string=true");

	@Test
	void givesIds(@TempDir Path directory) throws Exception {
		String initializer = generate(directory);
		// Of its own, as what is generated reaches into the packages of what it is for.
		try (URLClassLoader application = new URLClassLoader(classPath(directory),
				ClassLoader.getPlatformClassLoader())) {
			Thread thread = Thread.currentThread();
			ClassLoader before = thread.getContextClassLoader();
			thread.setContextClassLoader(application);
			System.setProperty(AotDetector.AOT_ENABLED, "true");
			try {
				application.loadClass(EntityIdsAotTests.class.getName())
					.getDeclaredMethod("run", String.class)
					.invoke(null, initializer);
			}
			finally {
				System.clearProperty(AotDetector.AOT_ENABLED);
				thread.setContextClassLoader(before);
			}
		}
	}

	private static String generate(Path directory) throws IOException {
		DefaultGenerationContext generation = new DefaultGenerationContext(
				new ClassNameGenerator(ClassName.get(EntityIdsAotTests.class)),
				new FileSystemGeneratedFiles(directory));
		String initializer;
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			PROPERTIES.applyTo(context);
			context.register(Shop.class);
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
	 */
	@SuppressWarnings("unchecked")
	public static void run(String initializer) throws Exception {
		assertThat(AotDetector.useGeneratedArtifacts()).isTrue();
		try (GenericApplicationContext context = new GenericApplicationContext()) {
			PROPERTIES.applyTo(context);
			((ApplicationContextInitializer<GenericApplicationContext>) Class
				.forName(initializer, true, Thread.currentThread().getContextClassLoader())
				.getConstructor()
				.newInstance()).initialize(context);
			context.refresh();
			assertGivesIds(context);
		}
	}

	private static void assertGivesIds(ConfigurableApplicationContext context) {
		Order order = new Order();
		EntityManagerFactory factory = context.getBean(EntityManagerFactory.class);
		try (var entities = factory.createEntityManager()) {
			entities.getTransaction().begin();
			entities.persist(order);
			entities.getTransaction().commit();
		}
		assertThat(order.id).isGreaterThanOrEqualTo(CountingGenerators.FIRST);
		context.getBean(JdbcTemplate.class).execute("CREATE TABLE line (id BIGINT PRIMARY KEY, sku VARCHAR)");
		Line line = new TransactionTemplate(context.getBean(PlatformTransactionManager.class))
			.execute((status) -> context.getBean(Lines.class).save(new Line(null, "mug")));
		assertThat(line.id()).isGreaterThan(order.id);
		assertThat(context.getBean(JsonMapper.class).writeValueAsString(line))
			.isEqualTo("{\"id\":\"%d\",\"sku\":\"mug\"}", line.id());
		assertThat(AopUtils.isCglibProxy(context.getBean(RedisKeyValueTemplate.class))).isTrue();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableJdbcRepositories(considerNestedRepositories = true)
	@EnableRedisRepositories(considerNestedRepositories = true)
	@ImportAutoConfiguration({ IdgenEntityAutoConfiguration.class, DataSourceAutoConfiguration.class,
			JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class,
			HibernateJpaAutoConfiguration.class, DataJdbcRepositoriesAutoConfiguration.class,
			DataRedisAutoConfiguration.class, DataRedisRepositoriesAutoConfiguration.class,
			JacksonAutoConfiguration.class })
	static class Shop {

		@Bean
		LongIdGenerators generators() {
			return new CountingGenerators("default", "orders");
		}

		@Bean
		static PersistenceManagedTypes managedTypes() {
			return PersistenceManagedTypes.of(Order.class.getName());
		}

	}

	interface Lines extends CrudRepository<Line, Long> {

	}

	interface Sessions extends CrudRepository<Session, String> {

	}

	@Entity
	@Table(name = "orders")
	static class Order {

		@jakarta.persistence.Id
		@Snowflake("orders")
		Long id;

	}

	@org.springframework.data.relational.core.mapping.Table("LINE")
	record Line(@Id @Snowflake("orders") Long id, String sku) {
	}

	@RedisHash("session")
	record Session(@Id @Snowflake String id) {
	}

}
