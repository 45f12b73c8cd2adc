package io.concord.autoconfigure.idgen;

import java.util.Set;
import java.util.TreeSet;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.EnvironmentAware;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;

import io.concord.idgen.LongIdGenerator;
import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.Snowflake;

/**
 * Registers a bean for each generator, which is injected where {@link Snowflake} names
 * it. Only the default one is injected where nothing is named, and only if the
 * application has no bean of the type.
 */
final class IdGeneratorBeans implements ImportBeanDefinitionRegistrar, EnvironmentAware {

	static final String BEAN_PREFIX = "concordIdGenerator.";

	private Environment environment;

	@SuppressWarnings("NullAway.Init")
	IdGeneratorBeans() {
	}

	@Override
	public void setEnvironment(Environment environment) {
		this.environment = environment;
	}

	@Override
	public void registerBeanDefinitions(AnnotationMetadata metadata, BeanDefinitionRegistry registry) {
		names(this.environment).forEach((name) -> {
			RootBeanDefinition definition = new RootBeanDefinition(LongIdGenerator.class);
			definition.setFactoryBeanName(DefaultLongIdGenerators.BEAN_NAME);
			definition.setFactoryMethodName("get");
			definition.getConstructorArgumentValues().addIndexedArgumentValue(0, name);
			definition.addQualifier(new AutowireCandidateQualifier(Snowflake.class, name));
			definition.setRole(BeanDefinition.ROLE_INFRASTRUCTURE);
			definition.setLazyInit(true);
			if (name.equals(LongIdGenerators.DEFAULT_NAME)) {
				definition.setFallback(true);
			}
			else {
				definition.setDefaultCandidate(false);
			}
			registry.registerBeanDefinition(BEAN_PREFIX + name, definition);
		});
	}

	/** The names of all generators that the properties have, and the default one. */
	static Set<String> names(Environment environment) {
		Set<String> names = new TreeSet<>();
		names.add(LongIdGenerators.DEFAULT_NAME);
		Binder.get(environment)
			.bind("concord.idgen", IdgenProperties.class)
			.ifBound((properties) -> names.addAll(properties.getGenerators().keySet()));
		return names;
	}

}
