package io.concord.autoconfigure.sharding;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.springframework.beans.factory.BeanClassLoaderAware;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.EnvironmentAware;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.autoconfigure.sharding.ShardingProperties.Distribution;
import io.concord.hashing.Partitioner;
import io.concord.sharding.Sharding;

/**
 * Registers the beans of each sharding, to be injected by its name as a qualifier. Those
 * that route are there before Spring Boot decides whether the application has a data
 * source and connections to Redis of its own.
 */
final class ShardingBeans implements ImportBeanDefinitionRegistrar, EnvironmentAware, BeanClassLoaderAware {

	private static final String SHARDING = "Sharding";

	private Environment environment;

	private ClassLoader classLoader;

	@SuppressWarnings("NullAway.Init")
	ShardingBeans() {
	}

	/**
	 * Returns the name of the bean of a node that has a URL.
	 */
	static String nodeBean(ShardedClient client, String sharding, String node) {
		return sharding + "." + node + "." + client.beanSuffix();
	}

	/**
	 * Returns the name of the bean that routes to the nodes.
	 */
	static String routingBean(ShardedClient client, String sharding) {
		return sharding + StringUtils.capitalize(client.beanSuffix());
	}

	@Override
	public void setEnvironment(Environment environment) {
		this.environment = environment;
	}

	@Override
	public void setBeanClassLoader(ClassLoader classLoader) {
		this.classLoader = classLoader;
	}

	@Override
	public void registerBeanDefinitions(AnnotationMetadata metadata, BeanDefinitionRegistry registry) {
		Map<String, Distribution> all = Binder.get(this.environment)
			.bind(ShardingProperties.PREFIX, Bindable.mapOf(String.class, Distribution.class))
			.orElseGet(Map::of);
		all.keySet().forEach((name) -> {
			RootBeanDefinition sharding = definition(Sharding.class, ShardingAutoConfiguration.SHARDINGS, "get", name);
			register(registry, name + SHARDING, sharding, name);
			RootBeanDefinition partitioner = definition(Partitioner.class, name + SHARDING, "partitioner");
			partitioner.setTargetType(ResolvableType.forClassWithGenerics(Partitioner.class, String.class));
			register(registry, name + "Partitioner", partitioner, name);
		});
		for (ShardedClient client : ShardedClient.values()) {
			registerClients(registry, client, all);
		}
	}

	private void registerClients(BeanDefinitionRegistry registry, ShardedClient client, Map<String, Distribution> all) {
		Map<String, Distribution> connected = new LinkedHashMap<>(all);
		connected.values().removeIf((sharding) -> sharding.getNodes().values().stream().noneMatch(client::isPresent));
		if (connected.isEmpty()) {
			return;
		}
		if (!client.isSupported(this.classLoader)) {
			throw new InvalidConcordConfigurationException(
					"The nodes of the shardings " + connected.keySet() + " have a " + client.typeName()
							+ " each, and its libraries are not on the class path.",
					"Add the dependency '" + client.dependency() + "'.");
		}
		connected.forEach((name, sharding) -> check(client, name, sharding));
		boolean only = connected.size() == 1 && !hasOthers(registry, client, connected);
		connected.forEach((name, sharding) -> {
			sharding.getNodes().forEach((node, described) -> {
				if (client.bean(described) == null) {
					RootBeanDefinition definition = definition(client.nodeType(this.classLoader), client.factoryBean(),
							"node", name, node);
					definition.setDefaultCandidate(false);
					register(registry, nodeBean(client, name, node), definition, name + "." + node);
				}
			});
			RootBeanDefinition routing = definition(client.routingType(this.classLoader), client.factoryBean(),
					"routing", name);
			Boolean primary = sharding.getPrimary();
			if ((primary != null) ? primary : only) {
				routing.setPrimary(true);
			}
			else {
				routing.setDefaultCandidate(false);
			}
			register(registry, routingBean(client, name), routing, name);
		});
	}

	private static void check(ShardedClient client, String name, Distribution sharding) {
		Map<String, String> places = new HashMap<>();
		sharding.getNodes().forEach((node, described) -> {
			String property = ShardingProperties.PREFIX + "." + name + ".nodes." + node + ".";
			String bean = client.bean(described);
			String url = client.url(described);
			if ((bean == null) == (url == null)) {
				throw new InvalidConcordConfigurationException(
						"The node '%s' of sharding '%s' has %s.".formatted(node, name,
								(bean == null) ? "no " + client.typeName() + ", as others of its nodes have"
										: "both the bean '" + bean + "' and a URL of its own"),
						"Set either '%s' or '%s'.".formatted(property + client.beanProperty(),
								property + client.urlProperty()));
			}
			String place = (bean != null) ? "bean " + bean : "URL " + url;
			String other = places.put(place, node);
			if (other != null) {
				throw new InvalidConcordConfigurationException(
						"The nodes '%s' and '%s' of sharding '%s' are in the same place: they have the same %s."
							.formatted(other, node, name, (bean != null) ? place : "URL"),
						"Correct '%s'."
							.formatted(property + ((bean != null) ? client.beanProperty() : client.urlProperty())));
			}
		});
	}

	/**
	 * Returns whether the application has clients beside those of nodes, or wants Spring
	 * Boot to define one.
	 */
	private boolean hasOthers(BeanDefinitionRegistry registry, ShardedClient client,
			Map<String, Distribution> connected) {
		if (client.properties().stream().anyMatch(this.environment::containsProperty)) {
			return true;
		}
		ListableBeanFactory beans = (ListableBeanFactory) registry;
		Set<String> nodes = connected.values()
			.stream()
			.flatMap((sharding) -> sharding.getNodes().values().stream())
			.map((node) -> String.valueOf(client.bean(node)))
			.collect(Collectors.toSet());
		return client.otherTypes()
			.stream()
			.filter((type) -> ClassUtils.isPresent(type, this.classLoader))
			.map((type) -> ClassUtils.resolveClassName(type, this.classLoader))
			.flatMap((type) -> Arrays.stream(beans.getBeanNamesForType(type, true, false)))
			.anyMatch((bean) -> !nodes.contains(bean) && isOffered(registry, bean));
	}

	private static boolean isOffered(BeanDefinitionRegistry registry, String bean) {
		if (!registry.containsBeanDefinition(bean)) {
			return true;
		}
		BeanDefinition definition = registry.getBeanDefinition(bean);
		return definition.isAutowireCandidate()
				&& !(definition instanceof AbstractBeanDefinition some && !some.isDefaultCandidate());
	}

	private static RootBeanDefinition definition(Class<?> type, String factoryBean, String factoryMethod,
			String... arguments) {
		RootBeanDefinition definition = new RootBeanDefinition(type);
		definition.setFactoryBeanName(factoryBean);
		definition.setFactoryMethodName(factoryMethod);
		for (int i = 0; i < arguments.length; i++) {
			definition.getConstructorArgumentValues().addIndexedArgumentValue(i, arguments[i]);
		}
		definition.setDestroyMethodName(AbstractBeanDefinition.INFER_METHOD);
		return definition;
	}

	/** What the application defines itself stays. */
	private static void register(BeanDefinitionRegistry registry, String beanName, RootBeanDefinition definition,
			String qualifier) {
		if (!registry.containsBeanDefinition(beanName)) {
			definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, qualifier));
			registry.registerBeanDefinition(beanName, definition);
		}
	}

}
