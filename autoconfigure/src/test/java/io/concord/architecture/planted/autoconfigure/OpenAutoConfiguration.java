package io.concord.architecture.planted.autoconfigure;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

@AutoConfiguration
public class OpenAutoConfiguration {

	@Bean
	public String publicBean() {
		return "public";
	}

	@Bean
	@ConditionalOnClass(String.class)
	String conditionalBean() {
		return "conditional";
	}

	@Bean
	BeanPostProcessor postProcessor() {
		return new BeanPostProcessor() {
		};
	}

}
