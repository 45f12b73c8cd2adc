package io.concord.autoconfigure.ratelimit;

import java.util.concurrent.ThreadLocalRandom;

import jakarta.servlet.Filter;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.server.WebFilter;
import org.springframework.web.util.pattern.PathPattern;

import io.concord.ratelimit.RateLimits;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of limits of HTTP requests.
 */
@AutoConfiguration(after = RateLimitAutoConfiguration.class)
@ConditionalOnClass({ RateLimits.class, PathPattern.class })
@ConditionalOnWebApplication
@ConditionalOnBean({ RateLimits.class, RateLimitProperties.class })
public final class RateLimitHttpAutoConfiguration {

	/** After Spring Security, which knows the principal. */
	static final int ORDER = 0;

	@Bean
	HttpAnswers concordRateLimitHttpAnswers() {
		return new HttpAnswers(() -> ThreadLocalRandom.current().nextLong());
	}

	@Bean
	RateLimitProblems concordRateLimitProblems(HttpAnswers answers) {
		return new RateLimitProblems(answers);
	}

	@Bean
	HttpLimits concordHttpLimits(RateLimitProperties properties, RateLimits rules, BeanFactory beanFactory) {
		return new HttpLimits(properties.getHttp(), rules, beanFactory);
	}

	/**
	 * Bad configuration has to fail at start, also if beans are created lazily.
	 */
	@Bean
	static LazyInitializationExcludeFilter concordHttpLimitsLazyInitializationExcludeFilter() {
		return LazyInitializationExcludeFilter.forBeanTypes(HttpLimits.class);
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ Filter.class, OncePerRequestFilter.class })
	@ConditionalOnWebApplication(type = Type.SERVLET)
	static class ServletConfiguration {

		@Bean
		FilterRegistrationBean<ServletRateLimitFilter> concordServletRateLimitFilter(HttpLimits limits,
				RateLimits rules, HttpAnswers answers) {
			FilterRegistrationBean<ServletRateLimitFilter> registration = new FilterRegistrationBean<>(
					new ServletRateLimitFilter(limits, rules, answers));
			registration.setOrder(ORDER);
			return registration;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(WebFilter.class)
	@ConditionalOnWebApplication(type = Type.REACTIVE)
	static class ReactiveConfiguration {

		@Bean
		ReactiveRateLimitFilter concordReactiveRateLimitFilter(HttpLimits limits, RateLimits rules,
				HttpAnswers answers) {
			return new ReactiveRateLimitFilter(limits, rules, answers, ORDER);
		}

	}

}
