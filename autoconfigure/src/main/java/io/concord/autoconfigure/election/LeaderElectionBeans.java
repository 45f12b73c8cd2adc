package io.concord.autoconfigure.election;

import java.util.Map;

import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConstructorArgumentValues.ValueHolder;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

import io.concord.election.LeaderElection;

/**
 * Defines a bean for each election that is configured. What was processed ahead of time
 * is there already.
 */
final class LeaderElectionBeans implements BeanDefinitionRegistryPostProcessor {

	private static final String SUFFIX = "LeaderElection";

	private final Environment environment;

	LeaderElectionBeans(Environment environment) {
		this.environment = environment;
	}

	@Override
	public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
		Binder.get(this.environment)
			.bind("concord.election.elections", Bindable.mapOf(String.class, ElectionProperties.Election.class))
			.orElseGet(Map::of)
			.keySet()
			.forEach((name) -> define(registry, name));
	}

	private static void define(BeanDefinitionRegistry registry, String name) {
		String beanName = name + SUFFIX;
		if (registry.containsBeanDefinition(beanName)) {
			return;
		}
		RootBeanDefinition definition = new RootBeanDefinition(LeaderElectionFactoryBean.class);
		definition.getConstructorArgumentValues()
			.addIndexedArgumentValue(0, new ValueHolder(name, String.class.getName()));
		definition.setAutowireMode(AbstractBeanDefinition.AUTOWIRE_CONSTRUCTOR);
		definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, name));
		definition.setRole(BeanDefinition.ROLE_APPLICATION);
		definition.setLazyInit(true);
		definition.setAttribute(FactoryBean.OBJECT_TYPE_ATTRIBUTE, LeaderElection.class);
		registry.registerBeanDefinition(beanName, definition);
	}

}
