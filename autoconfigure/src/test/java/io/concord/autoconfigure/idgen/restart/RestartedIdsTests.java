package io.concord.autoconfigure.idgen.restart;

import java.util.function.LongSupplier;

import javax.sql.DataSource;

import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import io.concord.autoconfigure.idgen.IdgenAutoConfiguration;
import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.idgen.ApplicationClassLoader;
import io.concord.idgen.Snowflake;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that is restarted in the same JVM with a new class loader, as Spring
 * Boot's DevTools do it, with Concord's classes in it too. That nothing is left of the
 * old one is shown without Spring, which has caches of its own.
 */
@Timeout(60)
class RestartedIdsTests {

	private static final int WORKER = 7;

	@Test
	void givesTheWorkerIdBackAndEndsItsThread() throws Exception {
		long first = run();
		assertThat(run()).isGreaterThan(first);
	}

	private static long run() throws Exception {
		ClassLoader classLoader = new ApplicationClassLoader();
		AnnotationConfigApplicationContext context = start(classLoader);
		long id;
		try {
			LongSupplier ids = context.getBean("ids", LongSupplier.class);
			id = ids.getAsLong();
			assertThat(id >> 12 & 1023).isEqualTo(WORKER);
			assertThat(ids.getClass().getClassLoader()).isSameAs(classLoader);
			assertThat(threads()).isEqualTo(1);
		}
		finally {
			context.close();
		}
		assertThat(threads()).isZero();
		return id;
	}

	private static AnnotationConfigApplicationContext start(ClassLoader classLoader) throws ClassNotFoundException {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		String generator = "concord.idgen.generators.restarted.snowflake.";
		// With so long a lead, the next one starts in time only if this gives it back.
		TestPropertyValues
			.of("concord.backend=jdbc", "concord.namespace=restarted", generator + "worker-id=" + WORKER,
					generator + "lead=10m")
			.applyTo(context);
		context.setClassLoader(classLoader);
		context.register(classLoader.loadClass(Application.class.getName()));
		context.refresh();
		return context;
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

}
