package io.concord.autoconfigure.lease;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.env.Environment;

import io.concord.autoconfigure.Backend;
import io.concord.autoconfigure.ConcordProperties;

/**
 * Chooses as the stores of leases are chosen.
 */
final class DefaultStoreClients implements StoreClients {

	private final ConcordProperties properties;

	private final ConfigurableListableBeanFactory beanFactory;

	private final Environment environment;

	private final BackendChoice choice;

	DefaultStoreClients(ConcordProperties properties, ConfigurableListableBeanFactory beanFactory,
			Environment environment) {
		this.properties = properties;
		this.beanFactory = beanFactory;
		this.environment = environment;
		this.choice = new BackendChoice(properties, beanFactory);
	}

	@Override
	public StoreClient choose(String feature, @Nullable Backend backend, String user) {
		Backend chosen = this.choice.choose(feature, backend);
		for (BackendClient client : BackendClient.values()) {
			if (client.backend() == chosen) {
				ClientBeans.Choice bean = this.choice.beans(client).choose();
				String namespace = Namespace.of(this.properties, this.environment);
				this.beanFactory.registerDependentBean(bean.name(), user);
				return new StoreClient(chosen, this.beanFactory.getBean(bean.name()), namespace,
						"backend %s (bean '%s', %s), namespace '%s'".formatted(client.value(), bean.name(),
								bean.reason(), namespace),
						client.dependency());
			}
		}
		return new StoreClient(chosen, null, Namespace.of(this.properties, this.environment),
				"backend local, which no other process sees", "");
	}

}
