package io.concord.autoconfigure.loadbalancer;

import java.util.List;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.client.discovery.ReactiveDiscoveryClient;
import org.springframework.cloud.client.loadbalancer.BlockingLoadBalancerInterceptor;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.client.loadbalancer.LoadBalancerRequestFactory;
import org.springframework.cloud.client.loadbalancer.RestTemplateCustomizer;
import org.springframework.cloud.client.loadbalancer.reactive.LoadBalancedExchangeFilterFunction;
import org.springframework.cloud.client.loadbalancer.reactive.LoadBalancerClientRequestTransformer;
import org.springframework.cloud.client.loadbalancer.reactive.ReactiveLoadBalancer;
import org.springframework.cloud.loadbalancer.annotation.LoadBalancerClients;
import org.springframework.cloud.loadbalancer.config.BlockingLoadBalancerClientAutoConfiguration;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.reactive.function.client.WebClient;

import io.concord.loadbalancer.Balancer;
import io.concord.loadbalancer.BalancerObserver;
import io.concord.loadbalancer.RequestKeyResolver;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of load balancing by Spring Cloud
 * LoadBalancer. Its annotations, clients and interfaces stay what they are; instances are
 * chosen, counted and left out by Concord.
 */
@AutoConfiguration(after = BlockingLoadBalancerClientAutoConfiguration.class,
		before = org.springframework.cloud.client.loadbalancer.LoadBalancerAutoConfiguration.class)
@ConditionalOnClass({ Balancer.class, LoadBalancerClientFactory.class, RequestContextHolder.class })
@ConditionalOnBean(LoadBalancerClientFactory.class)
@ConditionalOnBooleanProperty(name = "concord.loadbalancer.enabled", matchIfMissing = true)
@EnableConfigurationProperties(LoadBalancerProperties.class)
@LoadBalancerClients(defaultConfiguration = BalancedClientConfiguration.class)
public final class LoadBalancerAutoConfiguration {

	@Bean
	ServiceBalancers concordServiceBalancers(LoadBalancerProperties properties, Environment environment,
			ObjectProvider<DiscoveryClient> blocking, ObjectProvider<ReactiveDiscoveryClient> reactive,
			ObjectProvider<BalancerObserver> observer, BeanFactory beanFactory) {
		return new ServiceBalancers(registry(blocking, reactive), (name) -> resolver(beanFactory, name),
				() -> observer.getIfAvailable(() -> BalancerObserver.NONE), properties, environment, System::nanoTime);
	}

	/** Looked up when it is used: registries may be what is slowest to start. */
	private static Function<String, List<ServiceInstance>> registry(ObjectProvider<DiscoveryClient> blocking,
			ObjectProvider<ReactiveDiscoveryClient> reactive) {
		return (service) -> {
			DiscoveryClient client = blocking.getIfAvailable();
			if (client != null) {
				return client.getInstances(service);
			}
			List<ServiceInstance> instances = reactive.getObject().getInstances(service).collectList().block();
			return (instances != null) ? instances : List.of();
		};
	}

	private static @Nullable RequestKeyResolver resolver(BeanFactory beanFactory, String name) {
		if (name.isEmpty()) {
			return beanFactory.getBeanProvider(RequestKeyResolver.class).getIfUnique();
		}
		return (beanFactory.containsBean(name) && beanFactory.isTypeMatch(name, RequestKeyResolver.class))
				? beanFactory.getBean(name, RequestKeyResolver.class) : null;
	}

	@Bean
	ForeignCalls concordForeignCalls(ServiceBalancers balancers) {
		return new ForeignCalls(balancers, System::nanoTime);
	}

	/**
	 * Bad configuration has to fail at start, also if beans are created lazily.
	 */
	@Bean
	static LazyInitializationExcludeFilter concordLoadBalancerLazyInitializationExcludeFilter() {
		return LazyInitializationExcludeFilter.forBeanTypes(ServiceBalancers.class);
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ClientHttpRequestInterceptor.class)
	@ConditionalOnBean(LoadBalancerClient.class)
	static class BlockingConfiguration {

		/** Before the interceptor of the framework, which is there in any case. */
		@Bean
		@Primary
		BlockingLoadBalancerInterceptor concordLoadBalancerInterceptor(LoadBalancerClient client,
				LoadBalancerRequestFactory requests, ReactiveLoadBalancer.Factory<ServiceInstance> factory) {
			return new BalancedInterceptor(client, requests, factory);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(RestTemplate.class)
	@ConditionalOnBean(LoadBalancerClient.class)
	@ConditionalOnMissingBean(RestTemplateCustomizer.class)
	static class RestTemplateConfiguration {

		@Bean
		RestTemplateCustomizer concordRestTemplateCustomizer(BlockingLoadBalancerInterceptor interceptor) {
			return (restTemplate) -> restTemplate.getInterceptors().add(interceptor);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(WebClient.class)
	static class ReactiveConfiguration {

		@Bean
		@Primary
		LoadBalancedExchangeFilterFunction concordLoadBalancerExchangeFilter(
				ReactiveLoadBalancer.Factory<ServiceInstance> factory,
				ObjectProvider<LoadBalancerClientRequestTransformer> transformers) {
			return new BalancedExchangeFilter(factory, transformers.orderedStream().toList());
		}

	}

}
