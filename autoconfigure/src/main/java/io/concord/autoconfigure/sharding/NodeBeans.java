package io.concord.autoconfigure.sharding;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.autoconfigure.sharding.ShardingProperties.Distribution;

/**
 * Finds the clients of nodes, those of the application and those that were made of URLs.
 */
final class NodeBeans {

	private final ShardedClient client;

	private final ConfigurableListableBeanFactory beanFactory;

	NodeBeans(ShardedClient client, ConfigurableListableBeanFactory beanFactory) {
		this.client = client;
		this.beanFactory = beanFactory;
	}

	/**
	 * Returns the clients of all nodes, which are destroyed after what routes to them.
	 */
	<T> Map<String, T> of(String sharding, Distribution distribution, Class<T> type) {
		Map<String, T> beans = new LinkedHashMap<>();
		distribution.getNodes().forEach((node, described) -> {
			String named = this.client.bean(described);
			String bean = (named != null) ? named : ShardingBeans.nodeBean(this.client, sharding, node);
			if (!this.beanFactory.containsBean(bean) || !this.beanFactory.isTypeMatch(bean, type)) {
				throw InvalidConcordConfigurationException.ofProperty(
						ShardingProperties.PREFIX + "." + sharding + ".nodes." + node + "."
								+ this.client.beanProperty(),
						bean, "but the application has no " + this.client.typeName() + " bean of that name.",
						"Name one of these: " + new TreeSet<>(names(type)) + ".");
			}
			beans.put(node, this.beanFactory.getBean(bean, type));
			this.beanFactory.registerDependentBean(bean, ShardingBeans.routingBean(this.client, sharding));
		});
		return beans;
	}

	private List<String> names(Class<?> type) {
		return List.of(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beanFactory, type, true, false));
	}

}
