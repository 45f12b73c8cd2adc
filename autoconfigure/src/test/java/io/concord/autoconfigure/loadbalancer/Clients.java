package io.concord.autoconfigure.loadbalancer;

import java.time.Duration;

import reactor.core.publisher.Mono;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.service.HttpServiceClientPropertiesAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.service.HttpServiceClientAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.boot.webclient.autoconfigure.service.ReactiveHttpServiceClientAutoConfiguration;
import org.springframework.cloud.client.CommonsClientAutoConfiguration;
import org.springframework.cloud.client.discovery.composite.CompositeDiscoveryClientAutoConfiguration;
import org.springframework.cloud.client.discovery.simple.SimpleDiscoveryClientAutoConfiguration;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.cloud.client.loadbalancer.reactive.LoadBalancerBeanPostProcessorAutoConfiguration;
import org.springframework.cloud.client.loadbalancer.reactive.ReactorLoadBalancerClientAutoConfiguration;
import org.springframework.cloud.commons.util.UtilAutoConfiguration;
import org.springframework.cloud.loadbalancer.config.BlockingLoadBalancerClientAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.registry.HttpServiceGroup;
import org.springframework.web.service.registry.ImportHttpServices;

/**
 * An application with each kind of client.
 */
@Configuration(proxyBeanMethods = false)
@ImportHttpServices(group = "stock", types = Clients.Stock.class)
@ImportHttpServices(group = "reactive-stock", types = Clients.ReactiveStock.class,
		clientType = HttpServiceGroup.ClientType.WEB_CLIENT)
class Clients {

	static final Duration READ_TIMEOUT = Duration.ofMillis(300);

	static ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(CommonsClientAutoConfiguration.class,
					CompositeDiscoveryClientAutoConfiguration.class, SimpleDiscoveryClientAutoConfiguration.class,
					UtilAutoConfiguration.class, LoadBalancerAutoConfiguration.class,
					org.springframework.cloud.loadbalancer.config.LoadBalancerAutoConfiguration.class,
					BlockingLoadBalancerClientAutoConfiguration.class,
					org.springframework.cloud.client.loadbalancer.LoadBalancerAutoConfiguration.class,
					ReactorLoadBalancerClientAutoConfiguration.class,
					LoadBalancerBeanPostProcessorAutoConfiguration.class, HttpClientAutoConfiguration.class,
					ImperativeHttpClientAutoConfiguration.class, ReactiveHttpClientAutoConfiguration.class,
					HttpServiceClientPropertiesAutoConfiguration.class, RestClientAutoConfiguration.class,
					HttpServiceClientAutoConfiguration.class, WebClientAutoConfiguration.class,
					ReactiveHttpServiceClientAutoConfiguration.class))
			.withPropertyValues("spring.http.clients.imperative.factory=jdk");
	}

	/** The lines that name instances of a service in yml. */
	static String[] instances(String service, TestInstance... instances) {
		String[] properties = new String[2 * instances.length];
		for (int i = 0; i < instances.length; i++) {
			String prefix = "spring.cloud.discovery.client.simple.instances." + service + "[" + i + "].";
			properties[2 * i] = prefix + "uri=http://localhost:" + instances[i].port();
			properties[2 * i + 1] = prefix + "instance-id=" + instances[i].name();
		}
		return properties;
	}

	@Bean
	@LoadBalanced
	RestClient.Builder restClientBuilder(@Value("${test.read-timeout-millis:20000}") long readTimeout) {
		JdkClientHttpRequestFactory factory = new JdkClientHttpRequestFactory();
		factory.setReadTimeout(Duration.ofMillis(readTimeout));
		return RestClient.builder().requestFactory(factory);
	}

	@Bean
	@LoadBalanced
	WebClient.Builder webClientBuilder() {
		return WebClient.builder();
	}

	@Bean
	@LoadBalanced
	RestTemplate restTemplate() {
		return new RestTemplate();
	}

	/** A client that waits. */
	interface Stock {

		@GetExchange("/name")
		String name();

		@GetExchange("/hang")
		String hang();

		@GetExchange("/error")
		String error();

	}

	/** A client that doesn't. */
	interface ReactiveStock {

		@GetExchange("/name")
		Mono<String> name();

		@GetExchange("/hang")
		Mono<String> hang();

		@GetExchange("/error")
		Mono<String> error();

	}

}
