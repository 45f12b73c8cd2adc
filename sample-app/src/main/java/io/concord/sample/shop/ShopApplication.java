package io.concord.sample.shop;

import java.time.Clock;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.scheduling.annotation.EnableScheduling;

/**
 * Sells a limited stock. Any number of copies on one machine share one database; each
 * needs a port of its own.
 */
@SpringBootApplication
@EnableScheduling
@EnableConfigurationProperties(ShopProperties.class)
public class ShopApplication {

	private static final String H2_BIND_ADDRESS = "h2.bindAddress";

	/**
	 * Starts one copy of the shop.
	 * @param args properties such as {@code --server.port=8081}
	 */
	public static void main(String[] args) {
		// The copy that opens the database file serves it to the others, and on all
		// addresses of the machine unless this is set before the first connection.
		if (System.getProperty(H2_BIND_ADDRESS) == null) {
			System.setProperty(H2_BIND_ADDRESS, "127.0.0.1");
		}
		SpringApplication.run(ShopApplication.class, args);
	}

	@Bean
	Clock clock() {
		return Clock.systemUTC();
	}

}
